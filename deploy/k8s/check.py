"""Says what schema validation cannot: whether manifests fit together, are locked up, and fit the services.

check.py MANIFESTS SECRETS, both as rendered; prints every fault, exit status 1 if there is any.
"""

import base64
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
VERSION = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.M).group(1)
LOCKED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
ADDRESS = re.compile(r"(?:^|//|@|node=|,| )([a-z0-9][a-z0-9.-]*):(\d{2,5})(?=$|[/?&, ])")
QDRANT_PORT = 6334


class Pod:
    """What a workload makes, however many of them."""

    def __init__(self, owner):
        template = owner["spec"]["template"]
        self.owner, self.spec = owner, template["spec"]
        self.name = f'{owner["kind"]} {owner["metadata"]["name"]}'
        self.labels = template["metadata"]["labels"]
        self.lasting = self.spec["containers"]
        self.containers = self.spec.get("initContainers", []) + self.lasting
        self.claims = [claim["metadata"]["name"] for claim in owner["spec"].get("volumeClaimTemplates", [])]

    def port(self, wanted):
        """Returns the number of a port that is given by its name or number, if it is open."""
        ports = [port for container in self.lasting for port in container.get("ports", [])]
        return next((p["containerPort"] for p in ports if wanted in (p.get("name"), p["containerPort"])), None)


class Cluster:
    """All manifests of an installation."""

    def __init__(self, manifests, secrets):
        self.by_kind = {}
        for manifest in manifests:
            self.by_kind.setdefault(manifest["kind"], {})[manifest["metadata"]["name"]] = manifest
        workloads = [owner for kind in ("Deployment", "StatefulSet", "Job") for owner in self.of(kind).values()]
        self.pods = [Pod(owner) for owner in workloads]
        self.values = {("ConfigMap", name): m.get("data", {}) for name, m in self.of("ConfigMap").items()}
        for secret in secrets:
            decoded = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
            self.values["Secret", secret["metadata"]["name"]] = decoded

    def of(self, kind):
        return self.by_kind.get(kind, {})

    def selected(self, selector):
        return [pod for pod in self.pods if matches(selector, pod.labels)]

    def policies(self, pod, direction):
        """Returns the rules of one direction that hold for a pod."""
        specs = [policy["spec"] for policy in self.of("NetworkPolicy").values()]
        mine = [s for s in specs if direction in s["policyTypes"] and matches(s["podSelector"], pod.labels)]
        return [rule for spec in mine for rule in spec.get(direction.lower(), [])]


def matches(selector, labels):
    expressions = selector.get("matchExpressions", [])
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(expression["key"]) in expression["values"] for expression in expressions
    )


def environment(cluster, container):
    """Yields name and value, if there is one, of every variable of a container; the last one of a name is in force."""
    for source in container.get("envFrom", []):
        for kind in ("ConfigMap", "Secret"):
            reference = source.get(kind[0].lower() + kind[1:] + "Ref")
            if reference:
                yield from cluster.values.get((kind, reference["name"]), {}).items()
    for variable in container.get("env", []):
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        value = variable.get("value")
        if reference:
            value = cluster.values.get(("Secret", reference["name"]), {}).get(reference["key"])
        yield variable["name"], value


def references(cluster):
    """Everything that is named exists."""
    for pod in cluster.pods:
        for container in pod.containers:
            for source in container.get("envFrom", []):
                for kind in ("ConfigMap", "Secret"):
                    name = source.get(kind[0].lower() + kind[1:] + "Ref", {}).get("name")
                    if name and (kind, name) not in cluster.values:
                        yield f"{pod.name} reads {kind} {name}, which does not exist"
            for variable in container.get("env", []):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference and reference["key"] not in cluster.values.get(("Secret", reference["name"]), {}):
                    yield f'{pod.name} reads {reference["key"]} of Secret {reference["name"]}, which does not exist'
            volumes = [volume["name"] for volume in pod.spec.get("volumes", [])] + pod.claims
            for mount in container.get("volumeMounts", []):
                if mount["name"] not in volumes:
                    yield f'{pod.name} mounts {mount["name"]}, which is no volume of it'
        for volume in pod.spec.get("volumes", []):
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and claim not in cluster.of("PersistentVolumeClaim"):
                yield f"{pod.name} claims {claim}, which does not exist"
            for kind, key in (("ConfigMap", "name"), ("Secret", "secretName")):
                name = volume.get(kind[0].lower() + kind[1:], {}).get(key)
                if name and (kind, name) not in cluster.values:
                    yield f"{pod.name} mounts {kind} {name}, which does not exist"
        service = pod.owner["spec"].get("serviceName")
        if service and service not in cluster.of("Service"):
            yield f"{pod.name} is named by Service {service}, which does not exist"
    for name, ingress in cluster.of("Ingress").items():
        for tls in ingress["spec"].get("tls", []):
            if "tls.crt" not in cluster.values.get(("Secret", tls["secretName"]), {}):
                yield f'Ingress {name} shows the certificate of Secret {tls["secretName"]}, which does not exist'
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                ports = cluster.of("Service").get(backend["name"], {"spec": {"ports": []}})["spec"]["ports"]
                if backend["port"]["name"] not in [port["name"] for port in ports]:
                    yield f'Ingress {name} leads to {backend["name"]}:{backend["port"]["name"]}, which does not exist'


def selectors(cluster):
    """Every selector finds pods, and every port that is named there is open."""
    for pod in cluster.pods:
        if pod.owner["kind"] != "Job" and not matches(pod.owner["spec"]["selector"], pod.labels):
            yield f"{pod.name} does not select its own pods"
        for term in pod.spec.get("affinity", {}).get("podAntiAffinity", {}).values():
            for preference in term:
                if not matches(preference["podAffinityTerm"]["labelSelector"], pod.labels):
                    yield f"{pod.name} does not keep away from its own pods"
    for name, service in cluster.of("Service").items():
        found = cluster.selected({"matchLabels": service["spec"]["selector"]})
        if len(found) != 1:
            yield f"Service {name} selects {len(found)} kinds of pods"
        for pod in found:
            for port in service["spec"]["ports"]:
                number = pod.port(port["targetPort"])
                if number is None:
                    yield f'Service {name} leads to port {port["targetPort"]}, which {pod.name} does not open'
                elif service["spec"].get("clusterIP") == "None" and number != port["port"]:
                    yield f'Service {name} is headless, and its port {port["port"]} is {number} in the pods'
    for kind, field in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        for name, manifest in cluster.of(kind).items():
            if not cluster.selected(manifest["spec"][field]):
                yield f"{kind} {name} selects no pods"
    for name, policy in cluster.of("NetworkPolicy").items():
        for rule in policy["spec"].get("ingress", []):
            for peer in rule.get("from", []):
                for expression in peer.get("podSelector", {}).get("matchExpressions", []):
                    for value in expression["values"]:
                        if not cluster.selected({"matchLabels": {expression["key"]: value}}):
                            yield f"NetworkPolicy {name} lets {value} in, which does not exist"
            for port in rule.get("ports", []):
                for pod in cluster.selected(policy["spec"]["podSelector"]):
                    if pod.port(port["port"]) is None:
                        yield f'NetworkPolicy {name} opens port {port["port"]}, which {pod.name} does not'


def images(cluster):
    """Every image has a version, ours the product's."""
    for pod in cluster.pods:
        for container in pod.containers:
            image, _, tag = container["image"].partition(":")
            if tag in ("", "latest"):
                yield f'{pod.name} runs {container["image"]}, whichever that is'
            elif image.startswith("ai-english/") and tag != VERSION:
                yield f'{pod.name} runs {container["image"]}, and the product is {VERSION}'


def locks(cluster):
    """Every container is bounded, watched and can do nothing but its work."""
    for pod in cluster.pods:
        security = pod.spec.get("securityContext", {})
        if not security.get("runAsNonRoot") or not security.get("runAsUser"):
            yield f"{pod.name} may run as root"
        if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{pod.name} may make any system call"
        if pod.spec.get("automountServiceAccountToken") is not False:
            yield f"{pod.name} is given a token of the cluster"
        if pod.spec.get("enableServiceLinks") is not False:
            yield f"{pod.name} is given variables named after Services"
        for container in pod.containers:
            name = f'{pod.name}, {container["name"]},'
            if container.get("securityContext") != LOCKED:
                yield f"{name} is not locked up"
            resources = container.get("resources", {})
            if {"cpu", "memory"} - resources.get("requests", {}).keys() or "memory" not in resources.get("limits", {}):
                yield f"{name} is not bounded"
        for container in pod.lasting if pod.owner["kind"] != "Job" else []:
            for probe in ("readinessProbe", "livenessProbe"):
                if probe not in container:
                    yield f'{pod.name}, {container["name"]}, has no {probe}'
                port = container.get(probe, {}).get("httpGet", {}).get("port")
                if port and pod.port(port) is None:
                    yield f'{pod.name}, {container["name"]}, is asked at port {port}, which it does not open'


def scaling(cluster):
    """What is scaled can be, and nothing else says how many there are."""
    for name, scaler in cluster.of("HorizontalPodAutoscaler").items():
        spec = scaler["spec"]
        target = cluster.of(spec["scaleTargetRef"]["kind"]).get(spec["scaleTargetRef"]["name"])
        if target is None:
            yield f'HorizontalPodAutoscaler {name} scales {spec["scaleTargetRef"]["name"]}, which does not exist'
        elif "replicas" in target["spec"] or target["spec"].get("strategy", {}).get("type") == "Recreate":
            yield f"HorizontalPodAutoscaler {name} scales what has its own number"
        if spec["minReplicas"] > spec["maxReplicas"]:
            yield f"HorizontalPodAutoscaler {name} has no room"


def known(image):
    """Returns the names of all variables that the program in one of our images reads."""
    if image == "web":
        scripts = "".join((ROOT / "deploy/nginx" / name).read_text() for name in ("render", "start"))
        return set(re.findall(r"NGINX_[A-Z_]+", scripts))
    names = set()
    for file in [*(ROOT / "kit/src").rglob("*.rs"), *(ROOT / image / "src").rglob("*.rs")]:
        code = file.read_text().split("#[cfg(test)]")[0]
        if re.search(r"\bEnv\b", code):
            names |= set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)"', code))
    return names


def variables(cluster):
    """Our programs are told nothing that they do not read."""
    for pod in cluster.pods:
        for container in pod.containers:
            image = container["image"].removeprefix("ai-english/").split(":")[0]
            if "/" in container["image"] and (image == "web" or (ROOT / image / "Cargo.toml").exists()):
                given = {name for name, _ in environment(cluster, container)}
                for name in sorted(given - known(image)):
                    yield f'{pod.name}, {container["name"]}, is given {name}, which it does not read'


def addresses(cluster):
    """Every address in a variable is one of ours, where the caller is let in, or may be reached outside."""
    for pod in cluster.pods:
        for container in pod.containers:
            in_force = {name: value or "" for name, value in environment(cluster, container)}
            if container.get("args") == ["--migrate-only"]:
                in_force = {"DATABASE_URL": in_force.get("DATABASE_URL", "")}
            found = {(name, *address) for name, value in in_force.items() for address in ADDRESS.findall(value)}
            if "QDRANT_HOST" in in_force:
                found.add(("QDRANT_HOST", in_force["QDRANT_HOST"], QDRANT_PORT))
            if "PGHOST" in in_force:
                found.add(("PGHOST", in_force["PGHOST"], in_force["PGPORT"]))
            for name, host, port in sorted(found, key=str):
                if re.fullmatch(r"[0-9.]+", host):
                    continue
                fault = unreachable(cluster, pod, host, int(port))
                if fault:
                    yield f"{pod.name} is told {name}, {host}:{port}, {fault}"


def unreachable(cluster, caller, host, port):
    service = cluster.of("Service").get(host.split(".")[-1])
    if service is None:
        if "." not in host:
            return "which does not exist"
        outward = [rule for rule in cluster.policies(caller, "Egress") if any("ipBlock" in to for to in rule["to"])]
        if not any("ports" not in rule or port in [p["port"] for p in rule["ports"]] for rule in outward):
            return "and may not go there"
        return None
    targets = {entry["port"]: entry["targetPort"] for entry in service["spec"]["ports"]}
    if port not in targets:
        return "a port that does not exist"
    for pod in cluster.selected({"matchLabels": service["spec"]["selector"]}):
        for rule in cluster.policies(pod, "Ingress"):
            peers = [peer["podSelector"] for peer in rule.get("from", []) if "podSelector" in peer]
            if targets[port] in [p["port"] for p in rule["ports"]]:
                if "from" not in rule or any(matches(peer, caller.labels) for peer in peers):
                    return None
    return "and is not let in"


CHECKS = (references, selectors, images, locks, scaling, variables, addresses)


def faults(manifests, secrets):
    cluster = Cluster(manifests, secrets)
    return [fault for check in CHECKS for fault in check(cluster)]


if __name__ == "__main__":
    rendered, given = ([m for m in yaml.safe_load_all(Path(file).read_text()) if m] for file in sys.argv[1:3])
    found = faults(rendered, given)
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(bool(found))
