# make run: the main job on embedded parts.  make test: all tests.  make check: lint, types, import contracts.  make infra-check: the infrastructure.
.DEFAULT_GOAL := help
.PHONY: help run test proof mutation check infra-check package format bench docs clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := node_modules/.ready
CHECKOV := $(VENV)/tools/checkov/.ready

# A Python 3.13 that starts: on the path, through pyenv, or through uv.
FIND_PYTHON = for candidate in python3.13 "$$(pyenv prefix 3.13 2>/dev/null)/bin/python" "$$(uv python find 3.13 2>/dev/null)"; do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1; then echo "$$candidate"; exit 0; fi; done

help:  ## these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

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

# Azurite, for the tests of the journal in Table Storage, and the parser of the alerts' queries; what needs them is skipped without
# (but fails in CI).
$(TOOLS): package.json package-lock.json
	@if ! command -v npm >/dev/null 2>&1; then echo "npm was not found: tests that need Azurite are skipped" >&2; else \
		echo "Installing into node_modules (half a minute the first time) ..."; \
		npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $(TOOLS) \
		|| echo "npm ci failed: tests that need Azurite are skipped" >&2; fi

# In an environment of its own: it pins what others need in other versions.
$(CHECKOV): $(READY) infra/checks/checkov.lock
	@echo "Installing checkov into $(VENV)/tools (half a minute the first time) ..."
	@test -x $(VENV)/tools/checkov/bin/python || $(BIN)/python -m venv $(VENV)/tools/checkov
	@$(VENV)/tools/checkov/bin/python -m pip install --quiet --disable-pip-version-check -r infra/checks/checkov.lock
	@touch $(CHECKOV)

test: $(READY) $(TOOLS) $(CHECKOV)  ## all tests, infra-check among them
	@$(BIN)/python -m pytest -n 4 --dist loadfile $(ARGS)

proof: $(READY)  ## every pair of faults and 10,000 random schedules, in minutes; ARGS=LABEL plays one case again
	@$(BIN)/python -m tests.proof $(or $(ARGS),--pairs --seeds 10000)

mutation: $(READY)  ## the code changed in thousands of places, one at a time: a test must fail each time; ARGS=PATTERN for some
	@$(BIN)/python -m tests.mutation $(ARGS)

check: $(READY)  ## lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

infra-check: $(READY) $(TOOLS) $(CHECKOV)  ## Bicep, settings, queues, roles, queries: all that shows without Azure
	@$(BIN)/python -m infra.checks

package: $(READY)  ## what is deployed, as build/package.zip
	@$(BIN)/python -m infra.package

format: $(READY)  ## bring the code into shape
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: $(READY)  ## all benchmarks, some ten minutes; writes benchmarks/results.md
	@$(BIN)/python -m benchmarks

docs: $(READY)  ## write what is generated: schemas, the table of settings, the settings in Bicep
	@$(BIN)/python -m cli.schemas
	@$(BIN)/python -m cli.reference
	@$(BIN)/python -m infra.app_settings

clean:  ## remove what the targets made
	@rm -rf $(VENV) mutants node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage* *.egg-info
