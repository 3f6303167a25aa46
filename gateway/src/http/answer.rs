//! Successful answers.

use std::fmt::Write as _;

use actix_web::{HttpResponse, http::header};
use serde::Serialize;

/// Answers with a body.
pub fn ok(body: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(body)
}

/// Answers with what was created.
pub fn created(body: impl Serialize) -> HttpResponse {
    HttpResponse::Created().json(body)
}

/// Answers that it is done.
#[must_use]
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Returns a Content-Disposition that keeps a Chinese file name (RFC 6266, RFC 5987).
#[must_use]
pub fn attachment(file_name: &str) -> (header::HeaderName, String) {
    let plain: String = file_name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' })
        .collect();
    let mut encoded = String::new();
    for byte in file_name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    (header::CONTENT_DISPOSITION, value)
}

/// Answers with a small file.
pub fn file(file_name: &str, content_type: &str, content: bytes::Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(attachment(file_name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(content)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_chinese_file_name_survives_and_nothing_escapes_its_quotes() {
        let (_, value) = super::attachment("错\"题.pdf");
        assert_eq!(
            value,
            "attachment; filename=\"___.pdf\"; filename*=UTF-8''%E9%94%99%22%E9%A2%98.pdf"
        );
    }
}
