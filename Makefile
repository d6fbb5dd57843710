# make figures    takes a fresh clone to the nine figures of the demo study, its claims and its theory
# make test       checks style, types and workflow, and runs every test that needs no cluster and no GPU
# make test-slurm runs the workflow on a real SLURM, which it installs and starts (Debian, as root)
#
# Needs Linux, python3 (3.11 or newer; 3.14 or newer also needs a C compiler), make and git. The first
# call uses uv to build the environment .venv from envs/pipeline.lock; later calls find it there.
# `CORES=4 make figures` uses four cores.

SHELL := /bin/bash
PYTHON ?= python3
CORES ?= all
UV_VERSION := 0.13.9
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# One thread per process: thread pools that spin on shared cores are 14 to 250 times slower.
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export OMP_WAIT_POLICY := PASSIVE

READY := .venv/ready
# Programs in .venv hold its path, so it is built anew where the checkout was moved or copied to.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif
OWN_UV := $(if $(shell command -v uv),,.uv/bin/uv)
UV := $(or $(OWN_UV),uv)

.PHONY: figures test test-slurm lint env lock clean-env new-enough

figures: $(READY)
	snakemake --cores $(CORES) figures claims theory
	@python -c "from largebatch.cli.options import chosen; print(f'The figures and claims.md are in results/{chosen(None).name}.')"

test: lint
	pytest -n logical --maxprocesses 4 --dist worksteal

# Most of them wait for SLURM most of the time.
test-slurm: $(READY)
	pytest -n 6 --dist worksteal -m slurm tests/slurm

lint: $(READY) .types/ready
	ruff check .
	ruff format --check .
	.types/bin/python -m mypy --python-executable .venv/bin/python
	snakefmt --check Snakefile workflow
	snakemake --lint

env: $(READY)

# Bytecode is compiled once here, instead of in each of the many processes that train.
$(READY): envs/pipeline.lock pyproject.toml | new-enough $(OWN_UV)
	[ "$$(cat $@ 2>/dev/null)" = "$(CURDIR)" ] || rm -rf .venv
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(UV) pip sync --python .venv --require-hashes --compile-bytecode envs/pipeline.lock
	$(UV) pip install --python .venv --no-deps --editable .
	echo "$(CURDIR)" > $@

# Apart from .venv, since results name the lock under which they were made.
.types/ready: envs/types.lock | $(OWN_UV)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .types
	$(UV) pip sync --python .types --require-hashes envs/types.lock
	touch $@

new-enough:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "\
	$(PYTHON) is older than Python 3.11; name a newer one: make PYTHON=python3.11 $(MAKECMDGOALS)")'

.uv/bin/uv: | new-enough
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet uv==$(UV_VERSION)

# Takes the newest version of everything. Then give envs/environment.yaml the same pins (a test compares them).
lock: | $(OWN_UV)
	$(UV) pip compile pyproject.toml --extra test --universal --generate-hashes --upgrade \
	    --no-emit-index-url --no-header --output-file envs/pipeline.lock
	echo mypy | $(UV) pip compile - --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-emit-index-url --no-header --output-file envs/types.lock

clean-env:
	rm -rf .venv .types .uv
