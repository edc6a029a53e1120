# What a developer or dealer types. Every target sets up what it needs by itself.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run chat train check lint test test-long bench pictures lock

export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3
PYTHON := .venv/bin/python
# The demo dealership, unless the environment or a line of .env says otherwise.
DEMO := grep -qsE '^[[:space:]]*(export[[:space:]]+)?BOT_DEMO[[:space:]]*=' .env || export BOT_DEMO="$${BOT_DEMO-1}"

help:  ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup:
	@bash scripts/setup.sh

run: setup  ## Install, train if needed, fill the demo dealership, serve on http://127.0.0.1:8080
	@$(DEMO); exec $(PYTHON) -m bot serve

chat: setup  ## Talk to the bot in the terminal
	@$(DEMO); exec $(PYTHON) -m bot chat

train: setup  ## Train the dialogue model (kept by content; does nothing when nothing has changed)
	@$(PYTHON) -m bot train

check: setup  ## Style, types, import layers, training data (reports only)
	@$(PYTHON) -m ruff check bot actions tests bench deploy scripts
	@$(PYTHON) -m mypy
	@$(PYTHON) -m pytest -q tests/test_layers.py tests/test_training_data.py tests/test_words.py

lint: setup  ## Mend what ruff can mend
	@$(PYTHON) -m ruff check --fix bot actions tests bench deploy scripts

test: setup check train  ## Every test but the long ones
	@bash scripts/setup_tests.sh
	@bash scripts/test.sh -m "not long" -n 3 --dist loadfile

test-long: setup train  ## Crash, race, growth, topology, both engines
	@bash scripts/setup_tests.sh
	@bash scripts/test.sh -m "long and not (heavy or alone)" -n 3 --dist loadfile
	@bash scripts/test.sh -m heavy -n 2 --dist worksteal tests/durability tests/deployment
	@bash scripts/test.sh -m alone tests/durability tests/services

bench: setup train  ## The figures of the README
	@$(PYTHON) -m bench

pictures: setup  ## The pictures of the desk in docs/, drawn anew
	@bash scripts/setup_tests.sh
	@BOT_PICTURES=docs $(PYTHON) -m pytest -q -m long tests/browser/desk/test_pictures.py

lock: setup  ## Pin the dependencies of pyproject.toml anew
	@bash scripts/lock.sh
