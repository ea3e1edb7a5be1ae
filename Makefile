# Every target sets up what it needs by itself. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup sam checkov runtime asl run serve test crashes faults sam-local sam-events browser bench check build deploy artifact lint format types template wording lock clean

PYTHON := .venv/bin/python
# SAM looks for python3.13 and its pip on the PATH; it must not ask for credentials, nor tell anyone about the run.
SAM := PATH="$(CURDIR)/.venv/bin:$$PATH" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=ap-southeast-2 .venvs/sam/bin/sam
LOCK := .venv/bin/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-emit-index-url --no-header
# The sample has rows of every status, failed ones among them.
FILE ?= local/sample.csv
export FILE
# Python keeps what it compiles, whatever the machine says: the tests start dozens of processes that load the same.
export PYTHONDONTWRITEBYTECODE :=

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## install the pinned packages and cellcast-import into .venv (the other targets do it by themselves)
	@.ci/setup .venv requirements-dev.txt
	@[ .venv/bin/cellcast-import -nt .ci/cellcast-import ] || cp .ci/cellcast-import .venv/bin/

sam: setup
	@.ci/setup .venvs/sam .ci/requirements-sam.txt

checkov: setup
	@.ci/setup .venvs/checkov .ci/requirements-checkov.txt

runtime: setup
	@.ci/setup .venvs/runtime .ci/requirements-runtime.txt

asl: setup
	@.ci/setup .venvs/node .ci/requirements-node.txt
	@.ci/asl/install

# Status 2 of `run` says that some rows failed. That is a finished import, not an error of make.
run: setup  ## import a sample on this machine; FILE=contacts.csv takes yours, ARGS="--dry-run" adds options
	@.venv/bin/cellcast-import run "$$FILE" $(ARGS) || [ $$? -eq 2 ]

serve: setup  ## show the import page on this machine, with the HTTP API; ARGS="--drop inbox" watches a folder as well
	@.venv/bin/cellcast-import serve $(ARGS)

test: setup  ## run tests/unit, project, integration and e2e, with a sample of the crash points; ARGS="-k phones" chooses
	@$(PYTHON) -m pytest -n auto --dist worksteal $(ARGS)

crashes: setup  ## play every crash point, of which `test` plays a sample
	@$(PYTHON) -m pytest -n auto --dist worksteal --whole tests/e2e/test_crashes.py $(ARGS)

faults: setup  ## cut runs off at every crash point under both policies, and print what it comes to (some minutes)
	@$(PYTHON) -m tests.crashes $(ARGS)

browser: setup  ## run tests/browser: report.html in Chromium, which is installed where it is missing
	@.ci/chromium
	@$(PYTHON) -m pytest tests/browser $(ARGS)

bench: build runtime  ## measure how quick it is (ten minutes); ARGS=--small only shows that the measuring works
	@$(PYTHON) -m benchmarks $(ARGS)

lint: setup  ## ruff: format and rules
	@.venv/bin/ruff format --check
	@.venv/bin/ruff check

format: setup  ## let ruff write what `lint` asks for
	@.venv/bin/ruff format
	@.venv/bin/ruff check --fix

types: setup  ## mypy, strict
	@.venv/bin/mypy

template: sam checkov asl  ## check the template with SAM and checkov, and the state machine with two validators (the tests use cfn-lint)
	@$(SAM) validate --lint
	@mkdir -p .aws-sam && $(PYTHON) -m tests.project.translated_template >.aws-sam/translated.json
	@.venvs/checkov/bin/checkov --config-file .checkov.yaml
	@$(PYTHON) -m pytest -p no:cacheprovider -q tests/definition

# Lambda cannot keep what Python compiles: without these files each cold start compiles all of it, for seconds.
build: sam  ## build what is deployed into .aws-sam/
	@$(SAM) build
	@for function in .aws-sam/build/*Function; do \
		$(PYTHON) -m compileall -q --invalidation-mode unchecked-hash -s "$$function" -p /var/task "$$function" || exit 1; done

# The names that were given on the command line are parameters of the template; make exports their values.
DEPLOY_NAMES = $(filter-out ENV ARGS FILE,$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name))))
ENV ?= prod

DEPLOY = PATH="$(CURDIR)/.venv/bin:$(CURDIR)/.venvs/sam/bin:$$PATH" SAM_CLI_TELEMETRY=0 \
	$(PYTHON) -m local.deployment.deploy --env $(ENV)

# The account comes first: who has not logged in need not wait for the build.
deploy: setup  ## deploy to AWS without a question; NotifyEmail=you@example.com MobileOnly=false set parameters, ENV=dev tries things
	@$(DEPLOY) --check $(DEPLOY_NAMES)
	@$(MAKE) --no-print-directory build
	@$(DEPLOY) $(DEPLOY_NAMES)

# Most of its time it waits for time-outs and retries of the runtime: four at once take half as long on two processors.
artifact: build runtime  ## run tests/artifact: `build`, in the real Lambda runtime client, with each file of events/
	@$(PYTHON) -m pytest -n 4 --dist worksteal tests/artifact $(ARGS)

sam-local: build  ## prepare `sam local invoke` and `sam local start-api`, and print their commands (Ctrl-C ends it)
	@$(PYTHON) -m local sam $(ARGS)

sam-events: build runtime  ## run each file of events/ through `sam local invoke`: in podman, or in its emulator alone
	@.ci/sam-events $(ARGS)

check: lint types test crashes browser template artifact sam-events  ## run all of these and `bench ARGS=--small`, as CI does
	@$(PYTHON) -m benchmarks --small

wording: setup  ## print every sentence that people see, by area
	@.venv/bin/python -m tests.project.wording

lock: setup  ## resolve the requirements again; `make lock ARGS=--upgrade` takes newer versions
	@$(LOCK) $(ARGS) src/requirements.in -o src/requirements.txt
	@$(LOCK) $(ARGS) requirements-dev.in -o requirements-dev.txt
	@$(LOCK) $(ARGS) .ci/requirements-sam.in -o .ci/requirements-sam.txt
	@$(LOCK) $(ARGS) .ci/requirements-checkov.in -o .ci/requirements-checkov.txt
	@$(LOCK) $(ARGS) .ci/requirements-runtime.in -o .ci/requirements-runtime.txt
	@$(LOCK) $(ARGS) .ci/requirements-node.in -o .ci/requirements-node.txt

clean:  ## remove everything that was made here
	rm -rf .venv .venv.lock .venvs .aws-sam .hypothesis .mypy_cache .pytest_cache .ruff_cache out
