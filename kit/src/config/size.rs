//! Sizes as operators write them.

use std::str::FromStr;

/// A number of bytes, written as `100MB` or `10485760`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// Says that a text is no size.
#[derive(Debug, thiserror::Error)]
#[error("is not a size such as 100MB")]
pub struct BadSize;

impl FromStr for Size {
    type Err = BadSize;

    fn from_str(text: &str) -> Result<Self, BadSize> {
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let number: u64 = number.parse().map_err(|_| BadSize)?;
        let factor: u64 = match unit.trim().to_ascii_uppercase().as_str() {
            "" | "B" => 1,
            "K" | "KB" | "KIB" => 1 << 10,
            "M" | "MB" | "MIB" => 1 << 20,
            "G" | "GB" | "GIB" => 1 << 30,
            _ => return Err(BadSize),
        };
        number.checked_mul(factor).map(Self).ok_or(BadSize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_the_manual_are_read() {
        let bytes = |text: &str| text.parse::<Size>().ok().map(|size| size.0);
        assert_eq!(bytes("100MB"), Some(104_857_600));
        assert_eq!(bytes("10485760"), Some(10_485_760));
        assert_eq!(bytes("1 gb"), Some(1_073_741_824));
        assert_eq!(bytes("MB"), None);
        assert_eq!(bytes("-1"), None);
        assert_eq!(bytes("99999999999GB"), None);
    }
}
