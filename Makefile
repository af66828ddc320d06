# shortchain: `make help` lists what there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test check build serve bench format translations clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	@echo "Installing what shortchain needs (once, about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the tests need (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(VENV)/.installed $@

run: $(VENV)/.installed ## Set up, load the demo region and start everything (PORT=8000)
	@exec $(BIN)/python tools/run.py

test: $(VENV)/.installed-dev ## Run make check and every test, on SQLite and PostgreSQL, browser included
	@$(BIN)/python tools/test.py $(ARGS)

check: $(VENV)/.installed-dev ## Format, lint, types, import contracts, templates, translations
	@$(BIN)/python tools/check.py

format: $(VENV)/.installed-dev ## Put the code in the house format
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

translations: $(VENV)/.installed-dev ## Collect the texts into the French and English catalogues
	@$(BIN)/python tools/translations.py update

build: $(VENV)/.installed ## Static files and the texts of each language; run, serve and test do it themselves
	@$(BIN)/python tools/build.py

serve: build ## Only the production web server (DATABASE_URL, PORT, WORKERS)
	@exec $(BIN)/python tools/serve.py

bench: $(VENV)/.installed-dev ## Measure, each figure beside its ceiling in the same run
	@$(BIN)/python -m bench $(ARGS)

clean: ## Remove the virtual environment and what was built; keeps instance/
	rm -rf $(VENV) static/dist static/vendor node_modules .pytest_cache .mypy_cache .ruff_cache
