//! What models cost, and who may know.

use chrono::TimeDelta;
use kit::{
    caller::{Caller, Role},
    error::reason_of,
    testing::{self, request},
};
use proto::ai::v1::{
    ChatMessage, CompleteRequest, GetUsageRequest, SetBudgetRequest,
    completion_service_server::CompletionService as _, status_service_server::StatusService as _,
};
use tonic::Code;
use wiremock::MockServer;

use crate::support::{Service, openai, says};

#[tokio::test]
async fn usage_is_summed_for_the_own_organization() {
    let server = MockServer::start().await;
    says(&server, "Good.").await;
    let service = Service::with(&server).await;
    let admin = testing::caller(Role::Admin);
    let pupil = Caller { organization_id: admin.organization_id, ..testing::caller(Role::Student) };
    let stranger = testing::caller(Role::Student);
    for caller in [&pupil, &pupil, &stranger] {
        let turn = ChatMessage { role: "user".to_owned(), content: "Hi".to_owned() };
        let message = CompleteRequest {
            feature: "conversation".to_owned(),
            messages: vec![turn],
            ..CompleteRequest::default()
        };
        service.completion.complete(request(caller, message)).await.unwrap();
    }
    assert_eq!(service.calls().await.len(), 3);

    let usage = || service.status.get_usage(request(&admin, GetUsageRequest { days: 0 }));
    let answer = usage().await.unwrap().into_inner();
    assert_eq!((answer.spent_micros, answer.budget_micros), (400, 0));
    assert_eq!(answer.currency, "CNY");
    assert!(!answer.without_prices);
    let row = &answer.rows[0];
    assert_eq!(answer.rows.len(), 1);
    assert_eq!((row.calls, row.prompt_tokens, row.completion_tokens), (2, 200, 100));
    assert_eq!((row.cost_micros, row.failures), (400, 0));
    assert_eq!((row.feature.as_str(), row.model.as_str()), ("conversation", "gpt-test"));

    service.clock.advance(TimeDelta::days(40));
    let answer = usage().await.unwrap().into_inner();
    assert_eq!((answer.rows.len(), answer.spent_micros), (0, 0), "a new month");
}

#[tokio::test]
async fn usage_says_when_prices_are_missing() {
    let free = ai_svc::config::ProviderConfig {
        price: ai_svc::ledger::Price::default(),
        ..openai("http://127.0.0.1:9")
    };
    let service = Service::new(vec![free]).await;
    let admin = testing::caller(Role::Admin);
    let usage = service.status.get_usage(request(&admin, GetUsageRequest { days: 0 }));
    assert!(usage.await.unwrap().into_inner().without_prices);
}

#[tokio::test]
async fn budget_is_for_administrators() {
    let service = Service::without_model().await;
    let admin = testing::caller(Role::Admin);
    let set = |caller: &Caller| {
        service.status.set_budget(request(caller, SetBudgetRequest { budget_micros: 5_000_000 }))
    };
    set(&admin).await.unwrap();
    set(&admin).await.unwrap();
    let usage = service.status.get_usage(request(&admin, GetUsageRequest { days: 366 }));
    assert_eq!(usage.await.unwrap().into_inner().budget_micros, 5_000_000);
    for role in [Role::Teacher, Role::Student] {
        let caller = Caller { role, ..admin.clone() };
        let status = set(&caller).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(reason_of(&status).as_deref(), Some("ADMIN_ONLY"));
        let usage = service.status.get_usage(request(&caller, GetUsageRequest { days: 1 }));
        assert_eq!(usage.await.unwrap_err().code(), Code::PermissionDenied);
    }
    let usage = service.status.get_usage(request(&admin, GetUsageRequest { days: 367 }));
    assert_eq!(usage.await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn old_calls_are_forgotten_and_sums_stay() {
    let server = MockServer::start().await;
    says(&server, "Good.").await;
    let service = Service::with(&server).await;
    let caller = testing::caller(Role::Student);
    let turn = ChatMessage { role: "user".to_owned(), content: "Hi".to_owned() };
    let message = CompleteRequest {
        feature: "conversation".to_owned(),
        messages: vec![turn],
        ..CompleteRequest::default()
    };
    service.completion.complete(request(&caller, message)).await.unwrap();
    assert_eq!(service.calls().await.len(), 1);
    assert_eq!(service.ledger.forget_old().await.unwrap(), 0);
    let standing = service.ledger.standing(caller.organization_id).await.unwrap();
    assert_eq!(standing.spent_micros, 200);
    service.clock.advance(TimeDelta::days(401));
    assert_eq!(service.ledger.forget_old().await.unwrap(), 1);
    assert_eq!(service.calls().await.len(), 0);
}
