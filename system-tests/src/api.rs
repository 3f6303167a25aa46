//! A client of the HTTP API.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::HeaderMap,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

/// A client with or without a session.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client,
    base: String,
    token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns the body as JSON, null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Returns the JSON body of a success.
    ///
    /// # Errors
    ///
    /// Fails with the whole answer when the status is not 2xx.
    pub fn expect(self) -> anyhow::Result<Value> {
        ensure!(
            self.status.is_success(),
            "answered {}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        Ok(self.json())
    }

    /// Returns the stable code of a problem, empty when there is none.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Api {
    /// Returns a client without a session.
    ///
    /// # Errors
    ///
    /// Fails when no client can be built.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        Ok(Self::over(Client::builder().timeout(Duration::from_mins(1)).build()?, base))
    }

    /// Returns a client without a session that talks by `client`.
    #[must_use]
    pub fn over(client: Client, base: &str) -> Self {
        Self { client, base: format!("{base}/api/v1"), token: None }
    }

    /// Returns the same client with the session of `login`.
    ///
    /// # Errors
    ///
    /// Fails when the login is refused.
    pub async fn sign_in(&self, login: &str, password: &str) -> anyhow::Result<Self> {
        let session = self
            .post("/auth/login", json!({ "login": login, "password": password }))
            .await?
            .expect()?;
        self.with_session(&session)
    }

    /// Returns the same client with the session in the answer of a login or registration.
    ///
    /// # Errors
    ///
    /// Fails when there is no access token in it.
    pub fn with_session(&self, session: &Value) -> anyhow::Result<Self> {
        let token = session["access_token"].as_str().context("access_token")?;
        Ok(Self { token: Some(token.to_owned()), ..self.clone() })
    }

    /// Returns the same client with `token` as it is.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Returns the access token of the session.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Starts a request with the session.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    ///
    /// Fails when the gateway cannot be reached.
    pub async fn send(&self, request: RequestBuilder) -> anyhow::Result<Answer> {
        let response = request.send().await?;
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }

    /// Gets `path`.
    ///
    /// # Errors
    ///
    /// Fails when the gateway cannot be reached.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts `body` to `path`.
    ///
    /// # Errors
    ///
    /// Fails when the gateway cannot be reached.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// Posts `body` with an idempotency key.
    ///
    /// # Errors
    ///
    /// Fails when the gateway cannot be reached.
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> anyhow::Result<Answer> {
        let request = self.request(Method::POST, path).header("Idempotency-Key", key);
        self.send(request.json(body)).await
    }

    /// Patches `path` with `body`.
    ///
    /// # Errors
    ///
    /// Fails when the gateway cannot be reached.
    pub async fn patch(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// Deletes `path`.
    ///
    /// # Errors
    ///
    /// Fails when the gateway cannot be reached.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Uploads one spreadsheet for a class.
    ///
    /// # Errors
    ///
    /// Fails when the gateway cannot be reached.
    pub async fn upload(
        &self,
        path: &str,
        class: &str,
        file_name: &str,
        content: Vec<u8>,
    ) -> anyhow::Result<Answer> {
        let file = Part::bytes(content).file_name(file_name.to_owned());
        let form = Form::new().text("class_id", class.to_owned()).part("file", file);
        self.send(self.request(Method::POST, path).multipart(form)).await
    }

    /// Collects all pages of a list.
    ///
    /// # Errors
    ///
    /// Fails when a page is refused.
    pub async fn all(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("{path}{separator}limit=100{cursor}");
            let page = self.get(&page).await?.expect()?;
            items.extend(page["items"].as_array().context("items")?.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) if !next.is_empty() => cursor = format!("&cursor={next}"),
                _ => return Ok(items),
            }
        }
    }
}
