# Everything starts here: `make demo` shows the whole road, `make test` proves it.
# All set-up goes to .venv/ and newsletter/_assets/; nothing needs root but apt's packages.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: demo test setup fonts-extra lock lint format bench clean

demo: setup
	@$(BIN)/python tools/demo.py $(ARGS)

test: setup
	@tools/system_packages.sh test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest -n auto --dist loadgroup $(ARGS)

setup: $(VENV)/.ready newsletter/_assets/fonts/.ready newsletter/_assets/studio/.ready

$(VENV)/.ready: requirements/dev.txt pyproject.toml newsletter/__init__.py
	@tools/system_packages.sh setup
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

newsletter/_assets/fonts/.ready: $(VENV)/.ready assets/package-lock.json tools/lay_fonts.py
	@$(BIN)/python tools/lay_fonts.py
	@touch $@

newsletter/_assets/studio/.ready: $(VENV)/.ready assets/browser/package-lock.json tools/lay_browser_code.py
	@$(BIN)/python tools/lay_browser_code.py
	@touch $@

# Fonts for Japanese, Korean and Traditional Chinese as they are printed there.
fonts-extra: $(VENV)/.ready
	@$(BIN)/python tools/lay_fonts.py --extra

# Compiles the pinned requirement files anew; needs uv (pip install uv).
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements/runtime.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml --group dev -o requirements/dev.txt

lint:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo

format:
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: setup
	@$(BIN)/python bench/run.py $(ARGS)

clean:
	rm -rf build dist .venv newsletter/_assets assets/node_modules assets/browser/node_modules assets/extra-fonts/node_modules
