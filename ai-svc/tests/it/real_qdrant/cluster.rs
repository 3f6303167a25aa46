//! Three servers behind one address that leads to any of them, as a Service of Kubernetes does.

use std::time::{Duration, Instant};

use ai_svc::vectors::{Engine as _, QdrantServer};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::server::{Peer, Server, free_ports};
use crate::engines::{STORE, count, dimension, nearest, points};

struct Cluster {
    servers: Vec<Server>,
    url: String,
    _balancer: JoinSet<()>,
}

impl Cluster {
    async fn start() -> Self {
        let peers = free_ports::<3>();
        let mut servers = Vec::new();
        for port in peers {
            let joins = (port != peers[0]).then_some(peers[0]);
            servers.push(Server::in_cluster(Peer { port, joins }).await);
        }
        whole(&servers).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut balancer = JoinSet::new();
        balancer.spawn(balance(listener, servers.iter().map(Server::port).collect()));
        Self { servers, url, _balancer: balancer }
    }

    fn engine(&self) -> QdrantServer {
        QdrantServer::new(&self.url, None, dimension()).unwrap()
    }
}

/// Waits until all are ready.
async fn whole(servers: &[Server]) {
    let until = Instant::now() + Duration::from_mins(1);
    for server in servers {
        while !server.is_ready().await {
            assert!(Instant::now() < until, "the servers do not find each other");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Gives each connection to the next server that takes it.
async fn balance(listener: TcpListener, ports: Vec<u16>) {
    let mut turn = 0;
    let mut connections = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        turn += 1;
        let order: Vec<_> = (turn..turn + ports.len()).map(|at| ports[at % ports.len()]).collect();
        connections.spawn(async move {
            for port in order {
                if let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await {
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                    return;
                }
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_may_make_a_store_at_the_same_time() {
    let cluster = Cluster::start().await;
    for round in 0..20 {
        let store = format!("{STORE}-{round}");
        let mut work = JoinSet::new();
        for n in 0..3 {
            let engine = cluster.engine();
            let store = store.clone();
            work.spawn(async move { engine.upsert(&store, points(n * 20, 20)).await });
        }
        for answer in work.join_all().await {
            answer.unwrap();
        }
        assert_eq!(count(&cluster.engine(), &store).await, 60);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_servers_may_die() {
    let mut cluster = Cluster::start().await;
    let engine = cluster.engine();
    engine.upsert(STORE, points(0, 200)).await.unwrap();
    let found = engine.search(STORE, nearest()).await.unwrap();
    assert_eq!(found.len(), 3);
    cluster.servers[1].kill();
    answered(&engine).await;
    assert_eq!(count(&engine, STORE).await, 200);
    assert_eq!(engine.search(STORE, nearest()).await.unwrap(), found);
    engine.upsert(STORE, points(200, 20)).await.unwrap();

    cluster.servers[1].restart().await;
    whole(&cluster.servers).await;
    cluster.servers[2].kill();
    answered(&engine).await;
    assert_eq!(count(&engine, STORE).await, 220);
    assert_eq!(engine.search(STORE, nearest()).await.unwrap(), found);
}

/// Waits until the servers that are left know that one is not.
async fn answered(engine: &QdrantServer) {
    let until = Instant::now() + Duration::from_secs(10);
    let mut well = 0;
    while well < 10 {
        well = if engine.counts().await.is_ok() { well + 1 } else { 0 };
        assert!(Instant::now() < until, "two servers do not do the work of three");
    }
}
