# The project's commands. Each is a script under scripts/ that says what it does; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup start build test check model e2e browser fuzz chaos bench bench-bot size login deploy health reset-password clean-free

NODE ?= node

help: ## these lines
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'

setup: ## install what a build needs (every other command does it, too)
	@$(NODE) scripts/setup.mjs

start: ## build and run everything here: PORT=, WATCH=0, DEMO=0 (see scripts/start.mjs)
	@exec $(NODE) scripts/start.mjs

build: ## build what is deployed: build/release and public
	@$(NODE) scripts/build.mjs

test: ## everything that must hold before a merge
	@$(NODE) scripts/test.mjs

check: ## the part of it that needs no server: format, lints, types, unit tests
	@$(NODE) scripts/test.mjs check

model: ## the simulator, a million steps: STEPS=, or SEED= for one run again (see docs/testing.md)
	@$(NODE) scripts/model.mjs

e2e: ## the tests on the real runtime
	@$(NODE) scripts/test.mjs e2e

browser: ## the tests in a real browser
	@$(NODE) scripts/test.mjs browser

fuzz: ## libFuzzer on every target: SECS=60 each, TARGET=room,desk only those
	@$(NODE) scripts/fuzz.mjs

chaos: ## kill a busy server N= times; a full disk, an older store: SEED=, ONLY= (see scripts/chaos.mjs)
	@$(NODE) scripts/chaos.mjs

bench: ## beside a bare object, with every budget: QUICK=1, STRICT=1, ONLY=pace,crowd (bench/README.md)
	@$(NODE) scripts/bench.mjs

bench-bot: ## the bot's classifier on public data: BELLHOP_NLU=, VAL=1, STRICT=1 (docs/bot.md)
	@$(NODE) scripts/bench-bot.mjs

size: build ## every budgeted size beside its budget
	@$(NODE) scripts/size.mjs

login: setup ## log in at Cloudflare
	@PATH="$(CURDIR)/frontend/node_modules/.bin:$$PATH" wrangler login

deploy: ## to Cloudflare: URL=https://… the first time; DRY=1 without an account; ROTATE=1 a new signing secret
	@$(NODE) scripts/deploy.mjs

health: ## whether the server of make start can work; URL= a deployment
	@$(NODE) scripts/health.mjs

reset-password: ## EMAIL=: print a link that sets a new password, once; URL= for a deployment
	@$(NODE) scripts/reset-password.mjs

clean-free: ## remove what can be built again; secrets, data and the widget's files of earlier releases stay
	rm -rf target build .tools frontend/node_modules
	[ ! -d public ] || find public -mindepth 1 -maxdepth 1 ! -name w ! -name widget.json -exec rm -rf {} +
