//! An ai-svc that answers as a test says.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use kit::caller::Caller;
use proto::ai::v1::{
    self as pb,
    analysis_service_server::{AnalysisService, AnalysisServiceServer},
    vector_service_server::{VectorService, VectorServiceServer},
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// What the service answers, to be changed while it runs.
#[derive(Default)]
pub struct Script {
    pub away: AtomicBool,
    /// Analyses wait until this is off.
    pub slow: AtomicBool,
    /// Indexing waits until this is off; whoever asked for it may go meanwhile.
    pub slow_index: AtomicBool,
    /// Forgetting takes longer than anybody waits.
    pub slow_forget: AtomicBool,
    /// How long forgetting may take, as asked last.
    pub forget_limit: Mutex<Option<String>>,
    /// Analyses come from a model.
    pub model: AtomicBool,
    /// Mistakes whose question contains this are refused.
    pub refused: Mutex<Option<&'static str>>,
    /// Calls that asked for an analysis.
    pub calls: AtomicUsize,
    /// Ids of mistakes that were analysed, by call.
    pub batches: Mutex<Vec<Vec<String>>>,
    /// Calls that wanted no answer that was given before, with how many mistakes.
    pub fresh: Mutex<Vec<usize>>,
    /// What was asked about last.
    pub asked: Mutex<Option<pb::MistakeToAnalyse>>,
    /// In whose name analyses were asked for.
    pub callers: Mutex<Vec<Caller>>,
    /// What is findable: owner and text.
    pub items: Mutex<BTreeMap<String, (String, String)>>,
}

impl Script {
    /// Serves the script and returns its address.
    pub async fn serve(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tonic::transport::Server::builder()
            .add_service(AnalysisServiceServer::new(Scripted(Arc::clone(self))))
            .add_service(VectorServiceServer::new(Scripted(Arc::clone(self))))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(server);
        url
    }

    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub fn indexed(&self) -> usize {
        self.items.lock().unwrap().len()
    }

    fn there(&self) -> Result<(), Status> {
        if self.away.load(Ordering::SeqCst) { Err(Status::unavailable("away")) } else { Ok(()) }
    }
}

struct Scripted(Arc<Script>);

#[tonic::async_trait]
impl AnalysisService for Scripted {
    async fn analyse_mistakes(
        &self,
        request: Request<pb::AnalyseMistakesRequest>,
    ) -> Result<Response<pb::AnalyseMistakesResponse>, Status> {
        self.0.there()?;
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        while self.0.slow.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let token = request.metadata().get(kit::caller::METADATA).unwrap().to_str().unwrap();
        let key = kit::testing::common("learning-svc").caller_key;
        let caller = key.verify(token).unwrap().unwrap();
        self.0.callers.lock().unwrap().push(caller);
        let pb::AnalyseMistakesRequest { mistakes, fresh, .. } = request.into_inner();
        if let Some(word) = *self.0.refused.lock().unwrap()
            && mistakes.iter().any(|mistake| mistake.question.contains(word))
        {
            return Err(Status::invalid_argument("question"));
        }
        if fresh {
            self.0.fresh.lock().unwrap().push(mistakes.len());
        }
        *self.0.asked.lock().unwrap() = mistakes.last().cloned();
        let source =
            if self.0.model.load(Ordering::SeqCst) { pb::Source::Model } else { pb::Source::Rules };
        let ids = mistakes.iter().map(|mistake| mistake.id.clone()).collect();
        self.0.batches.lock().unwrap().push(ids);
        let analyses = mistakes.into_iter().map(|mistake| pb::MistakeAnalysis {
            id: mistake.id,
            error_type: "R:VERB:TENSE".to_owned(),
            error_type_zh: "动词时态".to_owned(),
            error_type_en: "verb tense".to_owned(),
            knowledge_points: vec![point(&mistake.topic)],
            what_went_wrong: format!("把 {} 写错了。", mistake.correct_answer),
            why_right: "主语是第三人称单数。".to_owned(),
            how_to_remember: "三单加 s。".to_owned(),
            origin: Some(pb::Origin {
                source: source.into(),
                model: String::new(),
                fallback_reason: "no_provider".to_owned(),
            }),
        });
        Ok(Response::new(pb::AnalyseMistakesResponse { analyses: analyses.collect() }))
    }

    async fn list_knowledge_points(
        &self,
        _: Request<pb::ListKnowledgePointsRequest>,
    ) -> Result<Response<pb::ListKnowledgePointsResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}

/// The knowledge point that a topic leads to.
fn point(topic: &str) -> pb::KnowledgePoint {
    let id = if topic.is_empty() { "verb.agreement" } else { topic };
    pb::KnowledgePoint {
        id: id.to_owned(),
        name_zh: "主谓一致".to_owned(),
        name_en: "agreement".to_owned(),
        ..pb::KnowledgePoint::default()
    }
}

#[tonic::async_trait]
impl VectorService for Scripted {
    async fn embed(
        &self,
        _: Request<pb::EmbedRequest>,
    ) -> Result<Response<pb::EmbedResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }

    async fn index_items(
        &self,
        request: Request<pb::IndexItemsRequest>,
    ) -> Result<Response<pb::IndexItemsResponse>, Status> {
        self.0.there()?;
        let request = request.into_inner();
        assert_eq!(request.collection(), pb::Collection::Mistakes);
        let script = Arc::clone(&self.0);
        let written = tokio::spawn(async move {
            while script.slow_index.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let mut items = script.items.lock().unwrap();
            for item in request.items {
                items.insert(item.id, (item.owner_id, item.text));
            }
        });
        written.await.unwrap();
        Ok(Response::new(pb::IndexItemsResponse::default()))
    }

    async fn delete_items(
        &self,
        request: Request<pb::DeleteItemsRequest>,
    ) -> Result<Response<pb::DeleteItemsResponse>, Status> {
        self.0.there()?;
        let limit = request.metadata().get("grpc-timeout").unwrap().to_str().unwrap();
        *self.0.forget_limit.lock().unwrap() = Some(limit.to_owned());
        if self.0.slow_forget.load(Ordering::SeqCst) {
            return Err(Status::deadline_exceeded("slow"));
        }
        let ids = request.into_inner().ids;
        self.0.items.lock().unwrap().retain(|id, _| !ids.contains(id));
        Ok(Response::new(pb::DeleteItemsResponse {}))
    }

    /// Items are alike that begin with the same word.
    async fn search_items(
        &self,
        request: Request<pb::SearchItemsRequest>,
    ) -> Result<Response<pb::SearchItemsResponse>, Status> {
        self.0.there()?;
        let request = request.into_inner();
        assert!((1..=1_000).contains(&request.owner_ids.len()));
        let items = self.0.items.lock().unwrap();
        let (_, text) =
            items.get(&request.item_id).ok_or_else(|| Status::not_found("no such item"))?;
        let word = text.split(' ').next();
        let mut hits: Vec<pb::Hit> = items
            .iter()
            .filter(|(_, (owner, _))| request.owner_ids.contains(owner))
            .map(|(id, (owner_id, other))| pb::Hit {
                id: id.clone(),
                owner_id: owner_id.clone(),
                score: if *id == request.item_id {
                    1.0
                } else if other.split(' ').next() == word {
                    0.9
                } else {
                    0.1
                },
            })
            .filter(|hit| hit.score >= request.min_score)
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits.truncate(usize::try_from(request.limit).unwrap());
        Ok(Response::new(pb::SearchItemsResponse { hits }))
    }
}
