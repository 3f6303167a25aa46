//! Typed input: whatever is wrong becomes a problem that names the field.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    error::PathError,
    http::{StatusCode, header},
    web,
};
use bytes::BytesMut;
use futures::StreamExt as _;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Problem;

/// Largest JSON body.
pub const JSON_LIMIT: usize = 2 << 20;
/// How long a body may take to come.
const SENDING: Duration = Duration::from_secs(30);
/// How much of a body that is too large is read and thrown away, so that the answer arrives.
pub const DRAIN_LIMIT: usize = 64 << 20;

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let body = read(payload, JSON_LIMIT).await?;
            if body.is_empty() {
                return parse(b"{}").map(Self);
            }
            if !is_json(&request) {
                return Err(unsupported("send application/json"));
            }
            parse(&body).map(Self)
        })
    }
}

/// Refuses the type of a body.
#[must_use]
pub fn unsupported(detail: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", detail)
}

/// Refuses the size of a body.
#[must_use]
pub fn too_large(limit: usize) -> Problem {
    let detail = format!("at most {limit} bytes are accepted");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", detail)
}

fn is_json(request: &HttpRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.ends_with("+json")
}

async fn read(payload: Payload, limit: usize) -> Result<BytesMut, Problem> {
    tokio::time::timeout(SENDING, read_all(payload, limit)).await.unwrap_or_else(|_| {
        let detail = format!("the body did not come within {} seconds", SENDING.as_secs());
        Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "BODY_INCOMPLETE", detail))
    })
}

async fn read_all(mut payload: Payload, limit: usize) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    let mut seen = 0;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            tracing::debug!(%error, "body broke off");
            Problem::new(StatusCode::BAD_REQUEST, "BODY_INCOMPLETE", "the body broke off")
        })?;
        seen += chunk.len();
        if seen <= limit {
            body.extend_from_slice(&chunk);
        } else if seen > DRAIN_LIMIT {
            break;
        }
    }
    if seen > limit { Err(too_large(limit)) } else { Ok(body) }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            // The place in the text helps nobody who sent fields.
            let text = inner.to_string();
            let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
            refuse(&path, text)
        } else {
            broken(&inner)
        }
    })?;
    json.end().map_err(|error| broken(&error))?;
    Ok(value)
}

fn broken(error: &serde_json::Error) -> Problem {
    let detail = format!("no JSON: line {}, column {}", error.line(), error.column());
    Problem::new(StatusCode::BAD_REQUEST, "BODY_NOT_JSON", detail)
}

/// Names the field that serde complains about.
fn refuse(path: &str, text: &str) -> Problem {
    let parent = path.trim_end_matches(['.', '?']);
    let quoted = |start: &str| text.strip_prefix(start)?.split('`').next();
    let (name, code, detail) = if let Some(name) = quoted("unknown field `") {
        (Some(name), "UNKNOWN_FIELD", "is not a field here".to_owned())
    } else if let Some(name) = quoted("missing field `") {
        (Some(name), "MISSING_FIELD", "is missing".to_owned())
    } else {
        (None, "INVALID_FIELD", text.to_owned())
    };
    let field = match name {
        Some(name) if parent.is_empty() || parent == name => name.to_owned(),
        Some(name) if parent.ends_with(&format!(".{name}")) => parent.to_owned(),
        Some(name) => format!("{parent}.{name}"),
        None => parent.to_owned(),
    };
    Problem::field(field, code, detail)
}

/// Parameters after the question mark.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(query(request.query_string()).map(Self))
    }
}

fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let (mut names, pairs) = (Vec::new(), form_pairs(text));
    for (name, value) in &pairs {
        if value.chars().any(char::is_control) {
            return Err(Problem::field(name, "INVALID_FIELD", "holds a control character"));
        }
        if names.contains(&name) {
            return Err(Problem::field(name, "DUPLICATE_FIELD", "is given twice"));
        }
        names.push(name);
    }
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), Text(value)));
    let source = serde::de::value::MapDeserializer::<_, serde::de::value::Error>::new(pairs);
    serde_path_to_error::deserialize(source).map_err(|error| {
        let path = error.path().to_string();
        refuse(&path, &error.into_inner().to_string())
    })
}

fn form_pairs(text: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(text).unwrap_or_default()
}

/// A parameter, read as whatever type is wanted.
#[derive(Clone, Copy)]
struct Text<'a>(&'a str);

impl<'de> serde::de::IntoDeserializer<'de, serde::de::value::Error> for Text<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident, $visit:ident, $kind:ty, $what:literal;)*) => {
        $(
            fn $method<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
                let value = self.0.parse::<$kind>();
                visitor.$visit(value.map_err(|_| serde::de::Error::custom(concat!("is no ", $what)))?)
            }
        )*
    };
}

impl<'de> serde::Deserializer<'de> for Text<'de> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: serde::de::Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: serde::de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(serde::de::value::BorrowedStrDeserializer::new(self.0))
    }

    /// Reads a list whose entries are separated by commas.
    fn deserialize_seq<V: serde::de::Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let entries = self.0.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        visitor.visit_seq(serde::de::value::SeqDeserializer::new(entries.map(Text)))
    }

    parsed! {
        deserialize_bool, visit_bool, bool, "true or false";
        deserialize_u32, visit_u32, u32, "whole number in range";
        deserialize_u64, visit_u64, u64, "whole number in range";
        deserialize_i64, visit_i64, i64, "whole number in range";
        deserialize_f64, visit_f64, f64, "number";
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u128 f32 char str string bytes byte_buf unit unit_struct
        tuple tuple_struct map struct identifier ignored_any
    }
}

/// Makes wrong parts of a path problems as well.
#[must_use]
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|error, request| {
        let field = wrong_part(&error, request).unwrap_or_else(|| "path".to_owned());
        let detail = "is not an identifier";
        Problem::new(StatusCode::BAD_REQUEST, "INVALID_ID", format!("{field} {detail}"))
            .with_error(field, "INVALID_ID", detail)
            .into()
    })
}

fn wrong_part(_: &PathError, request: &HttpRequest) -> Option<String> {
    let mut parts = request.match_info().iter();
    parts.find(|(_, value)| Uuid::try_parse(value).is_err()).map(|(name, _)| name.to_owned())
}

/// Reads a body and throws it away, so that the answer arrives.
pub async fn drain(payload: Payload) {
    if let Err(problem) = read(payload, 0).await {
        tracing::trace!(%problem, "threw a body away");
    }
}

impl From<Problem> for HttpResponse {
    fn from(problem: Problem) -> Self {
        actix_web::ResponseError::error_response(&problem)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        limit: Option<u32>,
        #[serde(default)]
        kinds: Vec<Kind>,
        id: Option<Uuid>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Red,
        Blue,
    }

    fn field(problem: &Problem) -> &str {
        &problem.errors[0].field
    }

    #[test]
    fn wrong_parameters_are_named() {
        let filter: Filter = query("limit=7&kinds=red,blue&id=").unwrap();
        assert_eq!((filter.limit, filter.id), (Some(7), None));
        assert_eq!(filter.kinds, [Kind::Red, Kind::Blue]);
        for (text, name) in [
            ("limit=x", "limit"),
            ("limit=-1", "limit"),
            ("colour=red", "colour"),
            ("id=7", "id"),
            ("limit=1&limit=2", "limit"),
            ("id=%00", "id"),
            ("kinds=red%0Ablue", "kinds"),
        ] {
            assert_eq!(field(&query::<Filter>(text).unwrap_err()), name);
        }
        let wrong = query::<Filter>("kinds=red,green").unwrap_err();
        assert!(field(&wrong).starts_with("kinds"), "{wrong:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn body_that_never_ends_is_given_up() {
        let begun = futures::stream::iter([Ok(bytes::Bytes::from_static(b"{"))]);
        let payload = begun.chain(futures::stream::pending()).boxed_local();
        let refused = read(Payload::Stream { payload }, JSON_LIMIT).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_ref()), (408, "BODY_INCOMPLETE"));
    }

    #[test]
    fn wrong_fields_of_a_body_are_named() {
        let wrong = |text: &str| parse::<Filter>(text.as_bytes()).unwrap_err();
        assert_eq!(field(&wrong(r#"{"limit":"x"}"#)), "limit");
        assert_eq!(field(&wrong(r#"{"colour":1}"#)), "colour");
        assert_eq!(field(&wrong(r#"{"kinds":["red","green"]}"#)), "kinds[1]");
        assert_eq!(wrong(r#"{"limit":"#).status, 400);
        assert_eq!(wrong(r"{} x").code, "BODY_NOT_JSON");
    }
}
