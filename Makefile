# make run: the main job on embedded parts.  make test: all tests.  make check: lint, types, import contracts.
.DEFAULT_GOAL := help
.PHONY: help run test check format bench docs clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := node_modules/.ready

# A Python 3.13 that starts: on the path, through pyenv, or through uv.
FIND_PYTHON = for candidate in python3.13 "$$(pyenv prefix 3.13 2>/dev/null)/bin/python" "$$(uv python find 3.13 2>/dev/null)"; do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1; then echo "$$candidate"; exit 0; fi; done

help:  ## these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(READY): requirements.txt requirements-dev.txt requirements.lock pyproject.toml
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then echo "Python 3.13 was not found as python3.13, through pyenv or through uv: install it, then try again" >&2; exit 2; fi; \
	test -x $(BIN)/python || "$$python" -m venv $(VENV)
	@echo "Installing into $(VENV) (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt -c requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

run: $(READY)  ## the main job, shown on a sample tenant
	@$(BIN)/offboard demo

# Azurite, for the tests of the journal in Table Storage, which are skipped without it (but fail in CI).
$(TOOLS): package.json package-lock.json
	@if ! command -v npm >/dev/null 2>&1; then echo "npm was not found: tests that need Azurite are skipped" >&2; else \
		echo "Installing into node_modules (half a minute the first time) ..."; \
		npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $(TOOLS) \
		|| echo "npm ci failed: tests that need Azurite are skipped" >&2; fi

test: $(READY) $(TOOLS)  ## all tests
	@$(BIN)/python -m pytest -n 4 --dist loadfile $(ARGS)

check: $(READY)  ## lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)  ## bring the code into shape
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: $(READY)  ## all benchmarks, some six minutes; writes benchmarks/results.md
	@$(BIN)/python -m benchmarks

docs: $(READY)  ## write the generated documents: schemas, the table of settings
	@$(BIN)/python -m cli.schemas
	@$(BIN)/python -m cli.reference

clean:  ## remove what the targets made
	@rm -rf $(VENV) node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage* *.egg-info
