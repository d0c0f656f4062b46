# Every target works on a fresh machine: it makes its own environment below .binaan/ first.
PYTHON ?= python3
HOME_DIR := $(or $(BINAAN_HOME),.binaan)
RUN := $(HOME_DIR)/venv/bin/python
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE # compiling everything anew at each start costs seconds
.DEFAULT_GOAL := help
.PHONY: help demo up down clean env trace status read announce token test fast fast-contracts fast-others lint fmt bench chaos lock ready \
  check-event secrets office

help: ## what there is
	@sed -n 's/\$$\$$/$$/; s/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 20

demo: ready ## start everything and play the chain; it stays up
	@$(RUN) -m deploy.local demo

up: ready ## start everything
	@$(RUN) -m deploy.local up

down: ## end every process of the demo, keep its data
	@test ! -x $(RUN) || $(RUN) -m deploy.local down

clean: ## end everything and forget the demo's data
	@test ! -x $(RUN) || $(RUN) -m deploy.local clean

env: ready ## print export lines of what runs: eval "$$(make -s env)"
	@$(RUN) -m deploy.local env

trace: ready ## one event's walk through all services: make trace ID=…
	@test -n "$(ID)" || { echo "Say which event: make trace ID=<ce_id>"; exit 2; }
	@$(RUN) -m deploy.local trace "$(ID)"

status: ready ## what runs, and where its log is
	@$(RUN) -m deploy.local status

read: ready ## the newest events of a topic: make read TOPIC=registry.business
	@$(RUN) -m deploy.local read "$(TOPIC)"

announce: ready ## announce a fair as Bogor's office would: make announce NAME=… STANDS=5
	@$(RUN) -m deploy.local announce "$(NAME)" --stands $(or $(STANDS),5)

token: ready ## a bearer token: make token ROLE=petugas AREAS=36.74.06, or ROLE=dinas OFFICE=36.74-dukcapil
	@$(RUN) -m deploy.local token $(ROLE) $(if $(AREAS),--areas "$(AREAS)") $(if $(OFFICE),--office "$(OFFICE)")

check-event: ready ## does an event keep its contract? sends nothing: make check-event FILE=event.json
	@test -n "$(FILE)" || { echo "Berkas mana? / Which file? make check-event FILE=event.json"; exit 2; }
	@$(RUN) -m shared.checking "$(FILE)" $(ARGS)

test: ready lint ## lint and the whole suite, with servers of its own
	@$(RUN) -m pytest $(ARGS)

FAST := -m pytest -q -o faulthandler_timeout=0 --hypothesis-profile fast -m "not servers and not slow"
fast: ready ## the tests that need no server, in two halves at once
	@$(MAKE) -j2 --output-sync=target fast-contracts fast-others

fast-contracts: # with the pages: takes about as long as the others
	@$(RUN) $(FAST) tests/contracts tests/docs tests/architecture $(ARGS)

fast-others:
	@$(RUN) $(FAST) --ignore=tests/contracts --ignore=tests/docs \
	  --ignore=tests/architecture $(ARGS)

lint: ready ## ruff and mypy --strict
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check -q . || { echo "Not formatted: run make fmt"; exit 1; }
	@$(RUN) -m mypy

fmt: ready ## format, and mend what ruff can mend
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

bench: ready ## measure; results go to docs/benchmarks.md: make bench ARGS=…
	@$(RUN) -m tests.bench $(ARGS)

chaos: ready ## break it at random: make chaos ARGS="--seconds 600 --faults zombie,broker --seed 1"
	@$(RUN) -m tests.chaos $(ARGS)

lock: ready ## write requirements.lock anew from requirements.in
	@$(RUN) -m uv pip compile -q --universal --generate-hashes --python-version 3.11 \
	  --only-binary :all: --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	  requirements.in -o requirements.lock

	@$(RUN) -m uv pip compile -q --universal --generate-hashes --python-version 3.11 \
	  --only-binary :all: --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	  -c requirements.lock deploy/requirements.in -o deploy/requirements.lock

secrets: ## for operators: strong passwords and keys into secrets/, once
	@$(PYTHON) deploy/first_secrets.py

office: ## for operators: let another office publish: make office NAME=32.71-perdagangan
	@$(PYTHON) deploy/office.py "$(NAME)"

ready:
	@command -v $(PYTHON) >/dev/null || { echo "Binaan needs Python 3.11 or newer and found no \
	$(PYTHON): install it, or name yours: make PYTHON=/path/to/python3.12 demo"; exit 1; }
	@$(PYTHON) deploy/local/bootstrap.py
