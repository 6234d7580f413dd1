# Everything is done from here: `make help` says what there is.
# A fresh Debian 12 machine needs only python3.11-venv and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
# Tests wait for disks, browsers and programs: one more than there are processors.
JOBS ?= $(shell echo $$(( $$(nproc) + 1 )))

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet
UV ?= $(firstword $(wildcard $(BIN)/uv) $(shell command -v uv))

run site preview: export FORMS_LISTEN ?= 127.0.0.1:$(PORT)
run site preview: export FORMS_BASE_URL ?= http://127.0.0.1:$(PORT)

# Tests and commands start Python hundreds of times: what it compiles is kept.
export PYTHONDONTWRITEBYTECODE :=

# A stamp is as old as the last install of its group; a newer lock makes it stale.
RUNTIME := $(VENV)/.runtime
BUILD := $(VENV)/.build
TEST := $(VENV)/.test

.DEFAULT_GOAL := help
.PHONY: run test test-all check site preview audit audit-deps licences bench bench-long \
	drill lock clean help

run: $(BUILD) ## Set up, build the site, serve site and forms (PORT=8000); Ctrl-C stops
	@$(BIN)/forms-service check
	@$(BIN)/python site/build.py
	@service=; clock=; trap 'exit 0' INT; trap 'exit 143' TERM; \
	trap 'kill $$service $$clock 2>/dev/null; wait' EXIT; \
	$(BIN)/forms-service serve & service=$$!; \
	( trap 'kill $$step 2>/dev/null; exit' TERM; \
	while :; do \
		sleep 60 & step=$$!; wait $$step; \
		$(BIN)/python site/build.py --if-due & step=$$!; wait $$step; \
	done ) & clock=$$!; \
	wait $$service

test: $(TEST) check ## Set up, check, run the tests, hold the coverage gates
	@mkdir -p build/coverage
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term
	$(BIN)/coverage report --fail-under=100 --include="$(subst $(space),$(comma),$(FULLY_COVERED))"

test-all: $(TEST) check ## Run the slow tests too
	$(BIN)/python -m pytest -n $(JOBS) -m "not drill"

check: $(TEST) ## Lint, formatting, types, definitions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p forms_service
	$(BIN)/mypy site
	$(BIN)/forms-service check

site: $(BUILD) ## Build the public site into build/public
	@$(BIN)/forms-service check
	@$(BIN)/python site/build.py
	@$(BIN)/python requirements/sbom.py build/sbom.cdx.json

preview: $(BUILD) ## Build again at every change of content/, for editors
	@$(BIN)/python site/build.py --preview

# Lighthouse comes from the npm registry, with the hashes of its lock.
audit: $(TEST) ## Lighthouse on a phone: home, form page, seminar
	@mkdir -p build/audit
	@command -v npm >/dev/null || sh requirements/system.sh audit
	@cp tests/audit/package.json tests/audit/package-lock.json build/audit/
	@cd build/audit && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@$(BIN)/python tests/audit

bench: $(BUILD) ## Measure what everything costs, over HTTP; write docs/speed.md
	@PYTHONPATH=tests $(BIN)/python -m bench

bench-long: $(BUILD) ## Staff pages with a million rows; sending beside Wagtail, if it can be installed
	-@$(MAKE) --no-print-directory build/wagtail/.installed
	@PYTHONPATH=tests $(BIN)/python -m bench --long

drill: $(TEST) ## Exercise the disasters at full length; a table, promise by promise
	$(BIN)/python -m pytest -m "promise or drill"

lock: ## Renew the locks from requirements/*.in (needs uv; UPGRADE=--upgrade for newer)
	@test -n "$(UV)" || { echo "make lock needs uv: pip install uv, then make lock UV=/path/to/uv" >&2; exit 1; }
	cd requirements && for group in runtime build test bench-long audit-deps; do \
		$(abspath $(UV)) pip compile -q --generate-hashes --no-emit-index-url \
			--no-emit-find-links --python-version 3.11 --universal $(UPGRADE) \
			$$group.in -o $$group.txt || exit 1; \
	done

audit-deps: build/audit-deps/.installed ## Ask the advisories about every locked version
	@$(PYTHON) requirements/advisories.py build/audit-deps/bin/pip-audit

licences: $(BUILD) ## List the licence of every package of service and site build
	@$(BIN)/python requirements/sbom.py --licences

clean: ## Remove what can be made again; var/ (the data) and .venv stay
	rm -rf build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find forms_service site tests -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

# What must be covered to the last branch: who is told "received", what is kept, and
# what editors are told.
FULLY_COVERED := \
	forms_service/workflow/* \
	forms_service/store/* \
	forms_service/definition/* \
	forms_service/content/* \
	forms_service/proofreading/* \
	forms_service/tokens.py
comma := ,
space := $(subst ,, )

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Install Python first: apt-get install python3.11-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Whoever serves may not write here: what is ours is compiled too, else each start and
# each file that is read would do it again.
$(RUNTIME): requirements/runtime.txt requirements/system.sh pyproject.toml | $(BIN)/python
	@sh requirements/system.sh runtime
	@echo "Installing what the service needs"
	@$(PIP_INSTALL) --require-hashes --no-deps -r requirements/runtime.txt
	@PYTHONWARNINGS=ignore $(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q forms_service site
	@touch $@

$(BUILD): requirements/build.txt $(RUNTIME)
	@echo "Installing what the site build needs"
	@$(PIP_INSTALL) --require-hashes --no-deps -r requirements/build.txt
	@touch $@

# Most of these are never imported, and need not be compiled.
$(TEST): requirements/test.txt $(BUILD)
	@sh requirements/system.sh test
	@echo "Installing what the tests need"
	@$(PIP_INSTALL) --no-compile --require-hashes --no-deps -r requirements/test.txt
	@touch $@

build/audit-deps/.installed: requirements/audit-deps.txt | $(BIN)/python
	@$(PYTHON) -m venv build/audit-deps
	@build/audit-deps/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps -r $<
	@touch $@

# With other versions of what the service has, so in a folder of its own.
build/wagtail/.installed: requirements/bench-long.txt
	@echo "Installing Wagtail"
	@$(PYTHON) -m venv build/wagtail
	@build/wagtail/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps -r $<
	@touch $@
