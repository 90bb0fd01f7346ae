# The project's commands. Each is a script under scripts/ that says what it does; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup start build test check e2e browser size deploy reset-password clean-free

NODE ?= node

help: ## these lines
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'

setup: ## install what a build needs (every other command does it, too)
	@$(NODE) scripts/setup.mjs

start: ## build and run everything here: PORT=, WATCH=0, DEMO=0 (see scripts/start.mjs)
	@exec $(NODE) scripts/start.mjs

build: ## build what is deployed: build/release and public
	@$(NODE) scripts/build.mjs
