# Everything a newcomer needs: `make demo`, `make lab`, `make test`. `make help` lists the rest.

.DEFAULT_GOAL := help
.PHONY: help demo lab test test-fast durations lint format hooks release-check docs screenshots bench clean

PYTHON ?= python3
BIN := .venv/bin
# the extension's own tools, and Node's, are found first in the environment
export PATH := $(CURDIR)/$(BIN):$(PATH)
OUT := out
DEMO := demos/01_first_game.ipynb
WORKS := model3 baseline resnet18
# what `make bench` gives to benchmarks/peers.py, such as PEERS="--images 500 --rounds 1"
PEERS ?= $(if $(DATA),--data $(DATA))

# what the JupyterLab extension is built from
PAGE := $(shell find labextension/src labextension/style labextension/package.json -type f)

# how many processes the tests run in; one of two mostly waits for browsers and kernels
WORKERS ?= 2
PYTEST := python -m pytest -n $(WORKERS) --dist loadgroup
# what starts more than the tests' own process, and what trains and looks at models at length
HEAVY := browser or kernel or hub or database or processes or slow

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/made-lab  ## play the first game headless and print where its page is
	@mkdir -p $(OUT)
	JUPYTER_DATA_DIR=$(CURDIR)/$(OUT)/jupyter jupyter nbconvert --execute --to html \
	    --log-level WARN --ExecutePreprocessor.store_widget_state=False \
	    --output-dir $(OUT) $(DEMO)
	@echo
	@echo "The game was played. Open in a browser:  $(CURDIR)/$(OUT)/$(notdir $(DEMO:.ipynb=.html))"

lab: .venv/made-lab  ## open the first game in JupyterLab
	jupyter lab $(DEMO)

test: .venv/made-test lint  ## run everything: linters, types, TypeScript and Python tests
	cd labextension && jlpm install --immutable && jlpm lint:check && jlpm test
	$(PYTEST)

test-fast: .venv/made-test  ## run what takes 3 minutes: no browser, kernel, hub, database, process; no corpus
	$(PYTEST) -m "not ($(HEAVY))"

durations:  ## print the slowest tests of the last run and the share of each folder
	python tests/suite/durations.py

lint: .venv/made-test  ## check style, imports and types
	ruff check .
	ruff format --check .
	lint-imports
	mypy

format: .venv/made-test  ## format the code
	ruff check --fix .
	ruff format .

hooks: .venv/made-test  ## let git check style, types and imports before each commit
	pre-commit install

release-check: .venv/made-test  ## build the wheel and the sdist, and play in an empty environment
	python .ci/release_check.py

docs: .venv/made-docs  ## build the manual
	sphinx-build --quiet -W --keep-going docs $(OUT)/docs
	@echo "The manual is built. Open in a browser:  $(CURDIR)/$(OUT)/docs/index.html"

screenshots: .venv/made-test  ## take the manual's screenshots again, in a real JupyterLab
	PYTHONPATH=tests python docs/scripts/screenshots.py

bench: .venv/made-bench  ## measure against the peers and the limits; DATA=PATH for other images
	python benchmarks/load.py
	python benchmarks/completion.py
	python benchmarks/train_overhead.py
	for work in $(WORKS); do \
	    python benchmarks/peers.py --work $$work --json $(OUT)/bench/$$work.json $(PEERS) || exit 1; \
	done
	python benchmarks/precision.py $(if $(DATA),--data $(DATA))
	python benchmarks/data/augment.py
	python benchmarks/data/stream.py
	python benchmarks/devices.py $(if $(DATA),--data $(DATA))
	python benchmarks/recipe.py $(if $(DATA),--data $(DATA))
	python benchmarks/referee.py
	python benchmarks/soak.py
	python benchmarks/clicks.py

clean:  ## remove everything that was built, and the environment
	rm -rf .venv $(OUT) build dist jupyter_classgame/labextension
	rm -rf labextension/lib labextension/node_modules labextension/.yarn
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .pytest_cache .mypy_cache .ruff_cache

.venv/made-lab: pyproject.toml $(PAGE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python >= 3.11 is needed; name one with: make PYTHON=python3.12"; exit 1; }
	@command -v node >/dev/null || { echo "Node.js >= 20.19 is needed to build the JupyterLab extension"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[lab]'
	@touch $@

.venv/made-test: .venv/made-lab
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

.venv/made-docs: .venv/made-test
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	@touch $@

.venv/made-bench: .venv/made-test
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $@
