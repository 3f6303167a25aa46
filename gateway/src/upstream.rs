//! The services behind the gateway: one channel each.

use std::time::Duration;

use kit::{
    config::Common,
    grpc::{ChannelConfig, Client, MAX_MESSAGE, channel},
};
use proto::{
    ai::v1::{
        analysis_service_client::AnalysisServiceClient, status_service_client::StatusServiceClient,
        text_service_client::TextServiceClient,
    },
    auth::v1::{
        organization_service_client::OrganizationServiceClient,
        session_service_client::SessionServiceClient, user_service_client::UserServiceClient,
    },
    export::v1::export_service_client::ExportServiceClient,
    learning::v1::{
        class_service_client::ClassServiceClient,
        mistake_import_service_client::MistakeImportServiceClient,
        mistake_service_client::MistakeServiceClient, review_service_client::ReviewServiceClient,
        roster_import_service_client::RosterImportServiceClient,
        statistics_service_client::StatisticsServiceClient,
        student_service_client::StudentServiceClient,
    },
};

use crate::config::Config;

/// How long reading or committing a spreadsheet may take.
pub const LONG: Duration = Duration::from_mins(2);

/// How long a model may take to look at a text.
pub const MODEL: Duration = Duration::from_mins(1);

/// Calls the services.
#[derive(Clone, Debug)]
pub struct Upstream {
    auth: Client,
    learning: Client,
    ai: Client,
    export: Client,
}

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $client:ident of $channel:ident,)*) => {
        impl Upstream {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> $client<Client> {
                    $client::new(self.$channel.clone())
                        .max_decoding_message_size(MAX_MESSAGE)
                        .max_encoding_message_size(MAX_MESSAGE)
                }
            )*
        }
    };
}

clients! {
    /// Calls sessions.
    sessions: SessionServiceClient of auth,
    /// Calls accounts.
    users: UserServiceClient of auth,
    /// Calls organizations.
    organizations: OrganizationServiceClient of auth,
    /// Calls classes.
    classes: ClassServiceClient of learning,
    /// Calls students.
    students: StudentServiceClient of learning,
    /// Calls mistakes.
    mistakes: MistakeServiceClient of learning,
    /// Calls reviews.
    reviews: ReviewServiceClient of learning,
    /// Calls statistics.
    statistics: StatisticsServiceClient of learning,
    /// Calls roster imports.
    roster_imports: RosterImportServiceClient of learning,
    /// Calls mistake imports.
    mistake_imports: MistakeImportServiceClient of learning,
    /// Calls the exports.
    exports: ExportServiceClient of export,
    /// Calls the analysis, for the taxonomy.
    analysis: AnalysisServiceClient of ai,
    /// Calls the text checks.
    texts: TextServiceClient of ai,
    /// Calls status and usage of the models.
    ai_status: StatusServiceClient of ai,
}

impl Upstream {
    /// Opens the channels; must be called within a runtime that outlives them.
    pub fn connect(common: &Common, config: &Config) -> anyhow::Result<Self> {
        let open = |url: &str| channel(url, ChannelConfig::of(common), common.caller_key.clone());
        Ok(Self {
            auth: open(&config.auth_url)?,
            learning: open(&config.learning_url)?,
            ai: open(&config.ai_url)?,
            export: open(&config.export_url)?,
        })
    }

    /// Opens channels for a thread with a runtime of its own.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            auth: self.auth.apart(),
            learning: self.learning.apart(),
            ai: self.ai.apart(),
            export: self.export.apart(),
        }
    }

    /// Returns every service with its name.
    #[must_use]
    pub fn services(&self) -> [(&'static str, &Client); 4] {
        [
            ("auth-svc", &self.auth),
            ("learning-svc", &self.learning),
            ("ai-svc", &self.ai),
            ("export-svc", &self.export),
        ]
    }
}

/// Wraps a message whose call may take [`LONG`].
pub fn long<T>(message: T) -> tonic::Request<T> {
    within(message, LONG)
}

/// Wraps a message whose call may take `limit`.
pub fn within<T>(message: T, limit: Duration) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(limit);
    request
}
