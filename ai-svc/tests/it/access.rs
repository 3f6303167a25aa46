//! Nobody gets in without a caller, and the status tells what works.

use kit::{
    caller::Role,
    testing::{self, request},
};
use proto::ai::v1::{
    AnalyseMistakesRequest, CheckTextRequest, CompleteRequest, DeleteItemsRequest, EmbedRequest,
    GetStatusRequest, GetUsageRequest, IndexItemsRequest, ListKnowledgePointsRequest,
    ProfileTextRequest, SearchItemsRequest, SetBudgetRequest,
    analysis_service_server::AnalysisService as _,
    completion_service_server::CompletionService as _, status_service_server::StatusService as _,
    text_service_server::TextService as _, vector_service_server::VectorService as _,
};
use tonic::{Code, Request};

use crate::support::{Service, openai};

#[tokio::test]
async fn every_call_needs_a_caller() {
    let service = Service::without_model().await;
    macro_rules! refused {
        ($($server:ident.$method:ident($message:ident)),+ $(,)?) => {$(
            let answer = service.$server.$method(Request::new($message::default())).await;
            let code = answer.err().map(|status| status.code());
            assert_eq!(code, Some(Code::Unauthenticated), stringify!($method));
        )+};
    }
    refused!(
        analysis.analyse_mistakes(AnalyseMistakesRequest),
        analysis.list_knowledge_points(ListKnowledgePointsRequest),
        text.check_text(CheckTextRequest),
        text.profile_text(ProfileTextRequest),
        completion.complete(CompleteRequest),
        completion.stream_complete(CompleteRequest),
        status.get_status(GetStatusRequest),
        status.get_usage(GetUsageRequest),
        status.set_budget(SetBudgetRequest),
        vector.embed(EmbedRequest),
        vector.index_items(IndexItemsRequest),
        vector.delete_items(DeleteItemsRequest),
        vector.search_items(SearchItemsRequest),
    );
}

#[tokio::test]
async fn status_tells_what_works() {
    let caller = testing::caller(Role::Student);
    let service = Service::without_model().await;
    let status = service.status.get_status(request(&caller, GetStatusRequest {}));
    let status = status.await.unwrap().into_inner();
    assert_eq!((status.mode.as_str(), status.providers.len()), ("rules", 0));
    assert_eq!(status.embedding_model, "lexical-hash-384");
    assert_eq!((status.embedding_dimension, status.vector_engine.as_str()), (384, "embedded"));
    assert!(status.vector_engine_healthy);

    let service = Service::new(vec![openai("http://127.0.0.1:9")]).await;
    let status = service.status.get_status(request(&caller, GetStatusRequest {}));
    let status = status.await.unwrap().into_inner();
    assert_eq!(status.mode, "model");
    let provider = &status.providers[0];
    assert_eq!((provider.name.as_str(), provider.model.as_str()), ("openai", "gpt-test"));
    assert_eq!((provider.circuit.as_str(), provider.last_failure.as_str()), ("closed", ""));
}

#[tokio::test]
async fn embeddings_have_the_length_that_the_status_tells() {
    let service = Service::without_model().await;
    let caller = testing::caller(Role::Teacher);
    let texts = vec!["one".to_owned(), "two".to_owned()];
    let embed = service.vector.embed(request(&caller, EmbedRequest { texts }));
    let answer = embed.await.unwrap().into_inner();
    assert_eq!(answer.embeddings.len(), 2);
    assert!(answer.embeddings.iter().all(|embedding| embedding.values.len() == 384));
    let texts = vec!["x".to_owned(); 65];
    let embed = service.vector.embed(request(&caller, EmbedRequest { texts }));
    assert_eq!(embed.await.unwrap_err().code(), Code::InvalidArgument);
}
