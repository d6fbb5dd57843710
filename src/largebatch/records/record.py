"""The record of what made an artefact; data, runs, tables and figures all carry one.

| field | what it says | left out when |
|---|---|---|
| kind | `data`, `run`, `table`, `figure`, `claims` or `page` (claims, report) | |
| name | the artefact's path below the checkout, its identity | |
| inputs | list of {name, table, record, file}: digests of each input's numbers, record, bytes | |
| code | {step, digest, modules: {module: digest}} of the step's import closure | |
| settings | the resolved settings that this artefact alone depends on | |
| lock | SHA-256 of `envs/pipeline.lock` | no lock file |
| packages | {package: version} as installed | |
| git | {commit, dirty, patch: SHA-256 of the patch, kept in `results/patches/`} | no git |
| hardware | host, cpu, cores, threads; gpu, driver, cuda, cudnn, precision flags if used | |
| command | the command line | |
| slurm | {job, cluster, partition, node, restarts} | not under SLURM |
| started, finished | UTC, ISO 8601 | |
| status | `finished` or `diverged` | |
| facts | what only this kind has: pack mates, peak memory, resumed from, ... | there are none |

Values that cannot be read are left out, never invented.
"""

import copy
import shlex
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from largebatch.records.code import code_digest
from largebatch.records.context import hardware, lock_digest, packages, slurm_job
from largebatch.records.digest import canonical_json, digest_of
from largebatch.records.git import git_state
from largebatch.records.patches import store_patch

KINDS = ("data", "run", "table", "figure", "claims", "page")
STATUSES = ("finished", "diverged")


def make_record(
    kind: str,
    name: str,
    *,
    inputs: list[dict],
    step: str,
    settings: dict,
    started: float,
    finished: float | None = None,
    status: str = "finished",
    root: Path,
    **facts,
) -> dict:
    """The record of an artefact just made; the table above lists its fields.

    `name` is the artefact's path relative to the checkout `root`; `started` and `finished`
    (default: now) are seconds since the epoch (`time.time()`). The patch of a dirty tree is kept in
    `results/patches`. Code and commit are those at the process's first call (see `snapshot`).
    Raises ValueError for an unknown kind or status, and for NaN among the values.
    """
    if kind not in KINDS or status not in STATUSES:
        raise ValueError(f"no such record: kind {kind!r}, status {status!r}")
    surroundings, patch = snapshot(step, Path(root))
    if patch:
        store_patch(root, patch)
    record = {
        "kind": kind,
        "name": name,
        "inputs": inputs,
        "settings": settings,
        **copy.deepcopy(surroundings),
        "hardware": hardware(),
        "started": _utc(started),
        "finished": _utc(time.time() if finished is None else finished),
        "status": status,
        "facts": {key: value for key, value in facts.items() if value is not None},
    }
    canonical_json(record)
    return record


def has_settings(record: dict, settings: dict) -> bool:
    """Was the artefact made with these settings? They are compared in their stored form."""
    return canonical_json(record.get("settings")) == canonical_json(settings)


def data_input(name: str, digest: str, record: dict) -> dict[str, str]:
    """How a run's record names its dataset: by the digests of the tensors and of their record."""
    return {"name": name, "table": digest, "record": digest_of(record)}


@lru_cache(maxsize=32)
def snapshot(step: str, root: Path) -> tuple[dict, bytes | None]:
    """Code, commit, packages and job of this process, and the patch; read once per process.

    A long training calls it before it starts, since files may be edited while it runs.
    """
    git = git_state(root)
    facts = {
        "code": {"step": step, **code_digest(step)},
        "lock": lock_digest(root),
        "packages": packages(root),
        "git": git.facts or None,
        "command": _command(sys.argv),
        "slurm": slurm_job() or None,
    }
    return {key: value for key, value in facts.items() if value is not None}, git.patch


def _command(argv: list[str]) -> str:
    program = Path(argv[0])
    if program.name == "__main__.py":  # python -m <package>
        program = program.parent
    return shlex.join([program.name, *argv[1:]])


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
