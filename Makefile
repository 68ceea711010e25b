# Everything runs in .venv, which the first target you call makes from the hashed lock. Only python3 and make are needed.
# ARGS goes to the command behind a target: make mock ARGS="--port 0", make test ARGS="-k layers".

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
DOCS := .venv-docs
TOOLS := .cache/tools
PYTHON ?=
ARGS ?=

# The tests start many processes; each would compile the same modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: mock test lint types package outside browser bench documents docs soak fuzz audit sbom effective lock clean

mock: $(READY) ## start the mock on http://127.0.0.1:8080
	@$(BIN)/mockserver $(ARGS)

test: $(READY) ## run the project's own tests, a file at a time on each core (ARGS="-n 0": in one process)
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

lint: $(READY) ## check style and formatting
	$(BIN)/ruff check $(ARGS) .
	$(BIN)/ruff format --check .

types: $(READY) ## check types, strictly
	$(BIN)/mypy $(ARGS)

package: $(READY) ## build dist/, open both archives, install the wheel into a new venv and run it
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .
	PACKAGE_DIST=dist $(BIN)/python -m pytest tests/test_package.py -m "registry or not registry" $(ARGS)

outside: $(READY) ## let Schemathesis, Dredd and a generated client judge the mock (downloads them)
	$(BIN)/python -m pytest tests/outside $(ARGS)

browser: $(READY) ## walk the phone page in Chromium (installs it where it may)
	@tests/packages.sh browser
	$(BIN)/python -m pytest tests/browser $(ARGS)

bench: $(READY) ## compare with other mock servers, in a table and a picture (downloads them)
	$(BIN)/python -m benchmarks $(ARGS)

documents: $(READY) ## call every operation of public documents, on our mock and on others (downloads them)
	$(BIN)/python -m benchmarks.any_document $(ARGS)

docs: $(DOCS)/.installed ## build the site of docs/ into .cache/site; a dead link is an error
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict --site-dir .cache/site $(ARGS)

soak: $(READY) ## send a million requests, good and bad, and see whether anything grows
	$(BIN)/python -m benchmarks.soak $(ARGS)

fuzz: $(READY) $(TOOLS)/fuzz/.installed ## look for bytes that a reader was not made for: make fuzz ARGS="documents --seconds 600"
	PYTHONPATH=. $(TOOLS)/fuzz/bin/python -m tests.fuzz $(ARGS)

audit: $(READY) $(TOOLS)/supply/.installed ## ask for known holes in what the locks name; what cannot be asked for fails
	$(BIN)/python .ci/audit.py $(TOOLS)/supply/bin/pip-audit

sbom: $(READY) $(TOOLS)/supply/.installed ## write dist/sbom.cdx.json, the bill of materials of an installation (CycloneDX)
	@mkdir -p dist
	$(TOOLS)/supply/bin/cyclonedx-py requirements requirements/image.txt --pyproject pyproject.toml --sv 1.6 \
	  --output-reproducible --validate --output-file dist/sbom.cdx.json

effective: $(READY) ## regenerate openapi/effective/, docs/FIDELITY.md and docs/checks.md
	$(BIN)/python -m openapi.profiles
	$(BIN)/python -m mockserver.fidelity
	$(BIN)/contract-tests explain --markdown > docs/checks.md

# Versions already locked stay unless ARGS="--upgrade" or ARGS="--upgrade-package NAME".
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-python-downloads --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS)

lock: $(READY) ## resolve requirements/*.txt anew
	$(COMPILE) --extra contract --extra redis --extra tls pyproject.toml requirements/dev.in --output-file requirements/dev.txt
	$(COMPILE) requirements/build.in --constraint requirements/dev.txt --output-file requirements/build.txt
	$(COMPILE) --extra redis --extra tls pyproject.toml --constraint requirements/dev.txt --output-file requirements/image.txt
	$(COMPILE) requirements/docs.in --output-file requirements/docs.txt
	$(COMPILE) requirements/outside.in --output-file requirements/outside.txt
	$(COMPILE) requirements/supply.in --output-file requirements/supply.txt
	$(COMPILE) pyproject.toml requirements/fuzz.in --constraint requirements/dev.txt --output-file requirements/fuzz.txt

clean: ## remove what the other targets made
	rm -rf $(VENV) $(DOCS) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find openapi mockserver contract_tests tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} +

# --- the environment --------------------------------------------------------------------------------------------------

$(READY): pyproject.toml $(VENV)/.locked
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The site's tools lie apart: nothing that we run needs them.
$(DOCS)/.installed: requirements/docs.txt $(VENV)/.locked
	@$(BIN)/python -m venv --clear --without-pip $(DOCS)
	@$(BIN)/python -m pip --python $(DOCS)/bin/python install --quiet --disable-pip-version-check --require-hashes --requirement requirements/docs.txt
	@touch $@

# So do the tools of single targets, each with a lock of its own.
$(TOOLS)/%/.installed: requirements/%.txt | $(READY)
	@$(BIN)/python -m venv --clear --without-pip $(TOOLS)/$*
	@$(BIN)/python -m pip --python $(TOOLS)/$*/bin/python install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

# The first interpreter that runs and is new enough wins; a shim that cannot start counts as absent.
$(VENV)/.locked: requirements/dev.txt
	@set -e; found=; \
	for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python3.10 python); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "No Python 3.10 or later found ($(or $(PYTHON),python3) is: $$($(or $(PYTHON),python3) --version 2>&1 || true))." >&2; \
	  echo "Install one, e.g. 'apt-get install python3 python3-venv' or from python.org," >&2; \
	  echo "or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	  echo "$$found cannot make virtual environments: its venv or ensurepip module is missing." >&2; \
	  echo "Install it, e.g. 'apt-get install python3-venv' on Debian and Ubuntu, then call make again." >&2; exit 1; \
	fi; \
	echo "Preparing $(VENV) with $$("$$found" --version): about a minute, once per lock." >&2; \
	"$$found" -m venv --clear $(VENV); \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	@touch $@
