# Every target makes what it needs: `make assess` and `make test` work in a fresh checkout.
# Needed beforehand: Python 3.11 or newer (with venv), make and git.

PYTHON ?= python3
# An interpreter that is named has an environment of its own, for example .venv-3.12, beside the usual .venv.
ifeq ($(origin PYTHON),file)
VENV := .venv
else
VENV := .venv-$(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none)
endif
RUN := $(VENV)/bin/python -m
OUT := build/assessments
SITE := docs/_build/html
# The documents that an office suite opens: formats, dossiers (DOSSIERS="acl-rupture copd" for some) and their folder.
OFFICE := docx,pdf,xlsx
DOSSIERS ?= --all
DOCUMENTS := build/documents
# A workbook is recalculated after each of its inputs was changed, or after every Nth.
EVERY := 1

# The lowest versions that pyproject.toml allows, on the oldest Python, and the tests that hold them to account: those of
# the calculations. SciPy 1.13 has no wheels for later Pythons.
LOWEST := .venv-lowest
LOWEST_PYTHON := 3.11
CORE := $(addprefix tests/,budget/test_impact.py decision evidence printed reported test_draws.py \
	test_eq5d*.py test_prices.py test_tables.py trial rules)

# A file of tests stays together, since its tests share what they make; tests/conftest.py puts the slow files first, and
# keeps files together that share what is slow to make.
WORKERS := -n auto --dist loadfile --no-loadscope-reorder

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Bytecode is kept: without it every worker of the tests rewrites all assertions again, ten seconds each.
unexport PYTHONDONTWRITEBYTECODE
# The workers of the tests share the cores: threads of linear algebra beside them cost a fifth more.
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help assess test examples quick nightly test-lowest lint types contract docs browser look documents changelog clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22
	@echo "  Another interpreter: make assess PYTHON=python3.12"

assess: $(VENV)/.installed  ## assess every dossier that ships: a table here, the summaries in build/assessments
	@$(VENV)/bin/hecon assess --all --out $(OUT)
	@echo "The summaries are there in Dutch and English, each as HTML and Markdown to read and as JSON to compute with."

test: $(VENV)/.installed-test  ## run the tests and doctests, with the gate on branch coverage
	$(RUN) pytest $(WORKERS) -m "not gallery" --cov --cov-report= --cov-fail-under=0
	$(RUN) coverage report

examples: $(VENV)/.installed-test  ## run the examples, those of the site and the README, and check what each prints
	$(RUN) pytest -q -n auto --dist worksteal -m gallery tests/test_examples.py tests/test_package.py docs/*.rst

quick: $(VENV)/.installed-test  ## run the tests that are not slow, on fewer examples: while working
	$(RUN) pytest -q $(WORKERS) --hypothesis-profile=quick -m "not slow"

nightly: $(VENV)/.installed-test  ## run the property tests on forty times as many examples (hours; TESTS=... for a part)
	$(RUN) pytest -n auto --dist worksteal --hypothesis-profile=nightly -m hypothesis $(TESTS)

test-lowest: $(LOWEST)/.installed  ## run the tests of the calculations with the lowest versions of all dependencies
	$(LOWEST)/bin/python -m pytest -q -n auto --dist worksteal --hypothesis-profile=quick $(CORE)

lint: $(VENV)/.installed-test  ## check style, formatting, spelling and settings
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(VENV)/bin/codespell
	$(RUN) validate_pyproject pyproject.toml
	$(RUN) check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(RUN) check_jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	$(RUN) check_jsonschema --builtin-schema vendor.readthedocs .readthedocs.yaml
	$(RUN) check_jsonschema --builtin-schema vendor.citation-file-format CITATION.cff

types: $(VENV)/.installed-test  ## check the types
	$(RUN) mypy

contract: $(VENV)/.installed-test  ## check that no layer imports from one above it
	$(VENV)/bin/lint-imports

docs: $(VENV)/.installed-docs  ## build the site, strictly and offline, and check the public docstrings
	rm -rf $(SITE) docs/api/generated docs/gallery
	$(RUN) sphinx -n -W --keep-going -q -b html -d docs/_build/doctrees docs $(SITE)
	$(VENV)/bin/python docs/check_offline.py $(SITE)
	@echo "The site is in $(SITE)/index.html"

browser: assess docs look  ## open the notes and the site in headless Chromium (needs Chromium, node and npm)

# What `browser` does with what is made already.
look:
	cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund --silent
	node tests/browser/check.mjs $(OUT) $(SITE) build/browser

documents: $(VENV)/.installed-test  ## write the documents in every format and open them (needs LibreOffice and poppler)
	rm -rf $(DOCUMENTS)
	@$(VENV)/bin/hecon assess $(DOSSIERS) --format $(OFFICE) --out $(DOCUMENTS) >/dev/null
	@$(VENV)/bin/hecon budget acl-rupture --format $(OFFICE) --out $(DOCUMENTS)
	@$(VENV)/bin/hecon programme --format $(OFFICE) --out $(DOCUMENTS)
	@$(VENV)/bin/hecon audit acl-rupture --format $(OFFICE) --out $(DOCUMENTS)
	$(VENV)/bin/python tests/documents/check.py $(DOCUMENTS)
	$(VENV)/bin/python tests/documents/recalculate.py --every $(EVERY) $(filter-out --all,$(DOSSIERS))

changelog:  ## move the fragments in changelog.d to CHANGELOG.md: for a release
	"$(PYTHON)" changelog.d/merge.py

clean:  ## remove everything that was made here, the virtual environments too
	rm -rf .venv .venv-* tests/browser/node_modules build dist docs/_build docs/api/generated docs/gallery *.egg-info .coverage .coverage.* \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find hecon tests docs examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written when its step has succeeded, so a step runs again only if it failed or pyproject.toml changed.

$(VENV)/.installed: pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "hecon needs Python 3.11 or newer, and there is no '$(PYTHON)' here." >&2; \
		echo "Name the interpreter to use: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "hecon needs Python 3.11 or newer, and '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1)." >&2; \
		echo "Name another interpreter: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Installing hecon in $(VENV) (once; this takes a minute) ..."
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(RUN) pip install -qq --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@echo "Installing the tools that the checks need ..."
	@$(RUN) pip install -qq --editable '.[test]'
	@touch $@

$(LOWEST)/.installed: pyproject.toml | $(VENV)/.installed
	@echo "Installing the lowest versions of all dependencies in $(LOWEST) ..."
	@$(RUN) pip install -qq 'uv>=0.8'
	@$(RUN) uv venv --quiet --clear --python $(LOWEST_PYTHON) $(LOWEST)
	@$(RUN) uv pip install --quiet --compile-bytecode --python $(LOWEST)/bin/python --resolution lowest-direct --editable '.[test]'
	@touch $@

$(VENV)/.installed-docs: $(VENV)/.installed
	@echo "Installing the tools that the site needs ..."
	@$(RUN) pip install -qq --editable '.[docs]'
	@touch $@
