# Everything below runs from a fresh clone: git, make and Python >= 3.11 with venv are all it needs.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
# One more than processors: tests wait for processes more than they compute.
TEST_PROCESSES = $$(($$(getconf _NPROCESSORS_ONLN) + 1))
# The environment is the one in this directory, whatever the caller has activated.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT PYTHONPATH PYTHONHOME

# Hundreds of processes are started: what they import is compiled once, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run demo test check bench bench-tail bench-query bench-pages plans faults soak extremes fuzz format alert-faults bench-alerts api-types docs

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Otelgres needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

setup: $(BIN)/uv ## make .venv and build what is built
	@$(BIN)/uv sync --quiet --frozen

run: setup ## start Otelgres: API and pages on 8000, OTLP on 4317 and 4318
	@exec $(BIN)/otelgres serve

demo: setup ## server, example application and traffic, with a line that says where to look
	@exec $(BIN)/python -m examples.rag_app.demo

test: setup ## every test, against real parts
	@$(BIN)/python -m tests.browser.install
	@$(BIN)/python -m tests.node.install
	@$(BIN)/python -m tests.deploy.install
	@$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## lint, types, who may import whom; the documentation and the pages too
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m handbook
	@$(BIN)/python -m tests.node.install
	@$(BIN)/python -m tests.ui.check

docs: setup ## the documentation as a site, in build/site
	@$(BIN)/python -m handbook
	@echo "build/site/index.html"

api-types: setup ## write the types by which the pages know the API anew
	@$(BIN)/python -m tests.node.install
	@$(BIN)/python -m tests.ui.api_types

bench: setup ## ingest benchmark against raw COPY, five alternating pairs
	@exec $(BIN)/python -m benchmarks.ingest $(ARGS)

bench-tail: setup ## live tail at 10,000 logs/s with twenty clients
	@exec $(BIN)/python -m benchmarks.tail $(ARGS)

bench-query: setup ## answers of the read API over 20 million logs and spans; half an hour, 40 GB
	@exec $(BIN)/python -m benchmarks.query $(ARGS)

bench-pages: setup ## the pages in Chromium, over traces of 100,000 spans and 50,000 logs; five minutes
	@$(BIN)/python -m tests.browser.install
	@exec $(BIN)/python -m benchmarks.pages $(ARGS)

bench-alerts: setup ## a thousand alert rules at a minute: what the engine costs beside their queries, and its lag
	@exec $(BIN)/python -m benchmarks.alerts $(ARGS)

plans: setup ## EXPLAIN of the hot queries over five million logs and spans
	@PLANS=full $(BIN)/pytest tests/plans/test_month.py $(ARGS)

faults: setup ## every fault under load: what was acknowledged against what is stored; 20 minutes
	@exec $(BIN)/python -m tests.faults $(ARGS)

alert-faults: setup ## two replicas of the alert engine, killed and stopped two hundred times; half an hour
	@exec $(BIN)/python -m tests.alert_faults $(ARGS)

soak: setup ## an hour of load with random faults; ARGS='--minutes 2' for less
	@exec $(BIN)/python -m tests.faults.soak $(ARGS)

extremes: setup ## the largest things senders send, in their full size
	@EXTREMES=full $(BIN)/pytest -s tests/acceptance/test_extremes.py $(ARGS)

fuzz: setup ## coverage-guided fuzzing of what reads foreign bytes; goes on where it stopped
	@exec $(BIN)/python -m tests.fuzz $(ARGS)

format: setup ## rewrite the code in the one style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
