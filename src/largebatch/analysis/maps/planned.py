"""Which maps there are and what they depend on; no run is read."""

from pathlib import Path

from largebatch.analysis.measure.files import measured_files
from largebatch.analysis.stored import is_stored
from largebatch.analysis.units import unit
from largebatch.study import Run, Study
from largebatch.study.kinds.table import kind_of

MAPS = ("gap", "heat", "reach")


def task_metrics(study: Study) -> dict[str, tuple[str, str]]:
    """{task: (training metric, test metric)} for the tasks that figures show."""
    sweeps = (study.sweeps[name] for figure in study.figures.values() for name in figure.sweeps)
    panels = {sweep.task: kind_of(study.tasks[sweep.task].model).panels for sweep in sweeps}
    return {task: (shown["train"], shown["test"]) for task, shown in panels.items()}


def stored_runs(study: Study, root: Path = Path(".")) -> dict[str, list[Run]]:
    """{task: its stored runs, of any sweep}, for the tasks that figures show."""
    there = [run for run in study.by_file.values() if is_stored(study, run, root)]
    found = {task: [run for run in there if run.task == task] for task in task_metrics(study)}
    return {task: runs for task, runs in found.items() if runs}


def maps_settings(study: Study, stored: dict[str, list[Run]]) -> dict:
    """Everything that the maps depend on except code and numbers. stored: `stored_runs`.

    metrics: {task: {training metric, then test metric: its unit}}. runs: how many of the runs that
    the figures show exist; runs of other sweeps are not counted.
    """
    metrics = task_metrics(study)
    wanted = {run for figure in study.figures for run in study.runs_of(figure)}
    present = [run for runs in stored.values() for run in runs if run in wanted]
    return {
        "notice": study.notice,
        "metrics": {
            task: {metric: unit(metric, study.tasks[task].model) for metric in metrics[task]}
            for task in stored
        },
        "runs": {"present": len(present), "planned": len(wanted)},
    }


def maps_inputs(study: Study, stored: dict[str, list[Run]], root: Path = Path(".")) -> list[str]:
    """The runs and the measurements that the maps are made from, by name. stored: `stored_runs`."""
    runs = (run.path for runs in stored.values() for run in runs)
    return [*runs, *measured_files(study, root)]
