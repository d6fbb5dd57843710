"""`largebatch status`: how far each figure is. It reads only files, so it works on any node."""

from collections import Counter
from collections.abc import Set
from pathlib import Path

import typer

from largebatch.analysis.stored import is_stored
from largebatch.analysis.text_table import text_table
from largebatch.audit.checkout.present import Present
from largebatch.cli.logs import ENDS, last_words, log_of
from largebatch.cli.options import Enable, StudyName, chosen
from largebatch.cli.running import Pack, read_packs, to_come
from largebatch.errors import UserError
from largebatch.records import glance, read_sidecar, remake
from largebatch.study import Run, Study
from largebatch.training.leases.watch import is_held

COLUMNS = ("done", "diverged", "running", "waiting", "failed", "stale")
ENDED = {"finished": "done", "diverged": "diverged"}
SHOWN = 10  # failed runs
REST = "no figure"


def status(study: StudyName = None, enable: Enable = None) -> None:
    """Show how many runs of each figure are done, running or failed.

    Below the table: how far the running packs are and how long they will take, and which runs
    failed, with the last words of their logs. A run is waiting if it was told to stop, if its
    settings have changed, or if it was cut off and Snakemake or SLURM will start it again without
    being asked. A run whose file does not end as a run's does has failed; its numbers are not read,
    so only `largebatch audit` tells whether they are damaged, and what has changed in their data.
    A run is stale if other code trained it, so that Snakemake trains it again. A figure drawn from
    only some of its runs is unfinished until it is drawn again.

    Example: largebatch status --study demo
    """
    found = chosen(study, enable)
    runs, packs = list(found.by_file.values()), read_packs()
    at_work = {run.path for run in runs if is_held(Path(run.path).with_suffix(".lease"))}
    coming, lost = to_come(packs, at_work), {run: p for p in packs if p.failed for run in p.runs}
    now = Present(found, Path("."))
    states = {run: _state(now, run, at_work, coming, lost.keys()) for run in runs}
    _print_table(found, states)
    for pack in packs:
        if working := pack.runs & at_work:
            job = f", SLURM job {pack.job}" if pack.job else ""
            typer.echo(f"running: {pack.name}, {pack.where}, {len(working)} runs{job}")
    failed = [run for run, state in states.items() if state == "failed"]
    for run in failed[:SHOWN]:
        typer.echo(f"failed: {run.name}: {_why(run, lost.get(run.path))}")
    if len(failed) > SHOWN:
        typer.echo(f"failed: {len(failed) - SHOWN} more")


def _print_table(study: Study, states: dict[Run, str]) -> None:
    """A row for each figure, and one for the runs that are to be trained but are in no figure."""
    rows = {figure: study.runs_of(figure) for figure in study.figures}
    shown = set().union(*rows.values())
    if rest := [run for run in study.runs if run not in shown]:
        rows[REST] = rest
    lines = []
    for name, runs in rows.items():
        counted = Counter(states[run] for run in runs)
        counts = (f"{counted[column]:{len(column)}}" for column in COLUMNS)
        lines.append((name, *counts, "-" if name == REST else _drawn(study, name)))
    typer.echo("\n".join(text_table((f"study={study.name}", *COLUMNS, "drawn"), lines)))


def _state(now: Present, run: Run, at_work: Set[str], coming: Set[str], lost: Set[str]) -> str:
    path = Path(run.path)
    end = _end(now, path) if is_stored(now.study, run) else ""
    if run.path in at_work and end in ("", "stale"):
        return "running"
    if end:
        return end
    if path.is_file() or run.path in coming:  # a file of other settings
        return "waiting"
    if run.path in lost:
        return "failed"
    last = last_words(log_of(run), run.name)  # None: it never began
    return "waiting" if last is None or last.startswith(ENDS) else "failed"


def _end(now: Present, path: Path) -> str:
    try:
        record = glance(path)
    except UserError:
        return "failed"
    try:
        is_stale = bool(now.changed_code("train", record))
    except (UserError, KeyError, TypeError, AttributeError):  # no such code now, or a forged record
        is_stale = True
    return "stale" if is_stale else ENDED.get(record.get("status", ""), "failed")


def _why(run: Run, pack: Pack | None) -> str:
    """Why a run failed: its file is damaged, or how its pack ended and the log's last words."""
    if not Path(run.path).is_file():
        said = (pack.ended if pack else None, last_words(log_of(run), run.name))
        return f"{'; '.join(filter(None, said))} ({log_of(run)})"
    return f"its file is damaged; delete it and run {remake(run.path)}"


def _drawn(study: Study, figure: str) -> str:
    picture, sidecar = (Path(f"{study.stem(figure)}.{ending}") for ending in ("pdf", "json"))
    if not (picture.is_file() and sidecar.is_file()):
        return "no"
    try:
        runs = read_sidecar(sidecar).record["facts"]["runs"]
    except (UserError, KeyError):
        return "damaged"
    return "yes" if runs["present"] == runs["planned"] else "unfinished"
