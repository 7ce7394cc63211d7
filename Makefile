# Every way to build, check, run and measure Indelible. `make help` lists them; CI runs `make test`.
SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

LINTED   = $(wildcard Package.swift Sources Tests Benchmarks Fuzz)
# One set of flags, so that build, run, test and bench share one build folder and nothing is compiled twice.
RELEASE  = --configuration release --explicit-target-dependency-import-check error
DATA    ?= $(or $(INDELIBLE_DATA),$(CURDIR)/.demo)

.PHONY: help install build bindir run stop test lint fmt proto proto-check asan tsan fuzz soak idle bench bench-scoring containers clean

help: ## Lists what can be made.
	@grep -Eh '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | while IFS='|' read -r name what; do \
		printf '  make %-13s %s\n' "$$name" "$$what"; done

install: ## Installs what is missing to build and test (Debian).
	@tools/install build test

build: ## Builds the five executables for release.
	@tools/install build
	swift build $(RELEASE)

bindir: ## Prints the folder that holds the executables.
	@swift build $(RELEASE) --show-bin-path

run: build ## Starts the suite on loopback, takes events in, and shows what can be proven.
	@tools/demo "$$(swift build $(RELEASE) --show-bin-path)" "$(DATA)"

stop: ## Stops what `make run` started.
	@"$$(swift build $(RELEASE) --show-bin-path)/indelible" down --data "$(DATA)"

test: install lint proto-check ## Everything that must pass before a change lands.
	swift build $(RELEASE) --build-tests
	swift test $(RELEASE) --disable-testable-imports --skip-build --disable-xctest

lint: ## Format and style of every Swift file, and of the shell scripts when shellcheck is there.
	swift format lint --strict --parallel --recursive $(LINTED)
	@! command -v shellcheck >/dev/null || shellcheck -x -S warning \
		$$(grep -rlE --exclude-dir=.build '^#!.*\b(ba)?sh\b' tools .ci)

fmt: ## Rewrites the Swift files to the house format.
	swift format format --in-place --parallel --recursive $(LINTED)

proto: ## Regenerates the committed C from proto/.
	@tools/proto

proto-check: proto ## Fails when the generated C differs from what is committed.
	@git diff --exit-code --stat -- Sources/CIndelibleProto || \
		{ echo "Generated C does not fit proto/: commit what 'make proto' wrote." >&2; exit 1; }

asan: ## Tests of layers 0 to 3 under AddressSanitizer and LeakSanitizer.
	swift test --disable-xctest --sanitize=address --scratch-path .build-asan --skip 'SystemTests|TransportTests'

tsan: ## Tests of layer 4 under ThreadSanitizer.
	swift test --disable-xctest --sanitize=thread --scratch-path .build-tsan --filter 'TransportTests|ServiceKitTests'

fuzz: ## Fuzzes every parser for FUZZ_SECONDS each, 600 without: make fuzz FUZZ_SECONDS=60.
	@tools/install build
	@tools/fuzz $(or $(FUZZ_SECONDS),600)

soak: ## The fault tests with seeds that nobody has tried: make soak SEEDS=5000.
	swift build $(RELEASE) --build-tests
	@first=$$(date +%s%N); export INDELIBLE_SEEDS="$$first-$$((first + $(or $(SEEDS),2000) - 1))"; \
		echo "Seeds $$INDELIBLE_SEEDS; one that fails becomes a row in its test."; \
		swift test $(RELEASE) --disable-testable-imports --skip-build --disable-xctest --filter CrashTests
	@export INDELIBLE_SEED=$$(($$(date +%s) % 1000000)) INDELIBLE_CASES=1000000; echo "A million tamperings and as many runs without, seed $$INDELIBLE_SEED."; \
		swift test $(RELEASE) --disable-testable-imports --skip-build --disable-xctest --filter 'TamperCampaignTests|UntamperedCampaignTests'

idle: ## Shows that the log of an idle suite does not grow: make idle SECONDS=60.
	swift build $(RELEASE) --build-tests
	INDELIBLE_IDLE_SECONDS=$(or $(SECONDS),60) swift test $(RELEASE) --disable-testable-imports --skip-build \
		--disable-xctest --filter idleLogDoesNotGrow

bench: ## Measures the suite and its peers side by side, five rounds each.
	@tools/install build bench
	swift build $(RELEASE)
	@tools/bench/run "$$(swift build $(RELEASE) --show-bin-path)"

bench-scoring: ## Measures scoring beside LightGBM, XGBoost, ONNX Runtime, tl2cgen and lleaves on one core.
	@tools/install build bench
	swift build $(RELEASE) --product indelible
	@tools/bench/scoring "$$(swift build $(RELEASE) --show-bin-path)"

containers: ## Checks docker-compose.yml, then really builds and starts it with buildah and podman-compose.
	@tools/containers/check

clean: ## Removes what was built, and the demonstration's data.
	rm -rf .build .build-* .demo tools/*/.build
