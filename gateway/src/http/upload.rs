//! One uploaded file with the class that it belongs to.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web::Data,
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Problem,
    extract::{DRAIN_LIMIT, too_large, unsupported},
};
use crate::app::State;

/// Longest text field of the form, in bytes.
const LONGEST_TEXT: usize = 256;
/// How long a file may take to come, in which it has its turn.
const SENDING: Duration = Duration::from_mins(2);
/// How long a file waits for its turn to be held in memory.
const TURN: Duration = Duration::from_secs(5);
/// Longest name of a file, in characters.
const LONGEST_NAME: usize = 255;

/// A file and its class, out of a multipart form.
#[derive(Debug)]
pub struct Upload {
    pub class_id: Uuid,
    pub file_name: String,
    pub content: Bytes,
    /// Held for as long as the file is.
    _turn: OwnedSemaphorePermit,
}

/// The form that an upload is sent in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form")]
pub struct UploadForm {
    class_id: Uuid,
    /// A spreadsheet: .xlsx, or .csv in UTF-8 or GB18030.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = request.app_data::<Data<State>>().cloned();
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form = kind.to_ascii_lowercase().starts_with("multipart/form-data");
        let form = Multipart::new(request.headers(), payload.take());
        Box::pin(async move {
            let state = state.ok_or_else(|| Problem::unavailable("UNKNOWN_ORIGIN"))?;
            if !is_form {
                return Err(unsupported("send multipart/form-data"));
            }
            let turn = tokio::time::timeout(TURN, Arc::clone(&state.uploads).acquire_owned()).await;
            let Ok(Ok(turn)) = turn else {
                return Err(Problem::unavailable("TOO_MANY_UPLOADS"));
            };
            let read = tokio::time::timeout(SENDING, read(form, state.config.max_upload, turn));
            read.await.unwrap_or_else(|_| Err(slow()))
        })
    }
}

async fn read(
    mut form: Multipart,
    limit: usize,
    turn: OwnedSemaphorePermit,
) -> Result<Upload, Problem> {
    let (mut class, mut file) = (None, None);
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let name = field.name().unwrap_or_default().to_owned();
        let is_known = match name.as_str() {
            "class_id" if class.is_none() => {
                class = Some(class_id(&mut field).await?);
                true
            }
            "file" if file.is_none() => {
                let name = file_name(&field)?;
                file = Some((name, content(&mut field, limit).await?));
                true
            }
            _ => false,
        };
        if !is_known {
            let code = if matches!(name.as_str(), "class_id" | "file") {
                "DUPLICATE_FIELD"
            } else {
                "UNKNOWN_FIELD"
            };
            return Err(Problem::field(name, code, "is not a field here"));
        }
    }
    let missing = |name: &str| Problem::field(name, "MISSING_FIELD", "is missing");
    let class_id = class.ok_or_else(|| missing("class_id"))?;
    let (file_name, content) = file.ok_or_else(|| missing("file"))?;
    Ok(Upload { class_id, file_name, content, _turn: turn })
}

async fn class_id(field: &mut Field) -> Result<Uuid, Problem> {
    let text = content(field, LONGEST_TEXT).await?;
    let text = std::str::from_utf8(&text).unwrap_or_default().trim();
    Uuid::try_parse(text)
        .map_err(|_| Problem::field("class_id", "INVALID_ID", "is not an identifier"))
}

fn file_name(field: &Field) -> Result<String, Problem> {
    let name = field.content_disposition().and_then(|about| about.get_filename());
    // A browser of old sends its whole path.
    let name = name.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Problem::field("file", "INVALID_FILE_NAME", "must be a file with a name"));
    }
    if name.chars().count() > LONGEST_NAME {
        let detail = format!("has a name of more than {LONGEST_NAME} characters");
        return Err(Problem::field("file", "INVALID_FILE_NAME", detail));
    }
    Ok(name.to_owned())
}

/// Reads a field; one that is too large is read on for a while, so that the answer arrives.
async fn content(field: &mut Field, limit: usize) -> Result<Bytes, Problem> {
    let mut content = BytesMut::new();
    let mut seen = 0;
    while let Some(part) = field.next().await {
        let part = part.map_err(broken)?;
        seen += part.len();
        if seen <= limit {
            content.extend_from_slice(&part);
        } else if seen > DRAIN_LIMIT {
            break;
        }
    }
    if seen > limit { Err(too_large(limit)) } else { Ok(content.freeze()) }
}

fn slow() -> Problem {
    let status = StatusCode::REQUEST_TIMEOUT;
    Problem::new(status, "BODY_INCOMPLETE", "the file was not there within two minutes")
}

fn broken(error: MultipartError) -> Problem {
    tracing::debug!(%error, "form cannot be read");
    Problem::new(StatusCode::BAD_REQUEST, "FORM_INVALID", "the form cannot be read")
}
