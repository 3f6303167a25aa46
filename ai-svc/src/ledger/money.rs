//! Amounts of money, exact to a millionth.

use std::str::FromStr;

use crate::providers::Usage;

const MICROS: u64 = 1_000_000;

/// An amount in millionths of a unit of currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(pub u64);

impl FromStr for Money {
    type Err = ();

    /// Reads a decimal number with at most six digits after the point.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
        if whole.is_empty() || rest.len() > 6 || !digits(whole) || !digits(rest) {
            return Err(());
        }
        let whole: u64 = whole.parse().map_err(|_| ())?;
        let rest: u64 = format!("{rest:0<6}").parse().map_err(|_| ())?;
        let micros = whole.checked_mul(MICROS).and_then(|micros| micros.checked_add(rest));
        micros.map(Self).ok_or(())
    }
}

/// What a million tokens cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    pub prompt: Money,
    pub completion: Money,
}

impl Price {
    /// Returns what a call costs, rounded up.
    #[must_use]
    pub fn of(self, usage: Usage) -> Money {
        let prompt = u128::from(usage.prompt_tokens) * u128::from(self.prompt.0);
        let completion = u128::from(usage.completion_tokens) * u128::from(self.completion.0);
        let micros = (prompt + completion).div_ceil(u128::from(MICROS));
        Money(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_exactly() {
        assert_eq!("2.5".parse(), Ok(Money(2_500_000)));
        assert_eq!("0.000001".parse(), Ok(Money(1)));
        assert_eq!("12".parse(), Ok(Money(12_000_000)));
        for wrong in ["", ".5", "-1", "1e3", "0.0000001", "99999999999999999999"] {
            assert_eq!(wrong.parse::<Money>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn cost_is_rounded_up() {
        let price = Price { prompt: Money(150_000), completion: Money(600_000) };
        let usage = Usage { prompt_tokens: 1_000, completion_tokens: 500 };
        assert_eq!(price.of(usage), Money(450));
        assert_eq!(price.of(Usage { prompt_tokens: 1, completion_tokens: 0 }), Money(1));
        assert_eq!(price.of(Usage::default()), Money(0));
    }
}
