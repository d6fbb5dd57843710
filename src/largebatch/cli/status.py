"""`largebatch status`: how far each figure is."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import typer

from largebatch.cli.options import StudyName, chosen
from largebatch.study import Run, Study

SPOOL = Path(".snakemake/lanes")
COLUMNS = ("done", "diverged", "running", "missing")


def status(study: StudyName = None) -> None:
    """Say of each figure how many of its runs are done, diverged, running and missing.

    Example: largebatch status --study demo
    """
    found = chosen(study)
    running = dict(_running())
    typer.echo(f"{'figure':8}" + "".join(f"{column:>10}" for column in COLUMNS) + "   drawn")
    for figure in found.figures:
        states = Counter(_state(run, running) for run in found.runs_of(figure))
        counts = "".join(f"{states[column]:10}" for column in COLUMNS)
        typer.echo(f"{figure:8}{counts}   {_drawn(found, figure)}")
    for line in dict.fromkeys(running.values()):
        typer.echo(line)


def _state(run: Run, running: dict[str, str]) -> str:
    path = Path(run.path)
    if path.is_file():
        footer = pq.read_metadata(path).metadata
        record = json.loads(footer[b"largebatch.record"])
        return "diverged" if record["status"] == "diverged" else "done"
    return "running" if run.path in running else "missing"


def _drawn(study: Study, figure: str) -> str:
    return "yes" if Path(f"results/{study.name}/figures/{figure}.pdf").is_file() else "no"


def _running() -> Iterator[tuple[str, str]]:
    """(file of a run, a line about its pack) of every pack whose process is alive."""
    for file in sorted(SPOOL.glob("*/pack.json")):
        if _alive(file.with_name("pid")):
            pack = json.loads(file.read_text())
            line = f"running: {pack['resources'].get('pack', pack['rule'])}, {_where(file)}"
            yield from ((run["out"], line) for run in pack["runs"] if isinstance(run["out"], str))


def _alive(pid: Path) -> bool:
    try:
        os.kill(int(pid.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def _where(pack: Path) -> str:
    try:
        seen = json.loads(pack.with_name("progress.json").read_text())
    except (OSError, ValueError):
        return "starting"
    left = seen["elapsed"] / max(1, seen["epoch"]) * (seen["epochs"] - seen["epoch"])
    return f"epoch {seen['epoch']} of {seen['epochs']}, about {left:.0f} s left"
