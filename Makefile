# make run: the main job on embedded parts.  make test: all tests.  make check: lint, types, import contracts.  make infra-check: the infrastructure.
.DEFAULT_GOAL := help
.PHONY: help run test proof chaos soak fuzz mutation check infra-check audit lock package format bench docs clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := node_modules/.ready
CHECKOV := $(VENV)/tools/checkov/.ready
AUDIT := $(VENV)/tools/audit/.ready
ATHERIS := $(VENV)/tools/atheris
UV := $(VENV)/tools/uv/bin/uv

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
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
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
	@$(VENV)/tools/checkov/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r infra/checks/checkov.lock
	@touch $(CHECKOV)

$(AUDIT): $(READY) infra/checks/audit.lock
	@test -x $(VENV)/tools/audit/bin/python || $(BIN)/python -m venv $(VENV)/tools/audit
	@$(VENV)/tools/audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r infra/checks/audit.lock
	@touch $(AUDIT)

# What is fuzzed is ours, so the fuzzer lies in a folder that one command looks into. It has no wheels but for Linux.
$(ATHERIS)/.ready: $(READY) tests/fuzz/atheris.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --upgrade --target $(ATHERIS) \
		--require-hashes -r tests/fuzz/atheris.lock && touch $@ \
		|| echo "atheris could not be installed: not guided by coverage" >&2

$(UV): $(READY)
	@$(BIN)/python -m venv $(VENV)/tools/uv
	@$(VENV)/tools/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9

test: $(READY) $(TOOLS) $(CHECKOV)  ## all tests, infra-check among them
	@$(BIN)/python -m pytest -n 4 --dist loadfile $(ARGS)

proof: $(READY)  ## every fault, every two where they may differ, 10,000 random schedules, 500 stories, in some eight minutes; ARGS=LABEL plays one case again
	@$(BIN)/python -m tests.proof $(or $(ARGS),--faults --seeds 10000 --stories 25)

chaos: $(READY)  ## real hosts under load, killed and cut off, five to ten minutes; ARGS="--seed N" repeats a plan of faults
	@$(BIN)/python -m tests.chaos $(ARGS)

soak: $(READY)  ## 100,000 messages in virtual time, and 2,000 in a host: what of memory, tasks, links and sockets is kept
	@$(BIN)/python -m tests.soak $(ARGS)

fuzz: $(READY) $(ATHERIS)/.ready  ## 10,000 hostile messages and answers, then atheris, in some five minutes; ARGS="answers SEED" plays one again
	@PYTHONPATH=$(ATHERIS) $(BIN)/python -m tests.fuzz $(or $(ARGS),--runs 200000)

mutation: $(READY)  ## the code changed in thousands of places, one at a time: a test must fail each time; ARGS=PATTERN for some
	@$(BIN)/python -m tests.mutation $(ARGS)

check: $(READY)  ## lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

infra-check: $(READY) $(TOOLS) $(CHECKOV)  ## Bicep, settings, queues, roles, queries: all that shows without Azure
	@$(BIN)/python -m infra.checks

audit: $(AUDIT)  ## known vulnerabilities of all that the lock pins; asks the network
	@$(VENV)/tools/audit/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

lock: $(UV)  ## requirements.lock anew, after a change of requirements*.txt
	@$(UV) pip compile --quiet --python-version 3.13 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --output-file requirements.lock requirements.txt requirements-dev.txt

package: $(READY)  ## what is deployed, as build/package.zip, and its bill of materials, as build/sbom.cdx.json
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
