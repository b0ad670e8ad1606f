# Every target makes its own environment in .venv, with nothing but Python 3.11+ and make there before.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
RUNNING := $(VENV)/.running
READY := $(VENV)/.ready
DEMO := .demo
MEASURING := $(VENV)/.measuring
ROWS ?= 200000
RUNS ?= 3
BENCH ?=

.DEFAULT_GOAL := help
.PHONY: help demo test picture lint types crash recipes bench bench-quick wheel clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

$(RUNNING): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing what backfill needs into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(READY): $(RUNNING)
	@echo "Installing what its tests need into $(VENV) ..."
	@$(PIP) --editable '.[dev]'
	@touch $@

demo: $(RUNNING) ## upload sample_data/ to the embedded sandbox: plan, progress, summary, rejects
	@rm -rf $(DEMO) && mkdir -p $(DEMO) && cp sample_data/shopify_orders.csv $(DEMO)/
	@echo '$$ backfill upload $(DEMO)/shopify_orders.csv --sandbox'
	@$(BIN)/backfill upload $(DEMO)/shopify_orders.csv --sandbox --yes; code=$$?; \
	  if [ $$code -ne 0 ] && [ $$code -ne 3 ]; then exit $$code; fi; \
	  echo; echo "Exit code $$code: finished$$( [ $$code -eq 3 ] && echo ', and there are rejects')."; \
	  echo "Look at the rejects:      less -S $(DEMO)/shopify_orders.rejects.csv"; \
	  echo "Then try your own file:   $(BIN)/backfill check YOUR_EXPORT.csv"; \
  echo "Until it is installed, backfill is $(BIN)/backfill in every command that is printed."

test: $(READY) ## run the tests; those of the page need Chromium
	@$(BIN)/python -m pytest --collect-only -qq tests > /dev/null  # compiles the tests once, which each worker would do
	@$(BIN)/python -m pytest -n 5 --dist worksteal -rs tests

picture: $(READY) ## make sample_data/report.png anew (needs Chromium)
	@$(BIN)/python sample_data/report.py

lint: $(READY) ## look for mistakes and uneven format
	@$(BIN)/ruff check backfill tests sample_data
	@$(BIN)/ruff format --check backfill tests sample_data

types: $(READY) ## check the types
	@$(BIN)/mypy

KILLS ?= 100
FAULTS ?= 60
crash: $(READY) ## kill uploads KILLS times, and make FAULTS in a race of hosts: prove that nothing is lost or doubled
	@$(BIN)/python tests/crash.py $(KILLS)
	@$(BIN)/python tests/takeovers.py $(FAULTS)

$(MEASURING): $(READY)
	@echo "Installing what the benchmarks compare with into $(VENV) ..."
	@$(PIP) --editable '.[bench]'
	@touch $@

bench: $(MEASURING) ## measure, and compare with other tools, about 15 minutes: ROWS=200000 RUNS=3 BENCH='upload --markdown'
	@$(BIN)/python tests/benchmarks/bench.py --rows $(ROWS) --runs $(RUNS) $(BENCH)

bench-quick: $(MEASURING) ## the same, smaller; fails where a bound is broken
	@$(BIN)/python tests/benchmarks/bench.py --guard --rows 100000 --events 10000 --runs 3 $(BENCH)

recipes: $(READY) ## run the guide's recipes with the newest Airflow, Dagster and Prefect, and check Kubernetes': about 10 minutes
	@$(BIN)/python tests/recipes.py .recipes

wheel: $(RUNNING) ## build a wheel into dist/
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

clean: ## remove what the targets made
	rm -rf $(VENV) $(DEMO) .bench .recipes build dist *.egg-info .mypy_cache .ruff_cache .hypothesis
