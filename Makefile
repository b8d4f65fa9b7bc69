# The two commands of the README, and what CI adds. Everything runs in .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
FILES := pyproject.toml constraints.txt

.PHONY: help verify test lint types wheel pages clean

help:
	@echo "make verify   install into $(VENV) and run the main job (ARGS='--data DIR' adds options)"
	@echo "make test     install into $(VENV) and run every test"
	@echo "make lint     ruff and its formatter"
	@echo "make types    mypy, strict"
	@echo "make pages    write the pages of docs/ that are generated; up to an hour if all are stale"
	@echo "make wheel    build the wheel, install it alone into an empty environment, run it there"

verify: $(VENV)/.installed-all
	$(BIN)/gradoracle verify $(ARGS)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

wheel: $(VENV)/.installed-dev
	rm -rf build/wheel
	$(BIN)/python -m build --wheel --outdir build/wheel .
	$(PYTHON) -m venv build/wheel/venv
	build/wheel/venv/bin/python -m pip --disable-pip-version-check install --quiet \
		-c constraints.txt build/wheel/*.whl
	cd build/wheel && venv/bin/gradoracle verify --impl numpy
	cd build/wheel && venv/bin/gradoracle check ../../examples/python/numpy_net.py

pages: $(VENV)/.installed-all
	$(BIN)/python -m gradoracle.mistakes.gallery --write docs/mistakes.md
	$(BIN)/python -m gradoracle.mistakes.matrix --write docs/kill-matrix.md
	$(BIN)/python benchmarks/diagnosis.py --if-stale
	$(BIN)/python benchmarks/diagnosis_page.py
	$(BIN)/python examples/run.py --write

$(VENV)/.installed-%: $(FILES)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): a few minutes the first time"
	$(PIP) install --quiet --constraint constraints.txt --editable '.[$*]'
	@touch $@

clean:
	rm -rf $(VENV) build
