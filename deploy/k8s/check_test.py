"""Breaks the rendered manifests in every way that the check is to find. Run by `check --try`."""

import base64
import copy
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

import check

FOLDER = Path(os.environ["RENDERED"])


def read(name):
    return [manifest for manifest in yaml.safe_load_all((FOLDER / name).read_text()) if manifest]


PRODUCTION = read("production.yaml"), read("production-secrets.yaml")
SINGLE = read("single-node.yaml"), read("single-node-secrets.yaml")


def named(manifests, kind, name):
    return next(m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name)


def pod(manifests, kind, name):
    return named(manifests, kind, name)["spec"]["template"]["spec"]


def container(manifests, name, kind="Deployment"):
    return pod(manifests, kind, name)["containers"][0]


def data(manifests, name):
    return next(m["data"] for m in manifests if m["kind"] == "ConfigMap" and m["metadata"]["name"].startswith(name + "-"))


def remove(manifests, kind, name):
    manifests.remove(named(manifests, kind, name))


def policy(manifests, name):
    return named(manifests, "NetworkPolicy", name)["spec"]


# What is broken, how, and what the check says to it.
FAULTS = {
    "config map missing": (
        lambda m, s: m.remove(next(x for x in m if x.get("data") is data(m, "gateway"))),
        "reads ConfigMap gateway",
    ),
    "secret missing": (lambda m, s: remove(s, "Secret", "auth-svc"), "auth-svc reads Secret auth-svc"),
    "key of a secret missing": (
        lambda m, s: named(s, "Secret", "redis")["data"].pop("REDIS_URL"),
        "reads REDIS_URL of Secret redis",
    ),
    "certificate missing": (lambda m, s: remove(s, "Secret", "web-tls"), "certificate of Secret web-tls"),
    "scripts missing": (
        lambda m, s: m.remove(next(x for x in m if x.get("data") is data(m, "redis-scripts"))),
        "mounts ConfigMap redis-scripts",
    ),
    "volume missing": (lambda m, s: pod(m, "Deployment", "web")["volumes"].pop(), "which is no volume of it"),
    "service of a set missing": (
        lambda m, s: remove(m, "Service", "qdrant-peers"),
        "is named by Service qdrant-peers",
    ),
    "ingress leads nowhere": (lambda m, s: remove(m, "Service", "web"), "Ingress web leads to web:http"),
    "service selects nothing": (
        lambda m, s: named(m, "Service", "gateway")["spec"]["selector"].update({"app.kubernetes.io/name": "gate"}),
        "Service gateway selects 0",
    ),
    "service leads to a closed port": (
        lambda m, s: named(m, "Service", "gateway")["spec"]["ports"][0].update(targetPort="grpc"),
        "leads to port grpc",
    ),
    "headless service translates": (
        lambda m, s: named(m, "Service", "ai-svc")["spec"]["ports"][0].update(port=50050),
        "Service ai-svc is headless",
    ),
    "own pods not selected": (
        lambda m, s: named(m, "Deployment", "web")["spec"]["selector"]["matchLabels"].update(x="y"),
        "does not select its own pods",
    ),
    "budget for nobody": (
        lambda m, s: named(m, "PodDisruptionBudget", "web")["spec"]["selector"]["matchLabels"].update(x="y"),
        "PodDisruptionBudget web selects no pods",
    ),
    "policy for nobody": (
        lambda m, s: policy(m, "to-gateway")["podSelector"]["matchLabels"].update(x="y"),
        "NetworkPolicy to-gateway selects no pods",
    ),
    "policy lets nobody in": (
        lambda m, s: policy(m, "to-ai-svc")["ingress"][0]["from"][0]["podSelector"]["matchExpressions"][0]["values"].append("tutor"),
        "lets tutor in",
    ),
    "policy opens a closed port": (
        lambda m, s: policy(m, "to-ai-svc")["ingress"][0]["ports"].append({"port": "grpc"}),
        "opens port grpc",
    ),
    "image without a version": (lambda m, s: container(m, "web").update(image="ai-english/web"), "whichever that is"),
    "latest image": (
        lambda m, s: container(m, "redis", "StatefulSet").update(image="redis:latest"),
        "whichever that is",
    ),
    "image of another version": (
        lambda m, s: container(m, "web").update(image="ai-english/web:0.9.0"),
        "and the product is",
    ),
    "root": (
        lambda m, s: pod(m, "Deployment", "web")["securityContext"].pop("runAsNonRoot"),
        "Deployment web may run as root",
    ),
    "system calls": (
        lambda m, s: pod(m, "Job", "migrate")["securityContext"].pop("seccompProfile"),
        "any system call",
    ),
    "token": (
        lambda m, s: pod(m, "StatefulSet", "qdrant").pop("automountServiceAccountToken"),
        "token of the cluster",
    ),
    "service links": (
        lambda m, s: pod(m, "Deployment", "ai-svc").pop("enableServiceLinks"),
        "variables named after Services",
    ),
    "writable root": (
        lambda m, s: container(m, "web")["securityContext"].update(readOnlyRootFilesystem=False),
        "web, web, is not locked up",
    ),
    "init container not locked": (
        lambda m, s: pod(m, "Job", "migrate")["initContainers"][0].pop("securityContext"),
        "prepare, is not locked up",
    ),
    "no limit": (lambda m, s: container(m, "ai-svc")["resources"].pop("limits"), "ai-svc, is not bounded"),
    "no request": (lambda m, s: container(m, "ai-svc")["resources"]["requests"].pop("cpu"), "ai-svc, is not bounded"),
    "no readiness": (lambda m, s: container(m, "web").pop("readinessProbe"), "has no readinessProbe"),
    "probe of a closed port": (
        lambda m, s: container(m, "web")["livenessProbe"]["httpGet"].update(port="http"),
        "is asked at port http",
    ),
    "scales nobody": (
        lambda m, s: named(m, "HorizontalPodAutoscaler", "web")["spec"]["scaleTargetRef"].update(name="wep"),
        "scales wep",
    ),
    "scales what has its number": (
        lambda m, s: named(m, "Deployment", "web")["spec"].update(replicas=3),
        "has its own number",
    ),
    "no room to scale": (
        lambda m, s: named(m, "HorizontalPodAutoscaler", "web")["spec"].update(maxReplicas=1),
        "has no room",
    ),
    "unknown variable": (
        lambda m, s: data(m, "learning-svc").update(ANALYSIS_WORKERS="2"),
        "learning-svc, is given ANALYSIS_WORKERS",
    ),
    "variable of another service": (
        lambda m, s: data(m, "auth-svc").update(EXPORT_DIR="/data"),
        "auth-svc, is given EXPORT_DIR",
    ),
    "unknown variable of nginx": (lambda m, s: data(m, "web").update(NGINX_HTTP="80"), "web, is given NGINX_HTTP,"),
    "address of nobody": (
        lambda m, s: data(m, "gateway").update(AI_SVC_URL="http://ai:50053"),
        "told AI_SVC_URL, ai:50053, which does not exist",
    ),
    "wrong port": (
        lambda m, s: data(m, "gateway").update(AI_SVC_URL="http://ai-svc:50052"),
        "told AI_SVC_URL, ai-svc:50052, a port",
    ),
    "gateways of nginx": (
        lambda m, s: data(m, "web").update(NGINX_GATEWAYS="gateway:8001"),
        "told NGINX_GATEWAYS, gateway:8001",
    ),
    "vectors of nobody": (lambda m, s: data(m, "ai-svc").update(QDRANT_HOST="qdrants"), "told QDRANT_HOST, qdrants"),
    "not let in": (
        lambda m, s: remove(m, "NetworkPolicy", "to-qdrant"),
        "told QDRANT_HOST, qdrant:6334, and is not let in",
    ),
    "not let in to Sentinels": (
        lambda m, s: policy(m, "to-redis")["ingress"][0]["ports"].pop(),
        "redis-1.redis:26379, and is not let in",
    ),
    "not let out": (
        lambda m, s: remove(m, "NetworkPolicy", "to-postgres"),
        "told PGHOST, db.school.example:5432, and may not go there",
    ),
}


class Check(unittest.TestCase):
    def test_what_is_rendered_is_well(self):
        self.assertEqual(check.faults(*PRODUCTION) + check.faults(*SINGLE), [])

    def test_every_fault_is_found(self):
        for name, (breaking, said) in FAULTS.items():
            with self.subTest(name):
                manifests, secrets = copy.deepcopy(PRODUCTION)
                breaking(manifests, secrets)
                self.assertIn(said, "\n".join(check.faults(manifests, secrets)))

    def test_missing_claim_is_found(self):
        manifests, secrets = copy.deepcopy(SINGLE)
        remove(manifests, "PersistentVolumeClaim", "exports")
        self.assertEqual(check.faults(manifests, secrets), ["Deployment export-svc claims exports, which does not exist"])

    def test_database_is_reached_by_tls_where_that_was_asked_for(self):
        for (_, secrets), asked in ((PRODUCTION, "require"), (SINGLE, None)):
            given = {(s["metadata"]["name"], key): base64.b64decode(value).decode() for s in secrets for key, value in s["data"].items()}
            self.assertEqual(given.get(("database-admin", "PGSSLMODE")), asked)
            urls = [value for (_, key), value in given.items() if key in ("DATABASE_URL", "DATABASE_REPLICA_URL")]
            self.assertGreaterEqual(len(urls), 4)
            for url in urls:
                self.assertEqual(url.partition("?")[2], f"sslmode={asked}" if asked else "")

    def test_schemas_know_every_field(self):
        manifests = copy.deepcopy(PRODUCTION[0])
        container(manifests, "web")["readynessProbe"] = {}
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump_all(manifests, file)
            validate = [Path(sys.executable).with_name("kubernetes-validate"), "--strict", "--quiet", "-k", "1.30", file.name]
            result = subprocess.run(validate, capture_output=True, text=True)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("readynessProbe", result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
