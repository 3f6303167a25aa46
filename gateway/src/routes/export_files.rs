//! Finished documents, streamed.

use std::io;

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    get,
    http::{StatusCode, header},
    web::{Data, Path},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use proto::export::v1 as pb;
use tonic::Streaming;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Answer, present};
use crate::{
    app::State,
    http::{Problem, answer::attachment},
    session::Signed,
};

pub(super) fn mount(config: &mut ServiceConfig) {
    config.service(download_file);
}

/// Bytes of a file that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    first: u64,
    /// Inclusive.
    last: Option<u64>,
}

/// Reads a Range header; `None` when the whole file shall be sent (RFC 9110, 14.2).
fn wanted(range: &str) -> Option<Wanted> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.trim().parse().ok()?;
    let last = match last.trim() {
        "" => None,
        last => Some(last.parse().ok()?),
    };
    if last.is_some_and(|last| last < first) {
        return None;
    }
    Some(Wanted { first, last })
}

/// Names the very content: a task whose file is gone can be done again, and makes another file.
fn tag(task: Uuid, size: u64, made_at: Option<prost_types::Timestamp>) -> String {
    let prost_types::Timestamp { seconds, nanos } = made_at.unwrap_or_default();
    format!("\"{task}-{size}-{seconds}.{nanos:09}\"")
}

fn tag_of(task: Uuid, info: &pb::FileInfo) -> String {
    tag(task, info.size_bytes, info.made_at)
}

/// Returns the finished file. A download that broke off can be continued by `Range`.
#[utoipa::path(
    tag = "exports",
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 206, description = "The rest of it", content_type = "application/octet-stream"),
        (status = 416, description = "The file is shorter"),
    ),
)]
#[get("/exports/tasks/{id}/file")]
async fn download_file(
    state: Data<State>,
    _: Signed,
    id: Path<Uuid>,
    request: HttpRequest,
) -> Answer {
    let id = id.into_inner();
    let read = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let Some(range) = read(header::RANGE).and_then(wanted) else {
        return whole(&state, id).await;
    };
    let message = pb::GetTaskRequest { task_id: id.to_string() };
    let task = state.upstream.exports().get_task(message).await?.into_inner().task;
    let task = present(task)?;
    let size = task.file_size_bytes;
    let tag = tag(id, size, task.finished_at);
    let is_same = read(header::IF_RANGE).is_none_or(|known| known == tag);
    // A size of 0 is a file that is not there: the service says why.
    if !is_same || size == 0 {
        return whole(&state, id).await;
    }
    if range.first >= size {
        let status = StatusCode::RANGE_NOT_SATISFIABLE;
        let problem = Problem::new(status, "RANGE_NOT_SATISFIABLE", "the file is shorter");
        let mut response = HttpResponse::from(problem);
        if let Ok(value) = format!("bytes */{size}").parse() {
            response.headers_mut().insert(header::CONTENT_RANGE, value);
        }
        return Ok(response);
    }
    let (info, content) = open(&state, id, range.first).await?;
    if tag_of(id, &info) != tag {
        // It was made again since the task was read.
        return whole(&state, id).await;
    }
    let last = range.last.unwrap_or(u64::MAX).min(size - 1);
    let mut response = HttpResponse::PartialContent();
    let place = format!("bytes {}-{last}/{size}", range.first);
    response.insert_header((header::CONTENT_RANGE, place));
    Ok(send(&mut response, id, &info, last - range.first + 1, content))
}

async fn whole(state: &State, id: Uuid) -> Answer {
    let (info, content) = open(state, id, 0).await?;
    let mut response = HttpResponse::Ok();
    Ok(send(&mut response, id, &info, info.size_bytes, content))
}

type Parts = Streaming<pb::DownloadFileResponse>;

/// Asks for the file and waits for its first part, which says what it is.
async fn open(
    state: &State,
    task: Uuid,
    offset: u64,
) -> Result<(pb::FileInfo, impl Stream<Item = io::Result<Bytes>> + use<>), Problem> {
    let message = pb::DownloadFileRequest { task_id: task.to_string(), offset };
    let mut parts: Parts = state.upstream.exports().download_file(message).await?.into_inner();
    let first = present(parts.message().await?)?;
    let rest = parts.map(|part| match part {
        Ok(part) => Ok(part.chunk),
        Err(status) => {
            tracing::warn!(code = %status.code(), "a file broke off");
            Err(io::Error::other("the file broke off"))
        }
    });
    let content = stream::once(async move { Ok(first.chunk) }).chain(rest);
    Ok((
        present(first.info)?,
        content.filter(|part| {
            let is_empty = part.as_ref().is_ok_and(Bytes::is_empty);
            async move { !is_empty }
        }),
    ))
}

fn send(
    response: &mut actix_web::HttpResponseBuilder,
    task: Uuid,
    info: &pb::FileInfo,
    length: u64,
    content: impl Stream<Item = io::Result<Bytes>> + 'static,
) -> HttpResponse {
    response
        .content_type(info.content_type.as_str())
        .insert_header(attachment(&info.file_name))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::ETAG, tag_of(task, info)))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .body(SizedStream::new(length, bounded(content.boxed_local(), length)))
}

/// Ends a stream after `left` bytes.
fn bounded(
    content: stream::LocalBoxStream<'static, io::Result<Bytes>>,
    left: u64,
) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold((content, left), |(mut content, left)| async move {
        if left == 0 {
            return None;
        }
        match content.next().await? {
            Ok(mut part) => {
                part.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left.saturating_sub(part.len() as u64);
                Some((Ok(part), (content, left)))
            }
            Err(error) => Some((Err(error), (content, 0))),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_range_from_a_place_on_is_cut() {
        assert_eq!(wanted("bytes=7-"), Some(Wanted { first: 7, last: None }));
        assert_eq!(wanted("bytes=7-9"), Some(Wanted { first: 7, last: Some(9) }));
        for whole in ["bytes=-5", "bytes=0-1,3-4", "lines=1-2", "bytes=9-7", "bytes=x-"] {
            assert_eq!(wanted(whole), None, "{whole}");
        }
    }
}
