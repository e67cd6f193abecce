# `make` sets everything up and runs every study on the default profile; `make help` lists the rest.
# Each target is one line that calls the `reprise` command: what it does is written there.

.DEFAULT_GOAL := default
PROFILE ?= default
PYTHON ?= python3
STUDIES := $(filter-out skeleton,$(patsubst lib/reprise/studies/%.py,%,$(filter-out lib/reprise/studies/__init__.py,$(wildcard lib/reprise/studies/*.py))))

# An environment that is already active is used; otherwise one is made in .venv.
ENVIRONMENT := $(or $(VIRTUAL_ENV),$(CONDA_PREFIX),.venv)
BIN := $(ENVIRONMENT)/bin
READY := $(ENVIRONMENT)/.reprise-installed
REPRISE := $(BIN)/reprise

# An environment knows the folder that it was made for; a copied or moved one would run another folder's code.
MADE_FOR := $(shell cat $(READY) 2>/dev/null)
ifneq ($(strip $(MADE_FOR)),)
ifneq ($(MADE_FOR),$(CURDIR))
$(error the environment $(ENVIRONMENT) was made for $(MADE_FOR), and this is $(CURDIR). To mend it: \
deactivate it if it is active, otherwise remove it; then run make again)
endif
endif

.PHONY: install test smoke default open paper report status doctor lab bench lint format clean help $(STUDIES)

install: $(READY) ## set up the environment: .venv, or the active one, with the locked versions

$(READY): requirements.lock lib/requirements-no-deps.lock pyproject.toml
	@PYTHON=$(PYTHON) sh lib/install.sh $(ENVIRONMENT)
	@echo $(CURDIR) > $@

smoke: $(READY) ## every study on small parameters, about a minute each
	$(REPRISE) run --profile smoke

default: $(READY) ## every study on the embedded data (what `make` alone does)
	$(REPRISE) run --profile default

open: $(READY) ## every study on the public collections found under REPRISE_DATA
	$(REPRISE) run --profile open

paper: $(READY) ## every study on the papers' own collections (downloads, GPU)
	$(REPRISE) run --profile paper

$(STUDIES): $(READY)
	$(REPRISE) run $@ --profile $(PROFILE)

report: $(READY) ## tables, figures, the site and the README's table again from the stored results
	$(REPRISE) report

status: $(READY) ## which results are fresh, stale, incomplete or missing
	$(REPRISE) status

doctor: $(READY) ## what PROFILE needs, and what of it is there
	$(REPRISE) doctor --profile $(PROFILE)

lab: $(READY) ## JupyterLab on the notebooks
	$(REPRISE) lab

test: $(READY) ## the whole default test suite
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: $(READY) ## the benchmarks: ratios against a peer in the same run
	$(REPRISE) bench

lint: $(READY) ## ruff, read only
	$(BIN)/ruff check lib tests && $(BIN)/ruff format --check lib tests

format: $(READY) ## ruff, in place
	$(BIN)/ruff check --fix lib tests && $(BIN)/ruff format lib tests

clean: $(READY) ## forget the cached units and smoke results (published results stay)
	$(REPRISE) clean

help: ## this list
	@grep -hE '^[a-z$$()A-Z_]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'
	@printf '  make STUDY [PROFILE=smoke]: one of %s\n' "$(STUDIES)"
