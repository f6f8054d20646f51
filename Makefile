# Two commands do everything: `make run` to try it, `make test` to check it.

PYTHON ?= python3
PAGES ?= ../shared/pages
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv

.DEFAULT_GOAL := help
.PHONY: help run setup test browsers check browser types bench eval soak shots messages lock sbom audit clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Start the service with a demo article and a queue to try
	@FEEDBACK_HOME="$${FEEDBACK_HOME:-$(CURDIR)/.demo}" $(BIN)/feedback demo --bind "$${BIND:-127.0.0.1:8000}"

setup: $(VENV)/.dev ## Make the environment that the other commands share

test: $(VENV)/.dev browser ## Set up what is missing and run all tests
	@$(BIN)/pytest -n auto --dist loadfile

browsers: $(VENV)/.dev ## Set up Chromium, Firefox and WebKit and go the reader's way in each
	@sh tools/browsers.sh
	@$(BIN)/pytest engines

check: $(VENV)/.dev types ## Lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

types: node_modules/.package-lock.json
	@npm run --silent types

bench: $(VENV)/.dev ## Measure, side by side, and keep the table in docs/benchmarks.md
	@$(BIN)/python -m bench

eval: $(VENV)/.dev ## See how well quotes are found again in the pages of a folder: PAGES=…
	@$(BIN)/python -m evaluation $(PAGES)

soak: $(VENV)/.dev ## Faults at length: kill, lock, stop, freeze, and see that nothing is lost
	@FEEDBACK_TEST_KILLS="$${KILLS:-300}" $(BIN)/pytest -n 2 --dist load tests/test_letters_faults.py
	@FEEDBACK_TEST_SERVICE_KILLS="$${SERVICE_KILLS:-100}" FEEDBACK_TEST_REPORTS="$${REPORTS:-20000}" \
		FEEDBACK_TEST_UPGRADE_KILLS="$${UPGRADE_KILLS:-20}" FEEDBACK_TEST_LOCKED=60 \
		FEEDBACK_TEST_STOPPED=20 $(BIN)/pytest -n 2 --dist loadscope -rP tests/test_faults_*.py
	@FEEDBACK_TEST_CASES="$${CASES:-20000}" $(BIN)/pytest -n 2 --dist load tests/test_openapi_tried.py
	@FEEDBACK_TEST_STORIES="$${STORIES:-500}" $(BIN)/pytest -n 2 --dist load tests/test_model.py
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/fuzz.txt
	@$(BIN)/python -m fuzzing --seconds "$${FUZZ:-600}"

shots: $(VENV)/.dev browser ## Take the pictures of the docs anew
	@$(BIN)/python -m docs.shots

messages: $(VENV)/.dev ## Bring the catalogs of the desk's languages up to date; begin one: NEW=it
	@$(BIN)/python -m tools.messages $(NEW)

lock: $(VENV)/.uv ## Resolve the dependencies anew
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade pyproject.toml --extra redis --extra chat \
		-o requirements/run.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade pyproject.toml --extra redis --extra chat --group dev \
		-c requirements/run.txt -o requirements/dev.txt
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade --group fuzz -o requirements/fuzz.txt

sbom: $(VENV)/.dev ## Write what the service is made of, as CycloneDX: sbom.json
	@$(BIN)/python -m tools.sbom > sbom.json

audit: $(VENV)/.uv ## Look the pinned dependencies up among known holes; needs pypi.org
	@$(UV) tool run pip-audit --strict --disable-pip --require-hashes -r requirements/run.txt

clean: ## Remove what the other commands made
	@rm -rf $(VENV) .demo node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

# The browser comes from the system; where that may be changed, it is installed.
browser:
	@sh tools/browser.sh

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "This needs Python 3.11 or later as $(PYTHON); name another: make PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "Python's venv module is missing (Debian: apt install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9' || { \
		echo "Packages could not be fetched: is there a network?" >&2; exit 1; }
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/.uv
	@test -e $(VENV)/.dev || $(UV) pip sync --quiet --python $(BIN)/python requirements/run.txt
	@test ! -e $(VENV)/.dev || $(UV) pip sync --quiet --python $(BIN)/python requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/.uv
	@$(UV) pip sync --quiet --python $(BIN)/python requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@ $(VENV)/.run

node_modules/.package-lock.json: package-lock.json
	@command -v npm >/dev/null || { \
		echo "The JavaScript's types are checked by npm's typescript: install Node.js 20+" >&2; exit 1; }
	@npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@
