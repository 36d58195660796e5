# The two commands of a newcomer: `make demo` and `make test`. Everything is installed into .venv.
PYTHON ?= python3.11
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
# the lock is a list of constraints, so the same file serves the run and the tests
# --no-compile: modules are compiled when first imported (most never are), which saves much of the
# time, but needs leave to write the result, which container images often take away
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check \
           --constraint envs/lock.txt

.PHONY: demo test lint clean

demo: $(VENV)/.run
	$(BIN)/snakemake --cores $(CORES) results/loso_auwgcn.csv results/report.html
	$(BIN)/mezoo table results/loso_*.csv
	@echo "Report: results/report.html   Figures: results/figures/   Try: $(BIN)/mezoo spot VIDEO -o DIR"

test: $(VENV)/.test lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/snakemake --lint

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	@$@ -c 'import sys; assert sys.version_info[:2] == (3, 11), "mezoo needs Python 3.11, found " + sys.version'

$(VENV)/.run: pyproject.toml envs/lock.txt | $(VENV)/bin/python
	$(INSTALL) --editable .
	touch $@

$(VENV)/.test: pyproject.toml envs/lock.txt | $(VENV)/bin/python
	$(INSTALL) --editable '.[test]'
	touch $@ $(VENV)/.run
