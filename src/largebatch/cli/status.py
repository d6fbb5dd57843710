"""`largebatch status`: how far each figure is. It reads only files, so it works on any node."""

from collections import Counter
from collections.abc import Set
from pathlib import Path

import typer

from largebatch.analysis.stored import is_stored
from largebatch.cli.logs import ENDS, last_words, log_of
from largebatch.cli.options import StudyName, chosen
from largebatch.cli.running import Pack, read_packs, to_come
from largebatch.errors import UserError
from largebatch.records import glance, read_sidecar, remake
from largebatch.study import Run, Study
from largebatch.training.leases.watch import is_held

COLUMNS = ("done", "diverged", "running", "waiting", "failed")
ENDED = {"finished": "done", "diverged": "diverged"}
SHOWN = 10  # failed runs


def status(study: StudyName = None) -> None:
    """Show how many runs of each figure are done, running or failed.

    Below the table: how far the running packs are and how long they will take, and which runs
    failed, with the last words of their logs. A run is waiting if it was told to stop, if its
    settings have changed, or if it was cut off and Snakemake or SLURM will start it again without
    being asked. A run whose file does not end as a run's does has failed; its numbers are not read,
    so only `largebatch audit` tells whether they are damaged, and what has changed in code or data.
    A figure drawn from only some of its runs is unfinished until it is drawn again.

    Example: largebatch status --study demo
    """
    found = chosen(study)
    runs, packs = list(found.by_file.values()), read_packs()
    at_work = {run.path for run in runs if is_held(Path(run.path).with_suffix(".lease"))}
    coming, lost = to_come(packs, at_work), {run: p for p in packs if p.failed for run in p.runs}
    states = {run: _state(found, run, at_work, coming, lost.keys()) for run in runs}
    title = f"study={found.name}"
    width = max(map(len, (title, *found.figures)))
    typer.echo(f"{title:{width}}" + "".join(f"{column:>10}" for column in COLUMNS) + "   drawn")
    for figure in found.figures:
        counted = Counter(states[run] for run in found.runs_of(figure))
        counts = "".join(f"{counted[column]:10}" for column in COLUMNS)
        typer.echo(f"{figure:{width}}{counts}   {_drawn(found, figure)}")
    for pack in packs:
        if working := pack.runs & at_work:
            job = f", SLURM job {pack.job}" if pack.job else ""
            typer.echo(f"running: {pack.name}, {pack.where}, {len(working)} runs{job}")
    failed = [run for run, state in states.items() if state == "failed"]
    for run in failed[:SHOWN]:
        typer.echo(f"failed: {run.name}: {_why(run, lost.get(run.path))}")
    if len(failed) > SHOWN:
        typer.echo(f"failed: {len(failed) - SHOWN} more")


def _state(study: Study, run: Run, at_work: Set[str], coming: Set[str], lost: Set[str]) -> str:
    path = Path(run.path)
    if is_stored(study, run):
        return _end(path)
    if run.path in at_work:
        return "running"
    if path.is_file() or run.path in coming:  # a file of other settings
        return "waiting"
    if run.path in lost:
        return "failed"
    last = last_words(log_of(run), run.name)  # None: it never began
    return "waiting" if last is None or last.startswith(ENDS) else "failed"


def _end(path: Path) -> str:
    try:
        return ENDED.get(glance(path).get("status", ""), "failed")
    except UserError:
        return "failed"


def _why(run: Run, pack: Pack | None) -> str:
    """Why a run failed: its file is damaged, or how its pack ended and the log's last words."""
    if not Path(run.path).is_file():
        said = (pack.ended if pack else None, last_words(log_of(run), run.name))
        return f"{'; '.join(filter(None, said))} ({log_of(run)})"
    return f"its file is damaged; delete it and run {remake(run.path)}"


def _drawn(study: Study, figure: str) -> str:
    stem = f"results/{study.name}/figures/{figure}"  # a figure's name may have dots
    if not all(Path(f"{stem}.{ending}").is_file() for ending in ("pdf", "json")):
        return "no"
    try:
        runs = read_sidecar(Path(f"{stem}.json")).record["facts"]["runs"]
    except (UserError, KeyError):
        return "damaged"
    return "yes" if runs["present"] == runs["planned"] else "unfinished"
