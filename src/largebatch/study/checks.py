"""Checks that a schema cannot express: names and metrics must exist, sizes must fit."""

from collections.abc import Callable, Iterator

from largebatch.errors import UserError
from largebatch.study.check_sweeps import sweep_faults
from largebatch.study.check_tasks import dataset_faults, task_faults
from largebatch.study.faults import Fault, absent, listed
from largebatch.study.kinds.table import kind_of
from largebatch.study.sentences import one_line
from largebatch.study.study import Figure, Study

# Names that `snakemake` and `largebatch audit` accept besides figures; a test compares them.
TAKEN = {
    "audit", "claims", "crate", "data", "figure", "figures", "general_theory", "maps", "measure",
    "measured", "prepare", "report", "runs", "table", "tables", "theory", "train", "twins",
    "unknown",
    "finite_population", "momentum_sums", "spectral_radius", "stability", "stationary_variance",
}  # fmt: skip
TAKEN_STARTS = "map-", "measured-"


def check(study: Study, where: Callable[..., str]) -> None:
    """Raise `UserError` for the first fault; `where` turns the fault's keys into file and key."""
    fault = next(_faults(study), None)
    if fault:
        raise UserError(one_line(f"{where(*fault.keys)}: {fault.sentence}."))


def _faults(study: Study) -> Iterator[Fault]:
    """Yield faults in an order in which later checks can rely on earlier ones.

    The caller takes only the first fault, so a sweep whose task is missing is never looked at.
    """
    for name, settings in study.datasets.items():
        yield from dataset_faults(name, settings)
    for task in study.tasks.values():
        yield from task_faults(study, task)
    for sweep in study.sweeps.values():
        yield from sweep_faults(study, sweep)
    for figure in study.figures.values():
        yield from _figure_faults(study, figure)


def _figure_faults(study: Study, figure: Figure) -> Iterator[Fault]:
    for name in figure.sweeps:
        yield from _shown_sweep_faults(study, figure, name)
    key = ("figures", figure.name)
    if figure.name in TAKEN or figure.name.startswith(TAKEN_STARTS):
        yield Fault(
            f"'{figure.name}' is the name of a target or output of the workflow; choose another",
            key,
        )
    if figure.kind == "sweep" and len(figure.sweeps) > 1:
        sentence = f"a figure of kind sweep shows one sweep, not {len(figure.sweeps)}"
        advice = "make a figure for each, or use kind momenta, which draws a row for each"
        yield Fault(f"{sentence}; {advice}", (*key, "sweeps"), (*key, "kind"))
    batches = [study.sweeps[name].batch for name in figure.sweeps]
    if len(set(batches)) < len(batches):  # the figure's table and rows tell sweeps apart by batch
        sentence = f"two sweeps of figure '{figure.name}' have the same batch"
        batches_of = (("sweeps", name, "batch") for name in figure.sweeps)
        yield Fault(f"{sentence}; make a figure for each", (*key, "sweeps"), *batches_of)


def _shown_sweep_faults(study: Study, figure: Figure, name: str) -> Iterator[Fault]:
    user, key = f"figure '{figure.name}'", ("figures", figure.name)
    if name not in study.sweeps:
        sentence = absent("sweep", name, user, study.sweeps)
        yield Fault(sentence, (*key, "sweeps"), ("sweeps", name))
    sweep = study.sweeps[name]
    if not sweep.enabled:
        sentence = f"{user} shows the sweep '{name}', which is not enabled"
        places = (*key, "sweeps"), ("sweeps", name, "enabled")
        yield Fault(f"{sentence}; enable it, or remove it from the figure", *places)
    model = study.tasks[sweep.task].model
    known = kind_of(model).metrics
    for metric in figure.metrics:
        if metric not in known:
            what = f"{user} shows {metric}, which a model of kind {model['kind']} does not have"
            of_task = (("tasks", sweep.task, *part) for part in (("model", "kind"), ("like",)))
            of_figure = (*key, "metrics"), (*key, "sweeps")
            yield Fault(
                f"{what}; use {listed(known)}", *of_figure, ("sweeps", name, "task"), *of_task
            )
