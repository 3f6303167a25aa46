# The way in. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Continuous integration keeps compiled dependencies between runs, and nothing that only helps edits.
ifeq ($(CI),true)
export CARGO_TARGET_DIR := $(HOME)/.cache/ai-english/target
export CARGO_INCREMENTAL := 0
endif
target := $(or $(CARGO_TARGET_DIR),target)
models := $(HOME)/.cache/ai-english/models

# Tests that need a server which is not everywhere are compiled with the others.
test_features := ai-svc/real-model,ai-svc/real-qdrant,system-tests/real-model,system-tests/docker

packages := frontend/node_modules/.package-lock.json
client := frontend/dist/index.html
client_sources := gateway/openapi.json $(shell find frontend -name node_modules -prune -o -name dist -prune -o \
  -name e2e -prune -o -type f ! -name schema.d.ts -print)

PREFIX := /opt/ai-english

.PHONY: help run install uninstall build client test test-model test-qdrant compose-test install-test images bench lint outdated sbom fmt openapi quality setup setup-test setup-bench setup-compose models

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup models build client ## Starts the whole system on http://127.0.0.1:8000 until Ctrl-C
	@EMBEDDING_MODEL_DIR=$(models)/minilm exec $(target)/release/launcher up

build: ## Builds all services
	cargo build --release --locked --bins

install: $(if $(BINARIES),,build client models) ## Installs all of it on this machine, without Docker (BINARIES=dir: compiles nothing)
	@PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) BINARIES=$(or $(BINARIES),$(target)/release) CLIENT=$(or $(CLIENT),frontend/dist) \
	  MODEL=$(or $(MODEL),$(models)/minilm) deploy/install

uninstall: ## Takes away what `make install` laid out; settings and data stay
	@PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) deploy/uninstall

client: $(client) ## Builds the web client

$(packages): frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund

$(client): $(packages) $(client_sources)
	cd frontend && npm run --silent build
	touch $@

test: setup-test models client ## Runs the whole test suite beside private stores
	deploy/k8s/check --try
	deploy/sbom/check
	deploy/prometheus/check
	cd frontend && npm test --silent
	cargo build --locked --workspace --bins --tests
	TEST_EMBEDDING_DIR=$(models)/minilm $(target)/debug/launcher with-stores cargo test --locked --workspace

test-model: setup-test models ## Tries everything with a real language model (fetches one, compiles its server)
	deploy/local/fetch-test-model $(models)/llama
	cargo build --locked --workspace --bins
	TEST_EMBEDDING_DIR=$(models)/minilm $(target)/debug/launcher with-stores deploy/local/with-model $(models)/llama \
	  cargo test --locked --workspace --features ai-svc/real-model --test it -- real_model::
	TEST_EMBEDDING_DIR=$(models)/minilm TEST_LLAMA_DIR=$(models)/llama $(target)/debug/launcher with-stores \
	  cargo test --locked --workspace --features system-tests/real-model --test model

images: ## Builds the container images, and checks how large they are
	deploy/compose/compose build
	deploy/image-sizes

compose-test: setup-compose models $(packages) ## Brings the containers up from nothing, scales, kills, restarts them (needs a Docker engine)
	cargo build --locked --workspace --bins
	deploy/test-images $(target)/debug
	deploy/sbom/check ai-english-test
	TEST_IMAGES=ai-english-test cargo test --locked --workspace --features system-tests/docker --test compose -- --nocapture

install-test: setup-compose models client ## Installs on machines without Docker as the manual says, starts, updates, removes (needs a Docker engine to play them)
	cargo build --locked --workspace --bins
	deploy/test-machine
	TEST_MACHINE=ai-english-test/machine TEST_EMBEDDING_DIR=$(models)/minilm \
	  cargo test --locked --workspace --features system-tests/docker --test machine -- --nocapture --test-threads=1

test-qdrant: setup-test ## Tries the vector engine with a real Qdrant server, the binary QDRANT=path
	@test -x "$(QDRANT)" || { echo "make test-qdrant QDRANT=path/to/qdrant" >&2; exit 2; }
	cargo build --locked --workspace --bins
	TEST_QDRANT_BINARY=$(abspath $(QDRANT)) $(target)/debug/launcher with-stores \
	  cargo test --locked --workspace --features ai-svc/real-qdrant --test it -- real_qdrant::

lint: setup-test $(packages) ## Checks format, lints, types, the length of files and what we depend on
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features $(test_features) -- -D warnings
	cd frontend && npm run --silent check && npm run --silent lint
	deploy/local/check-lengths
	deploy/local/check-dependencies

outdated: $(packages) ## Lists newer versions of what we depend on
	cargo update --dry-run --verbose
	cd frontend && npm outdated || true

sbom: ## Writes what every image is made of into target/sbom (CycloneDX)
	deploy/sbom/write $(target)/sbom

fmt: ## Formats the sources
	cargo fmt --all

openapi: ## Writes gateway/openapi.json from the routes
	cargo run --locked -q -p gateway -- openapi > gateway/openapi.json.new
	mv gateway/openapi.json.new gateway/openapi.json

quality: ## Measures the rules engine and writes ai-svc/QUALITY.md
	cargo run --locked --release -p ai-svc -- quality --data ../shared/data/gaokao-english \
	  --sentences ai-svc/tests/data --out ai-svc/QUALITY.md

.PHONY: backup restore setup-backup
backup: setup-backup ## Backs up what `make run` keeps, into .run/backups
	@$(target)/release/launcher beside deploy/backup/backup

restore: setup-backup ## Restores the backup BACKUP=name, or says what that would replace; with YES=--yes it does
	@test -n "$(BACKUP)" || { echo "make restore BACKUP=name [YES=--yes]" >&2; exit 2; }
	@$(target)/release/launcher beside deploy/backup/restore $(YES) "$(BACKUP)"

bench: setup-bench models build ## Measures the budgets against their yardsticks and writes deploy/bench/RESULTS.md
	EMBEDDING_MODEL_DIR=$(models)/minilm $(target)/release/bench --sizes 100000,10000000

setup:
	@deploy/local/setup run

setup-bench:
	@deploy/local/setup bench

setup-backup:
	@deploy/local/setup backup

setup-test:
	@deploy/local/setup test

setup-compose:
	@deploy/local/setup compose

models:
	@deploy/local/fetch-embedding-model $(models)/minilm
