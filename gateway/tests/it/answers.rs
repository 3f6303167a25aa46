//! What holds for every success: entity tags, compression, HEAD.

use proto::learning::v1 as pb;
use reqwest::{Method, Response};

use crate::{
    mistakes::mistake,
    support::{Gateway, header, problem},
};

async fn gateway() -> Gateway {
    let gateway = Gateway::start().await;
    set(&gateway, "He ___ to school.");
    gateway
}

fn set(gateway: &Gateway, question: &str) {
    let mistakes = vec![pb::Mistake { question: question.to_owned(), ..mistake() }; 20];
    let page = pb::ListMistakesResponse { mistakes, next_cursor: String::new() };
    gateway.script.answer("ListMistakes", &page);
}

async fn ask(gateway: &Gateway, method: Method, header: (&str, &str)) -> Response {
    gateway.request(method, "/mistakes").header(header.0, header.1).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_has_is_not_sent_again() {
    let gateway = gateway().await;
    let first = gateway.get("/mistakes").await;
    assert_eq!(first.status(), 200);
    assert_eq!(header(&first, "cache-control"), "private, no-cache");
    let tag = header(&first, "etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");

    let known = ask(&gateway, Method::GET, ("if-none-match", &tag)).await;
    assert_eq!(known.status(), 304);
    assert_eq!(header(&known, "etag"), tag);
    assert_eq!(known.bytes().await.unwrap(), "");

    set(&gateway, "She ___ to school.");
    let changed = ask(&gateway, Method::GET, ("if-none-match", &tag)).await;
    assert_eq!(changed.status(), 200);
    assert_ne!(header(&changed, "etag"), tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compressed_for_those_who_understand() {
    let gateway = gateway().await;
    let plain = gateway.get("/mistakes").await;
    assert_eq!(header(&plain, "content-encoding"), "");
    let plain = plain.bytes().await.unwrap();
    for (encoding, start) in [("gzip", &[0x1f, 0x8b][..]), ("br", &[])] {
        let packed = ask(&gateway, Method::GET, ("accept-encoding", encoding)).await;
        assert_eq!(header(&packed, "content-encoding"), encoding);
        assert!(header(&packed, "vary").to_ascii_lowercase().contains("accept-encoding"));
        let packed = packed.bytes().await.unwrap();
        assert!(packed.starts_with(start), "{packed:?}");
        assert!(packed.len() * 4 < plain.len(), "{} of {}", packed.len(), plain.len());
    }
    let nothing = ask(&gateway, Method::GET, ("accept-encoding", "identity;q=0")).await;
    assert_eq!(nothing.status(), 406);
    assert_eq!(problem(nothing).await["code"], "NOT_ACCEPTABLE");
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_its_body() {
    let gateway = gateway().await;
    let get = gateway.get("/mistakes").await;
    let head = ask(&gateway, Method::HEAD, ("accept", "*/*")).await;
    assert_eq!(head.status(), 200);
    for name in ["etag", "content-type", "content-length"] {
        assert_eq!(header(&head, name), header(&get, name), "{name}");
    }
    assert_eq!(head.bytes().await.unwrap(), "");
    // The connection is as good as before.
    assert_eq!(gateway.get("/mistakes").await.bytes().await.unwrap().len(), length(&get));
    let packed = ask(&gateway, Method::HEAD, ("accept-encoding", "gzip")).await;
    assert_eq!((packed.status().as_u16(), packed.bytes().await.unwrap().len()), (200, 0));
    let nowhere = gateway.request(Method::HEAD, "/nowhere").send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
    let post_only = gateway.request(Method::HEAD, "/auth/login").send().await.unwrap();
    assert_eq!((post_only.status().as_u16(), header(&post_only, "allow")), (405, "POST"));
}

fn length(response: &Response) -> usize {
    header(response, "content-length").parse().unwrap()
}
