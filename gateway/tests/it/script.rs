//! Services that answer every call as the test has said.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{future::BoxFuture, stream};
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt as _, StreamBody};
use kit::{config::Common, grpc, health::Health};
use prost::Message;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body, server::NamedService};

/// Length of what stands before a message: a flag and its length.
const PREFIX: usize = 5;

/// Answers for the services below.
#[derive(Clone)]
pub struct Script(Arc<Mutex<State>>);

struct State {
    otherwise: Status,
    /// Framed messages by method.
    answers: HashMap<&'static str, Bytes>,
    /// The last call of each method.
    asked: HashMap<String, (http::HeaderMap, Bytes)>,
}

macro_rules! services {
    ($($name:ident = $path:literal,)*) => {
        $(
            #[derive(Clone)]
            struct $name(Script);

            impl NamedService for $name {
                const NAME: &'static str = $path;
            }

            impl tower::Service<http::Request<Body>> for $name {
                type Response = http::Response<Body>;
                type Error = Infallible;
                type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

                fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                    Poll::Ready(Ok(()))
                }

                fn call(&mut self, request: http::Request<Body>) -> Self::Future {
                    let script = self.0.clone();
                    Box::pin(async move { Ok(script.reply(request).await) })
                }
            }
        )*

        fn serve(server: grpc::Server, script: &Script) -> grpc::Server {
            server$(.add($name(script.clone())))*
        }
    };
}

services! {
    Sessions = "ai_english.auth.v1.SessionService",
    Users = "ai_english.auth.v1.UserService",
    Organizations = "ai_english.auth.v1.OrganizationService",
    Classes = "ai_english.learning.v1.ClassService",
    Students = "ai_english.learning.v1.StudentService",
    Mistakes = "ai_english.learning.v1.MistakeService",
    Reviews = "ai_english.learning.v1.ReviewService",
    Statistics = "ai_english.learning.v1.StatisticsService",
    Rosters = "ai_english.learning.v1.RosterImportService",
    MistakeImports = "ai_english.learning.v1.MistakeImportService",
    Exports = "ai_english.export.v1.ExportService",
    Analyses = "ai_english.ai.v1.AnalysisService",
    Texts = "ai_english.ai.v1.TextService",
    Models = "ai_english.ai.v1.StatusService",
}

impl Script {
    /// Starts the services and returns them with their address.
    pub async fn start(common: &Common) -> (Self, String) {
        let script = Self(Arc::new(Mutex::new(State {
            otherwise: Status::unknown("not set"),
            answers: HashMap::new(),
            asked: HashMap::new(),
        })));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = serve(grpc::Server::new(common, Health::new("1.0.0")), &script);
        tokio::spawn(server.serve_on(listener, CancellationToken::new()));
        (script, address)
    }

    /// Sets the next answers of all methods that have no message.
    pub fn set(&self, status: Status) {
        self.0.lock().unwrap().otherwise = status;
    }

    /// Sets the message that a method answers; a stream ends after it.
    pub fn answer(&self, method: &'static str, message: &impl Message) {
        let message = message.encode_to_vec();
        let mut framed = BytesMut::new();
        framed.put_u8(0);
        framed.put_u32(message.len().try_into().unwrap());
        framed.extend_from_slice(&message);
        self.0.lock().unwrap().answers.insert(method, framed.freeze());
    }

    /// Returns the last message that was sent to a method.
    pub fn asked<M: Message + Default>(&self, method: &str) -> M {
        let state = self.0.lock().unwrap();
        let (_, message) = state.asked.get(method).expect("the method was called");
        M::decode(message.slice(PREFIX..)).unwrap()
    }

    /// Returns a header of the last call of a method.
    pub fn sent(&self, method: &str, header: &str) -> Option<String> {
        let state = self.0.lock().unwrap();
        let value = state.asked.get(method)?.0.get(header)?;
        Some(value.to_str().unwrap().to_owned())
    }

    async fn reply(&self, request: http::Request<Body>) -> http::Response<Body> {
        let (head, body) = request.into_parts();
        let method = head.uri.path().rsplit('/').next().unwrap().to_owned();
        let message = body.collect().await.unwrap().to_bytes();
        let mut state = self.0.lock().unwrap();
        let answer = state.answers.get(method.as_str()).cloned();
        state.asked.insert(method, (head.headers, message));
        let Some(answer) = answer else {
            return state.otherwise.clone().into_http();
        };
        let trailers = HeaderMap::from_iter([(
            http::HeaderName::from_static("grpc-status"),
            HeaderValue::from_static("0"),
        )]);
        let frames = [http_body::Frame::data(answer), http_body::Frame::trailers(trailers)];
        let body = StreamBody::new(stream::iter(frames.map(Ok::<_, Status>)));
        let mut response = http::Response::new(Body::new(body));
        let kind = HeaderValue::from_static("application/grpc");
        response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
        response
    }
}
