# Everything a person does with this tree. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help run test verify e2e app bench bench-room bench-socket bench-captions bench-tickets storm proof screenshots build voices need speech need-recordings need-browser go-test app-test short

export CGO_ENABLED ?= 0
GO ?= go
RELEASE ?= dev
# The race detector needs a C compiler; the product does not.
RACE := $(shell command -v gcc >/dev/null 2>&1 && echo yes)
RUN_ARGS ?=
# Where tests find the speech engine. Its library is for x86_64: elsewhere tests
# of captions are skipped.
export SALON_SPEECH ?= $(if $(filter x86_64,$(shell uname -m)),$(CURDIR)/bin/speech)

help: ## List what make can do
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build voices speech ## Install what is missing, build, and start everything on this machine
	@echo "Starting"
	@exec ./bin/salon dev $(RUN_ARGS)

test: build app-test go-test storm short ## Install what is missing and run the full test suite

app: web/app/dist/index.html ## Build the browser app

e2e: build speech need-browser e2e/node_modules/.stamp ## Run every browser journey
	@echo "Running every browser journey"
	@cd e2e && npm test --silent

storm: build
	@echo "Cutting off the readers of a room, and killing its server (half a minute)"
	@$(GO) run ./e2e/storm -salon ./bin/salon -for 30s -readers 300 -rate 20 -kills 1

proof: build ## Run the long proofs
	@echo "Cutting off the readers of a room, and killing its server (five minutes)"
	@$(GO) run ./e2e/storm -salon ./bin/salon -for 5m -readers 300 -rate 20 -kills 5

verify: build ## Check format, vet, staticcheck, import rules, generated files, docs
	@echo "Checking format"
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }
	@echo "Checking module files"
	@deploy/quietly $(GO) mod verify
	@deploy/quietly $(GO) mod tidy -diff
	@echo "Vetting"
	@deploy/quietly $(GO) vet ./...
	@echo "Running staticcheck"
	@deploy/quietly $(GO) tool staticcheck ./...
	@echo "Checking import rules and docs"
	@$(GO) test -count=1 ./internal/archtest
	@echo "Checking the app's types"
	@deploy/quietly npm run --prefix web/app check
	@echo "Weighing the app"
	@npm run --silent --prefix web/app sizes

screenshots: build voices speech need-browser e2e/node_modules/.stamp ## Take the README's pictures anew
	@echo "Taking pictures of the demo room"
	@cd e2e && npm run --silent screenshots

bench: bench-room bench-socket bench-captions bench-tickets ## Run every benchmark

bench-room: build ## Time joining, muting and starting
	@echo "Timing rooms against a bare media server (takes a minute)"
	@$(GO) run ./bench/room -salon ./bin/salon

bench-socket: ## Weigh the room socket against a plain chat server
	@echo "Comparing room sockets with a plain chat server (takes a minute)"
	@$(GO) run ./bench/socket

bench-captions: build speech need-recordings ## Time captions from a mouth to readers
	@echo "Comparing captions with the bare engine (takes ten minutes)"
	@$(GO) run ./bench/captions -salon ./bin/salon -speech ./bin/speech

bench-tickets: need ## Count the seats that can be held a second
	@echo "Comparing ways to hold a seat (takes minutes)"
	@$(GO) run ./bench/tickets

speech:
	@deploy/speech bin/speech || echo "There will be no captions"

voices: need
	@deploy/need.sh voices || true
	@deploy/voices bin/voices

need:
	@deploy/need.sh postgres
need-recordings:
	@deploy/need.sh recordings
need-browser:
	@deploy/need.sh postgres voices chromium

build: need app
	@echo "Building salon (the first time takes minutes)"
	@deploy/quietly $(GO) build -trimpath -ldflags "-X main.release=$(RELEASE)" -o bin/salon ./cmd/salon

APP_SOURCES := $(shell find web/app/src web/app/messages web/app/public web/app/index.html web/app/vite.config.js -type f -not -path '*/paraglide/*' 2>/dev/null)
web/app/dist/index.html: web/app/node_modules/.stamp $(APP_SOURCES)
	@echo "Building the browser app"
	@deploy/quietly npm run --prefix web/app build

%/node_modules/.stamp: %/package-lock.json
	@echo "Installing the packages of $*"
	@deploy/quietly npm ci --prefix $* --no-audit --no-fund && touch $@

app-test: web/app/node_modules/.stamp
	@echo "Testing the browser app"
	@cd web/app && npm test --silent

go-test: need need-recordings speech
	@echo "Testing the server (the first time takes minutes)"
	@CGO_ENABLED=$(if $(RACE),1,0) $(GO) test $(if $(RACE),-race) -shuffle=on -timeout 15m ./...

short: speech need-browser e2e/node_modules/.stamp
	@echo "Running the short browser journeys"
	@cd e2e && npm run --silent short
