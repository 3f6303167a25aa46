//! A whole gateway in this process, on a port of its own.

use std::{net::TcpListener, time::Duration};

use chrono::Utc;
use gateway::{
    app::{self, State},
    config::Config,
    upstream::Upstream,
    web_client::WebClient,
};
use kit::{
    access_token::{AccessClaims, AccessKey},
    caller::Role,
    config::{Common, Env},
    redis::Cache,
    testing,
};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::script::Script;

pub struct Gateway {
    pub base: String,
    pub script: Script,
    pub client: Client,
    pub claims: AccessClaims,
    pub cache: Cache,
    common: Common,
    stop: CancellationToken,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Gateway {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts with `variables` beside the usual ones; only learning-svc is there.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self::over(variables, "http://127.0.0.1:9", testing::redis().await).await
    }

    /// Starts with all services there.
    pub async fn whole() -> Self {
        Self::over(&[], "", testing::redis().await).await
    }

    /// Starts with all services there, but no Redis.
    pub async fn without_redis() -> Self {
        Self::over(&[], "", Cache::absent()).await
    }

    /// Starts with services other than learning-svc at `others`, where that is not empty.
    async fn over(variables: &[(&str, &str)], others: &str, cache: Cache) -> Self {
        let common = testing::common("gateway");
        let (script, learning) = Script::start(&common).await;
        let others = if others.is_empty() { learning.as_str() } else { others };
        let mut pairs = vec![
            ("LEARNING_SVC_URL", learning.as_str()),
            ("AUTH_SVC_URL", others),
            ("AI_SVC_URL", others),
            ("EXPORT_SVC_URL", others),
        ];
        pairs.extend_from_slice(variables);
        let config = Config::read(&mut Env::from_pairs(pairs)).unwrap();
        let files = config.web_root.as_deref().map(WebClient::read).transpose().unwrap();
        let upstream = Upstream::connect(&common, &config).unwrap();
        // As auth-svc says again and again.
        cache.set_flag(&cache.revocations_mark(), Duration::from_mins(10)).await;
        let stop = CancellationToken::new();
        let state = State::new(&common, config, files, upstream, cache.clone(), stop.clone());
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(app::serve(listener, state))
        });
        let now = Utc::now().timestamp();
        let claims = AccessClaims {
            sub: Uuid::now_v7(),
            sid: Uuid::now_v7(),
            role: Role::Teacher,
            org: Uuid::now_v7(),
            iat: now,
            exp: now + 600,
            jti: Uuid::now_v7(),
        };
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let gateway = Self { base, script, client, claims, cache, common, stop };
        gateway.until_ready().await;
        gateway
    }

    async fn until_ready(&self) {
        for _ in 0..200 {
            let answer = self.client.get(format!("{}/health/ready", self.base)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        unreachable!("the gateway does not answer");
    }

    pub fn token(&self, claims: &AccessClaims) -> String {
        AccessKey::new(&self.common.jwt_secret).sign(claims).unwrap()
    }

    /// Starts a request of the signed-in teacher.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1{path}", self.base);
        self.client.request(method, url).bearer_auth(self.token(&self.claims))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }
}

/// Returns the value of a header, empty when it is missing.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// Returns the body of a refusal.
pub async fn problem(response: Response) -> Value {
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    let status = response.status().as_u16();
    let id = header(&response, "x-request-id").to_owned();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["request_id"], id, "the body names the request as the header does");
    body
}
