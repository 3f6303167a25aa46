//! What the containers of the profile `observability` are told of each other.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

const SERVICES: &str = "deploy/compose/observability.yml";

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &str) -> Value {
    let text = fs::read_to_string(repository(path)).unwrap();
    serde_yaml::from_str(&text).expect(path)
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap())
}

/// The names of a mapping.
fn names(map: &Value) -> BTreeSet<&str> {
    map.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str)).collect()
}

/// Where a path of a container lies in this checkout, by a service of a file in `folder`.
fn mounted(folder: &str, service: &Value, inside: &str) -> Option<PathBuf> {
    texts(&service["volumes"]).find_map(|volume| {
        let (outside, rest) = volume.strip_suffix(":ro")?.rsplit_once(':')?;
        // A variable's default.
        let default = outside.split_once(":-").and_then(|(_, default)| default.strip_suffix('}'));
        let below = inside.strip_prefix(rest)?.trim_start_matches('/');
        let file = repository(folder).join(default.unwrap_or(outside));
        Some(if below.is_empty() { file } else { file.join(below) })
    })
}

#[test]
fn files_that_containers_are_started_with_are_mounted() {
    let services = read(SERVICES)["services"].clone();
    let extended = read("docker-compose.yml")["services"].clone();
    let mut found = BTreeSet::new();
    for (name, service) in services.as_object().unwrap() {
        for argument in texts(&service["command"]) {
            let Some((_, file)) =
                argument.split_once("--config").and_then(|(_, rest)| rest.split_once('='))
            else {
                continue;
            };
            let here = mounted("deploy/compose", service, file);
            let here = here.or_else(|| mounted("", &extended[name], file)).expect(name);
            assert!(here.is_file(), "{name}: {here:?}");
            found.insert(name.as_str());
        }
    }
    assert_eq!(found, BTreeSet::from(["alertmanager", "jaeger", "otel-collector", "prometheus"]));
}

/// Every part that a collector's settings describe is at work in a pipeline.
fn assert_all_parts_used(collector: &Value) {
    let pipelines = collector["service"]["pipelines"].as_object().unwrap();
    for kind in ["receivers", "processors", "exporters"] {
        let used = pipelines.values().flat_map(|pipeline| texts(&pipeline[kind]));
        assert_eq!(used.collect::<BTreeSet<_>>(), names(&collector[kind]), "{kind}");
    }
    let extensions: BTreeSet<_> = texts(&collector["service"]["extensions"]).collect();
    assert_eq!(extensions, names(&collector["extensions"]));
}

/// The port at which a collector takes spans by gRPC, from everywhere.
fn receives_at(collector: &Value) -> &str {
    let at = collector["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].as_str().unwrap();
    at.strip_prefix("0.0.0.0:").unwrap()
}

#[test]
fn the_collector_passes_on_what_it_is_sent() {
    let collector = read("deploy/otel/collector.yml");
    assert_all_parts_used(&collector);
    // Too late behind the batch.
    let processors: Vec<_> =
        texts(&collector["service"]["pipelines"]["traces"]["processors"]).collect();
    assert_eq!(processors.first(), Some(&"memory_limiter"));

    let sent = fs::read_to_string(repository("deploy/init-env")).unwrap();
    assert!(sent.contains(&format!("otlp=http://otel-collector:{}\n", receives_at(&collector))));
    let metrics = &collector["service"]["telemetry"]["metrics"]["readers"][0]["pull"]["exporter"];
    let target = format!("\"otel-collector:{}\"", metrics["prometheus"]["port"]);
    assert_eq!(metrics["prometheus"]["host"], "0.0.0.0");
    let scraped = read("deploy/prometheus/prometheus.yml")["scrape_configs"].to_string();
    assert!(scraped.contains(&target), "{target}");
}

#[test]
fn jaeger_keeps_what_the_collector_passes_on() {
    let jaeger = read("deploy/otel/jaeger.yml");
    assert_all_parts_used(&jaeger);
    let to = format!("jaeger:{}", receives_at(&jaeger));
    assert_eq!(read("deploy/otel/collector.yml")["exporters"]["otlp_grpc"]["endpoint"], *to);
    assert!(names(&read(SERVICES)["services"]).contains("jaeger"));

    let stores = names(&jaeger["extensions"]["jaeger_storage"]["backends"]);
    let written = &jaeger["exporters"]["jaeger_storage_exporter"]["trace_storage"];
    let shown = &jaeger["extensions"]["jaeger_query"]["storage"]["traces"];
    assert_eq!(stores, BTreeSet::from([written.as_str().unwrap()]));
    assert_eq!(written, shown);
}

#[test]
fn prometheus_and_grafana_ask_services_that_there_are() {
    let compose = read("docker-compose.yml")["services"].clone();
    let observed = read(SERVICES)["services"].clone();
    let known = names(&compose);
    assert!(names(&observed).is_subset(&known), "{observed}");
    let prometheus = read("deploy/prometheus/prometheus.yml");
    let managers = prometheus["alerting"]["alertmanagers"].as_array().unwrap();
    let jobs = prometheus["scrape_configs"].as_array().unwrap();
    for job in managers.iter().chain(jobs) {
        for config in job["static_configs"].as_array().into_iter().flatten() {
            for target in texts(&config["targets"]) {
                let host = target.split(':').next().unwrap();
                assert!(host == "localhost" || known.contains(host), "{target}");
            }
        }
        for config in job["dns_sd_configs"].as_array().into_iter().flatten() {
            assert!(texts(&config["names"]).all(|name| known.contains(name)), "{config}");
        }
    }

    let published = read("docker-compose.monitoring.yml")["services"].clone();
    let sources = read("deploy/grafana/provisioning/datasources/all.yml")["datasources"].clone();
    for source in sources.as_array().unwrap() {
        let address = source["url"].as_str().unwrap().strip_prefix("http://").unwrap();
        let (host, port) = address.split_once(':').unwrap();
        assert!(known.contains(host), "{address}");
        let port = format!(":{port}\"");
        assert!(published[host]["ports"].to_string().contains(&port), "{address}");
    }
    let grafana = &observed["grafana"];
    let folder = grafana["environment"]["GF_PATHS_PROVISIONING"].as_str().unwrap();
    let providers = read("deploy/grafana/provisioning/dashboards/all.yml")["providers"].clone();
    for provider in providers.as_array().unwrap() {
        let path = provider["options"]["path"].as_str().unwrap();
        assert!(path.starts_with(folder), "{path}");
        assert!(
            mounted("deploy/compose", grafana, path).unwrap().join("overview.json").is_file(),
            "{path}"
        );
    }
}
