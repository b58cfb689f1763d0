# Everything a developer runs. Each command makes the virtual environment that it needs; nothing else is installed by hand.
#   make demo     the main job on a real socket, in under a minute
#   make test     all tests, twice: two hash seeds, random order, branch coverage with a floor
#   make niquests  the tests of niquests, in an environment of its own; `make test` runs them too
#   make mocks    the audit of every mock library that it knows, in an environment of its own; `make test` runs them too
#   make test-oldest  the clients' tests with the oldest releases that are supported (tests/versions.toml, lower bounds)
#   make test-next    the same with the newest, pre-releases included
#   make check    formatting, lint, types, the layers of the house
#   make sdks     real SDKs, unmodified, against doubles
#   make bench    side by side with the peers; writes benchmarks/results.json and docs/benchmarks.md
#   make fuzz     hostile files for every reader, FUZZ_SECONDS=60 each, in an environment of its own
#   make accuracy  how many of many planted changes are found, and what is told where nothing changed, as a table
#   make accuracy RECORDINGS=DIR  the same over a folder of recordings (ACCURACY_ARGS=--held-out: tuned on the others)
#   make docs     renews the generated tables and outputs in README.md and docs/
#   make clean    removes all of these environments and caches

PYTHON ?= python3
JOBS   ?= 2

DEV   := .venv
DEMO  := .venv-demo
BENCH := .venv-bench
BENCH_AIOHTTP := .venv-bench-aiohttp
SDKS  := .venv-sdks
NIQUESTS := .venv-niquests
OLDEST   := .venv-oldest
MOCKS    := .venv-mocks
NEXT     := .venv-next
FUZZ     := .venv-fuzz
FUZZ_SECONDS ?= 60
CLIENTS  := tests/intercept tests/behaviours

.PHONY: help demo test test-oldest test-next niquests mocks check sdks bench accuracy fuzz docs clean python
.DEFAULT_GOAL := help

help:
	@sed -n '2,/^$$/s/^#   //p' Makefile

python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) isn't there. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "lookalike needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

# pip understands dependency groups since 25.1; the one that comes with Python is usually older.
define install
	@test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
	@echo "installing into $(1) ..."
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[all]' $(2)
	@touch $@
endef

$(DEV)/.installed: pyproject.toml | python
	$(call install,$(DEV),--group test --group check)

$(DEMO)/.installed: pyproject.toml | python
	$(call install,$(DEMO),)

$(BENCH)/.installed: pyproject.toml | python
	$(call install,$(BENCH),--group test --group bench)

$(BENCH_AIOHTTP)/.installed: pyproject.toml | python
	$(call install,$(BENCH_AIOHTTP),--group bench-aiohttp)

$(SDKS)/.installed: pyproject.toml | python
	$(call install,$(SDKS),--group sdks)

# niquests' urllib3-future takes the place of urllib3, so nothing that needs that one is installed beside it.
define alone
	@test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
	@echo "installing into $(1) ..."
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --editable . --group niquests $(2)
	@touch $@
endef

$(NIQUESTS)/.installed: pyproject.toml | python
	$(call alone,$(NIQUESTS),)

$(MOCKS)/.installed: pyproject.toml | python
	$(call install,$(MOCKS),--group mocks)

$(OLDEST)/.installed: pyproject.toml tests/versions.toml | python
	$(call install,$(OLDEST),--group test $$($(PYTHON) tests/versions.py oldest) $$($(PYTHON) tests/versions.py lowest))

$(OLDEST)-niquests/.installed: pyproject.toml tests/versions.toml | python
	$(call alone,$(OLDEST)-niquests,$$($(PYTHON) tests/versions.py oldest niquests))

demo: $(DEMO)/.installed
	@$(DEMO)/bin/lookalike demo $(if $(KEEP),--keep $(KEEP))

# Twice, since what depends on the order of a set or on the order of tests shows only under another seed.
test: $(DEV)/.installed $(NIQUESTS)/.installed $(MOCKS)/.installed
	@rm -f .coverage .coverage.*
	PYTHONHASHSEED=1 $(DEV)/bin/coverage run -m pytest -n $(JOBS) -q
	@$(DEV)/bin/coverage combine --quiet
	$(DEV)/bin/coverage report
	PYTHONHASHSEED=2 $(DEV)/bin/python -m pytest -n $(JOBS) -q

niquests: $(NIQUESTS)/.installed
	$(NIQUESTS)/bin/python -m pytest -q tests/intercept/niquests_seam.py
	$(NIQUESTS)/bin/python -m pytest -q tests/behaviours -k niquests

mocks: $(MOCKS)/.installed
	$(MOCKS)/bin/python -m pytest -q tests/audit tests/test_migrate_guide.py -rs

# Old releases warn of what is new in others; that is theirs.
test-oldest: $(OLDEST)/.installed $(OLDEST)-niquests/.installed
	LOOKALIKE_NIQUESTS=$(OLDEST)-niquests $(OLDEST)/bin/python -m pytest -n $(JOBS) -q -W ignore::DeprecationWarning $(wildcard $(CLIENTS))

# Made anew each time: what is newest changes.
test-next: | python
	@rm -f $(NEXT)/.installed $(NEXT)-niquests/.installed
	@$(MAKE) --no-print-directory $(NEXT)/.installed $(NEXT)-niquests/.installed
	LOOKALIKE_NIQUESTS=$(NEXT)-niquests $(NEXT)/bin/python -m pytest -n $(JOBS) -q $(wildcard $(CLIENTS))

$(NEXT)/.installed:
	$(call install,$(NEXT),--group test)
	@$(NEXT)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --pre $$($(PYTHON) tests/versions.py next)

$(NEXT)-niquests/.installed:
	$(call alone,$(NEXT)-niquests,)
	@$(NEXT)-niquests/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --pre $$($(PYTHON) tests/versions.py next niquests)

check: $(DEV)/.installed
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/ruff check .
	$(DEV)/bin/mypy
	$(DEV)/bin/pyright --pythonpath $(DEV)/bin/python
	$(DEV)/bin/lint-imports

sdks: $(SDKS)/.installed
	$(SDKS)/bin/python -m pytest -q tests/sdks -rs

bench: $(BENCH)/.installed $(BENCH_AIOHTTP)/.installed
	LOOKALIKE_OLD_AIOHTTP=$(BENCH_AIOHTTP)/bin/python $(BENCH)/bin/python -m benchmarks $(BENCH_ARGS)

accuracy: $(DEV)/.installed
	$(if $(RECORDINGS),$(DEV)/bin/python -m benchmarks.accuracy "$(RECORDINGS)" $(ACCURACY_ARGS),$(DEV)/bin/python -m benchmarks.drift $(ACCURACY_ARGS))

# atheris has wheels for Linux; elsewhere it is built, which needs clang with libFuzzer.
$(FUZZ)/.installed: pyproject.toml | python
	@test -x $(FUZZ)/bin/python || $(PYTHON) -m venv $(FUZZ)
	@echo "installing into $(FUZZ) ..."
	@$(FUZZ)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(FUZZ)/bin/python -m pip install --quiet --disable-pip-version-check --editable . --group fuzz
	@touch $@

fuzz: $(FUZZ)/.installed
	$(FUZZ)/bin/python -m tests.fuzz --seconds $(FUZZ_SECONDS) --jobs $(JOBS) $(FUZZ_ARGS)

docs: $(DEV)/.installed
	$(DEV)/bin/python docs/generate.py

clean:
	rm -rf $(DEV) $(DEMO) $(BENCH) $(BENCH_AIOHTTP) $(SDKS) $(NIQUESTS) $(MOCKS) $(OLDEST) $(OLDEST)-niquests $(NEXT) $(NEXT)-niquests $(FUZZ) .fuzz .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find src tests examples benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +
