# Needs only python3.11 or newer and make. Everything else comes from the hash-locked requirements.
.DEFAULT_GOAL := help
.PHONY: help venv demo test check tidy unit property integration e2e bench mutate validate compare train lock image clean
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/.installed
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
PACKAGES := features detector streams
PYTEST := $(PY) -m pytest
# One file, one worker; a broker for each worker that meets a test of it.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile

help: ## show what can be made
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1 - \2/p' $(MAKEFILE_LIST)

# The stamp holds the digest of what was installed, so a clone, a checkout and a touched file are
# told apart from a changed one.
DIGEST := $(shell cat requirements-dev.txt pyproject.toml | cksum | tr ' ' '-')
venv: ## create .venv from the lock where it is missing or stale
	@test "$$(cat $(STAMP) 2>/dev/null)" = "$(DIGEST)" || $(MAKE) $(STAMP)

.PHONY: $(STAMP)
$(STAMP):
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer on the PATH; install one or" \
	  "say where it is: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked packages into $(VENV) (once)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --no-deps \
	  -r requirements-dev.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "$(DIGEST)" > $(STAMP)

demo: venv ## a simulated cloud through the whole pipeline, no broker needed
	@$(BIN)/trainwatch demo

# One pytest run, so that the last line is pytest's own; the table above it is per layer.
test: check ## check, unit, property, integration and end-to-end tests
	@$(PYTEST) -q $(SIDE_BY_SIDE) tests

check: venv ## ruff, formatting, mypy --strict, import contracts, budgets
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "make check: run .venv/bin/ruff format ." >&2; exit 1; }
	@$(BIN)/mypy $(PACKAGES) tests
	@$(BIN)/lint-imports --no-logo
	@$(PYTEST) -q tests/unit/test_tidy.py

tidy: venv ## let ruff rewrite what it can
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

unit: venv ## nothing outside the process, ten seconds in all
	@$(PYTEST) -q $(SIDE_BY_SIDE) tests/unit tests/contract

property: venv ## the laws of the core
	@$(PYTEST) -q $(SIDE_BY_SIDE) tests/property

integration: venv ## real broker on loopback, real files
	@$(PYTEST) -q $(SIDE_BY_SIDE) tests/integration

e2e: venv ## the command as a process
	@$(PYTEST) -q $(SIDE_BY_SIDE) tests/end_to_end

bench: venv ## speed beside DuckDB and a dict loop, in one run
	@$(PY) -m tests.benchmark

mutate: venv ## break the ownership arithmetic on purpose and see that a test notices
	@$(PY) -m tests.mutation

validate: venv ## hold the estimate against measured runs: make validate DATA=folder
	@$(BIN)/trainwatch validate --data $(DATA) --out docs

compare: venv ## hold the simulator against real series: make compare DATA=folder
	@$(PY) -m streams.compared --data $(DATA)

train: venv ## fit the classifier again and write its artefact and manifest
	@$(PY) -m streams.training

# The header carries the digest of the declared dependencies; a unit test compares it.
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --upgrade \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate
DECLARED = $$($(PY) tests/support/declared.py)
lock: ## resolve pyproject.toml into requirements.txt and requirements-dev.txt
	@test -x $(BIN)/uv || $(MAKE) venv
	@$(LOCK) --custom-compile-command "make lock ($(DECLARED))" -o requirements.txt
	@$(LOCK) --group dev --custom-compile-command "make lock ($(DECLARED))" -o requirements-dev.txt

image: ## build the container image
	@docker build -f deploy/Dockerfile -t trainwatch .

clean: ## remove what was made here, the environment too
	@rm -rf $(VENV) build out demo-out .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache ./*.egg-info
