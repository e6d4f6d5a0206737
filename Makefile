# `make demo` and `make test` set everything up by themselves.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export DAGSTER_HOME ?= $(CURDIR)

.PHONY: demo test lint dev bench storm clean

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: $(VENV)/ready
	env -u DAGSTER_HOME $(BIN)/qb-assets demo

test: $(VENV)/ready
	env -u DAGSTER_HOME $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder $(TESTS)

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

dev: $(VENV)/ready
	if [ -f .env ]; then set -a; . ./.env; set +a; fi; $(BIN)/dg dev

# What others need, apart from what this project needs: it wants Python 3.11 or newer.
.venv-bench/ready: qb_assets_tests/bench/peers.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --no-deps --requirement $<
	touch $@

bench: $(VENV)/ready .venv-bench/ready
	$(BIN)/python -m qb_assets_tests.bench $(BENCH)

storm: $(VENV)/ready
	$(BIN)/python -m qb_assets_tests.custody
	$(BIN)/python -m qb_assets_tests.throttle
	$(BIN)/python -m qb_assets_tests.storm --seeds 50
	$(BIN)/python -m qb_assets_tests.storm --kills 100

clean:
	rm -rf .venv .venv-* .data
