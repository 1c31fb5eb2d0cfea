PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: demo test check bench peers floor clean

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: .venv/ready ## The five commands on the sample shop
	$(BIN)/xsell clean sample_data/events.csv --items sample_data/products.csv --users sample_data/customers.csv --searches sample_data/searches.csv
	$(BIN)/xsell features
	$(BIN)/xsell train
	$(BIN)/xsell recommend --output xsell-work/campaign.csv
	$(BIN)/xsell recommend --user C0007
	$(BIN)/xsell evaluate --report xsell-work/report.html

test: .venv/ready ## All tests
	$(BIN)/python -m pytest -n 2

check: .venv/ready ## Format, lint, types, stairs, docs, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2

bench: .venv/ready ## Times and ratios; not part of the tests
	$(BIN)/python -m tests.benchmarks

peers: .venv/ready ## Lists beside other tools' on prepared splits: make peers SPLITS="FOLDER…" [RESULTS=FOLDER] [MODELS=…]
	$(BIN)/python -m tests.benchmarks.lists $(SPLITS) $(if $(RESULTS),--results $(RESULTS)) $(if $(MODELS),--models $(MODELS))
	$(BIN)/python -m tests.benchmarks.ablation $(firstword $(SPLITS))

floor: ## All tests with the oldest versions that pyproject.toml allows
	$(PYTHON) -m venv .venv-floor
	.venv-floor/bin/python -m pip install --quiet --disable-pip-version-check pytest pytest-xdist hypothesis \
		$$(sed -n -e '/^dependencies/,/^]/s/^  "\([a-z-]*\)>=\([0-9.]*\)".*/\1==\2/p' -e '/^report/,/^]/s/^  "\([a-z0-9-]*\)>=\([0-9.]*\)".*/\1==\2/p' pyproject.toml)
	.venv-floor/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	.venv-floor/bin/python -m pytest -n 2

clean: ## Remove what the other targets made
	rm -rf .venv .venv-floor xsell-work build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
