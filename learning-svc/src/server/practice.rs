//! Everything around mistakes, put together for one process.

use kit::{
    clock::SharedClock,
    config::CacheTtls,
    db::{Pool, Reads},
    grpc::{MAX_MESSAGE, Server},
    redis::Cache,
    steady::steadily,
};
use proto::learning::v1::{
    mistake_import_service_server::MistakeImportServiceServer,
    mistake_service_server::MistakeServiceServer, notebook_service_server::NotebookServiceServer,
    review_service_server::ReviewServiceServer, statistics_service_server::StatisticsServiceServer,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{MistakeImportServer, MistakeServer, NotebookServer, ReviewServer, StatisticsServer};
use crate::{
    analysis::{self, Analyst, Bell, Pauses},
    mistake::{self, Mistakes},
    mistake_import::MistakeImports,
    notebook::Notebooks,
    review::{Reviews, Scheduler, SchoolDays},
    statistics::{Remembered, Statistics},
    upstream::{Ai, Auth},
};

/// The use cases around mistakes and their background work.
#[derive(Clone)]
pub struct Practice {
    pub mistakes: Mistakes,
    pub reviews: Reviews,
    pub statistics: Statistics,
    pub notebooks: Notebooks,
    pub imports: MistakeImports,
    pub analyst: Analyst,
}

impl Practice {
    /// Wires everything together.
    #[must_use]
    pub fn new(
        (pool, reads): (&Pool, &Reads),
        clock: &SharedClock,
        days: SchoolDays,
        (ai, auth): (&Ai, &Auth),
        (cache, ttl): (&Cache, CacheTtls),
    ) -> Self {
        let both = || (pool.clone(), reads.clone());
        let (pool, clock) = (|| pool.clone(), || clock.clone());
        let figures = Remembered::new(cache.clone(), ttl);
        let bell = Bell::default();
        let analyst = Analyst {
            pool: pool(),
            clock: clock(),
            ai: ai.clone(),
            figures: figures.clone(),
            bell: bell.clone(),
            pauses: Pauses::default(),
        };
        let scheduler = Scheduler::new(days);
        Self {
            mistakes: Mistakes::new(
                both(),
                clock(),
                (ai.clone(), auth.clone()),
                figures.clone(),
                bell.clone(),
            ),
            reviews: Reviews::new(pool(), clock(), scheduler, figures.clone()),
            statistics: Statistics::new(both(), clock(), days, figures.clone()),
            notebooks: Notebooks::new(both(), clock(), ai.clone(), figures.clone()),
            imports: MistakeImports::new(pool(), clock(), days, (cache.clone(), figures), bell),
            analyst,
        }
    }

    /// Starts `workers` background workers and the sweeper of deleted mistakes, until `stop`.
    pub fn start(&self, workers: usize, tracker: &TaskTracker, stop: &CancellationToken) {
        analysis::start(&self.analyst, workers, tracker, stop);
        let (analyst, until) = (self.analyst.clone(), stop.clone());
        let measure = move || analysis::measure(analyst.clone(), until.clone());
        tracker.spawn(steadily("job metrics", stop.clone(), measure));
        let (pool, clock) = (self.analyst.pool.clone(), self.analyst.clock.clone());
        let until = stop.clone();
        let sweep = move || mistake::sweep(pool.clone(), clock.clone(), until.clone());
        tracker.spawn(steadily("mistake sweep", stop.clone(), sweep));
    }

    /// Adds the services to a server.
    #[must_use]
    pub fn serve(self, server: Server) -> Server {
        let mistakes = MistakeServiceServer::new(MistakeServer::new(self.mistakes));
        let reviews = ReviewServiceServer::new(ReviewServer::new(self.reviews));
        let statistics = StatisticsServiceServer::new(StatisticsServer::new(self.statistics));
        let notebooks = NotebookServiceServer::new(NotebookServer::new(self.notebooks));
        let imports = MistakeImportServiceServer::new(MistakeImportServer::new(self.imports));
        server
            .add(mistakes.max_decoding_message_size(MAX_MESSAGE))
            .add(reviews)
            .add(statistics)
            .add(imports.max_decoding_message_size(MAX_MESSAGE))
            .add(notebooks.max_encoding_message_size(MAX_MESSAGE))
    }
}
