# Everything a developer types. On a fresh machine with Python 3.11+, git and make, `make demo` and
# `make test` set up what they need.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# Sums of matrices in one order on every machine, and no waiting for threads on small ones.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: dev demo test check bench reference validation validity docs clean

dev: $(READY)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $(READY)

demo: $(READY)  ## a synthetic centre, from its export files to out/demo/report.html
	$(BIN)/osteon demo

test: $(READY)  ## every test, on two processes
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: $(READY)  ## formatter, linter, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

reference: $(READY)  ## make the reference values again with R, and show what differs
	bash tests/reference/regenerate.sh
	git diff --stat -- tests/reference

validation: $(READY)  ## docs/validation: every number beside R's, those of printed tables and of hand calculation
	$(BIN)/python scripts/validation.py

validity: $(READY)  ## docs/validation/coverage.md: do the intervals cover? (an hour; out/validity keeps what is done)
	$(BIN)/python -m validity.coverage

bench: $(READY)  ## docs/validation/speed.md: osteon beside its peers (some 40 minutes); the demo's time and memory
	$(BIN)/python -m pip install --quiet --editable ".[dev,bench]"
	$(BIN)/python scripts/bench.py --demo
	$(BIN)/python scripts/bench.py

docs: $(READY)  ## the generated pages of docs/
	$(BIN)/python scripts/docs.py

clean:
	rm -rf $(VENV) out
