# `make demo` and `make test` do everything on a fresh machine with Python 3.11 or later.
#
# Without an NVIDIA GPU, PyTorch's CPU build saves gigabytes: name its package index in PIP_EXTRA_INDEX_URL
# (PyTorch's start page shows it) before the first call.

PYTHON ?= python3
PORT ?= 8501

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt
INSTALLED := .venv/.installed
INSTALLED_DEV := .venv/.installed-dev

.PHONY: demo test lint bench scenarios screenshots build clean

demo: $(INSTALLED)
	@$(BIN)/playground --demo --port $(PORT)

test: $(INSTALLED_DEV)
	@$(BIN)/python -m pytest

lint: $(INSTALLED_DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(INSTALLED_DEV)
	@$(BIN)/python -m benchmarks

# Measures every sample scenario again and holds it against its stored run; `make scenarios STORE=--write` stores it.
scenarios: $(INSTALLED_DEV)
	@$(BIN)/python -m benchmarks.scenarios $(STORE)

screenshots: $(INSTALLED_DEV)
	@$(BIN)/python -m benchmarks.screenshots

build: $(INSTALLED_DEV)
	@rm -rf build
	@$(BIN)/python -m build --wheel --no-isolation

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find playground pages tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# The stamp is removed first and written last: after an install that failed or was interrupted there is none,
# and the next call starts from an empty environment. torch comes first, so that nothing else picks its build.
$(INSTALLED): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or later, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "$(PYTHON) is Python %d.%d, and 3.11 or later is needed; name one: make PYTHON=python3.12" % sys.version_info[:2])'
	@test -f $@ || $(PYTHON) -m venv --clear .venv
	@rm -f $(INSTALLED) $(INSTALLED_DEV)
	@echo "Installing PyTorch into .venv: a long download the first time."
	@$(PIP) setuptools torch
	@echo "Installing the rest into .venv: a few minutes the first time."
	@$(PIP) --quiet --no-build-isolation --editable ".[pictures]"
	@touch $@

$(INSTALLED_DEV): $(INSTALLED)
	@echo "Installing what the tests need."
	@$(PIP) --quiet --no-build-isolation --editable ".[dev]"
	@touch $@
