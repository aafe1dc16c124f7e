# What a developer types. Every target sets itself up on a fresh machine, where only make and a
# Python 3.13 exist.

PYTHON := .venv/bin/python
FILE ?= events/files/transactions.csv
SEEDS ?= 2000

# Compiled modules are kept, whatever the shell says: nothing was compiled at installation.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup desk run up down drill test test-unit test-simulation test-integration simulate lint check mutants dashboard bench bench-size clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv and install into it what requirements-dev.txt lists, if that changed
	@local/with-python local/prepare.py

desk: setup ## Install the operator's command line into .venv: .venv/bin/desk
	@$(PYTHON) -m pip install -qq --no-deps --editable .
	@echo 'installed: .venv/bin/desk --help; for this shell: export PATH="$$PWD/.venv/bin:$$PATH"'

run: setup ## Process one file in an embedded AWS and show its receipt (FILE=path)
	@$(PYTHON) -m local run -- "$(FILE)"

up: setup ## Start an embedded AWS with the stack deployed, and keep it running
	@$(PYTHON) -m local up

down: setup ## Stop what `make up` started
	@$(PYTHON) -m local down

drill: setup ## Play trouble on an embedded AWS, and end it by the runbook (NAME=drill); or list drills
	@$(PYTHON) -m local drill $(NAME)

test: test-unit test-simulation test-integration ## Run every test

test-unit: setup ## Run the tests that need no network
	@$(PYTHON) -m pytest -n auto tests/unit

test-integration: setup ## Run the tests of a deployed stack, against an embedded AWS
	@$(PYTHON) -m local exec -- $(PYTHON) -m pytest tests/integration

test-simulation: setup ## Run 2,000 seeds and every crash point of the simulation
	@$(PYTHON) -m pytest -n auto tests/simulation

simulate: setup ## Run the function under faults, in memory, one run a seed (SEEDS=number)
	@PYTHONPATH=src $(PYTHON) -m tests.simulation --seeds $(SEEDS) --processes $$(nproc)

lint: setup ## Check style, types and template; the quick part of check
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --exclude '*.md' .
	@$(PYTHON) -m mypy
	@.venv/bin/sam validate --lint
	@.venv/bin/cfn-lint template.yaml

check: setup ## Run every security gate, and end in one table of what each found
	@$(PYTHON) -m checks

mutants: setup ## Weaken the template in every place, and see the tests notice each
	@$(PYTHON) -m checks.mutation

dashboard: setup ## Write dashboard.yaml into the template
	@$(PYTHON) -m checks.dashboard --write

bench: setup ## Measure the function against what one would use instead
	@$(PYTHON) -m benchmarks

bench-size: setup ## Measure files of any size, and count one of 1 GB twice
	@PYTHONPATH=src $(PYTHON) -m benchmarks.any_size

clean: down ## Remove caches and builds; keeps what was installed
	rm -rf .aws-sam .local .hypothesis .mypy_cache .pytest_cache .ruff_cache build *.egg-info
	find . -name __pycache__ -not -path './.venv*/*' -type d -prune -exec rm -rf {} +
