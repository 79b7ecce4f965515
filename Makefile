# Two commands matter: `make demo` and `make test`. They install what they need; make and Python ≥ 3.11 are enough.
SHELL := /bin/bash
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do $$each -c '$(NEW_ENOUGH)' 2> /dev/null && echo $$each && break; done)
BIN := .venv/bin
UV := $(BIN)/uv
MEMBERS := libs/shared libs/cli services/records services/calls services/automations services/analytics
SOURCES := $(addsuffix /src,$(MEMBERS))
DATA ?= trunkline-data

.DEFAULT_GOAL := help
.PHONY: help install demo up down test check docs format lock clean

help: ## What there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: .venv/.installed ## Make .venv with everything in it

.venv/.installed: requirements.lock pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS))
	@test -n "$(PYTHON)" || { echo "Trunkline needs Python 3.11 or newer with venv (on Debian: apt-get install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) pip sync --quiet requirements.lock
	$(UV) pip install --quiet --no-deps $(addprefix -e ,$(MEMBERS))
	@touch $@

demo: install ## All of Trunkline on this machine, with a month of invented calls and live traffic
	$(BIN)/trunkline demo --data $(DATA)

up: install ## All of Trunkline on this machine
	$(BIN)/trunkline up --data $(DATA)

down: install ## Stop what `make demo` or `make up` started
	$(BIN)/trunkline down --data $(DATA)

# In the order of `testpaths`, the long journeys first, so that a short file ends the run (see conftest.py).
test: install ## Every test, on real engines
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

check: install ## Formatting, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

docs: install ## Write the generated documents: OpenAPI, AsyncAPI, the pages of events and decisions
	$(BIN)/python docs/generate.py

format: install ## Put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: install ## Choose newest versions and write requirements.lock, without addresses
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --all-extras --group pyproject.toml:dev \
		$(foreach each,trunkline trunkline-shared trunkline-records trunkline-calls trunkline-automations trunkline-analytics,--no-emit-package $(each)) \
		pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS)) -o requirements.lock

clean: ## Remove .venv and the data of the demo
	rm -rf .venv $(DATA)
