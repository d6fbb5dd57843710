"""Which theory files a study has and what they depend on; imports nothing heavy, reads no data."""

from collections.abc import Iterable

from largebatch.study import Figure, Study, Sweep, Task
from largebatch.study.kinds.table import kind_of
from largebatch.study.sizes import expected_size

ENDINGS = ("parquet", "pdf", "svg", "png", "json")
GENERAL = (  # the theory's own figures, which `figures.plates.theory` makes
    "stability",
    "stationary_variance",
    "spectral_radius",
    "finite_population",
    "momentum_sums",
)
MODELLED = ("sgd", "momentum")  # the optimizers whose moments the twins compute


def theory_files(study: Study) -> list[str]:
    """Every file of the theory: the study's twins, and the figures that belong to no study."""
    return [*twin_files(study), *general_files()]


def twin_files(study: Study) -> list[str]:
    """The files of a study's twins, T1 to T9."""
    return _files(f"results/{study.name}/theory", map(twin_name, twinned(study)))


def general_files() -> list[str]:
    """The files of the theory's own figures."""
    return _files("results/theory", GENERAL)


def _files(folder: str, names: Iterable[str]) -> list[str]:
    return [f"{folder}/{name}.{ending}" for name in names for ending in ENDINGS]


def theory_settings(study: Study) -> dict[str, dict]:
    """{twin: `twin_settings` of its figure}."""
    return {twin_name(figure): twin_settings(study, figure) for figure in twinned(study)}


def twin_settings(study: Study, figure: str) -> dict:
    """Everything that a twin depends on except code; it is computed and drawn from nothing else."""
    shown = study.figures[figure]
    return {
        "figure": {
            "title": shown.title,
            "kind": shown.kind,
            "paper_optimum": shown.paper_optimum,
        },
        "sweeps": [_sweep_settings(study, study.sweeps[name]) for name in shown.sweeps],
    }


def _sweep_settings(study: Study, sweep: Sweep) -> dict:
    task = study.tasks[sweep.task]
    return {
        "batch": sweep.batch,
        "optimizers": modelled(sweep),
        "effective_lrs": sorted(sweep.effective_lrs),
        "examples": examples(study, sweep),
        "last_batch": last_batch(task),
        "epochs": task.epochs,
        "schedule": task.settings["schedule"],
    }


def twin_name(figure: str) -> str:
    """T7 for fig7; T-<name> for a figure of another name."""
    number = figure.removeprefix("fig")
    return f"T{number}" if number.isdecimal() else f"T-{figure}"


def twinned(study: Study) -> list[str]:
    """The figures that have a twin.

    The study file must tell the size of their data, and each of their sweeps must have an optimizer
    of the model.
    """
    return [name for name, figure in study.figures.items() if _has_twin(study, figure)]


def _has_twin(study: Study, figure: Figure) -> bool:
    sweeps = [study.sweeps[name] for name in figure.sweeps]
    return all(modelled(sweep) and examples(study, sweep) for sweep in sweeps)


def modelled(sweep: Sweep) -> list[str]:
    """SGD and heavy ball, in the order of the sweep; the theory covers no other form (eq. 8)."""
    return [name for name in sweep.optimizers if name.partition("-")[0] in MODELLED]


def last_batch(task: Task) -> str:
    """What becomes of a smaller last minibatch: `drop` or `keep`; text has none."""
    return "drop" if kind_of(task.model).is_text else task.settings["last_batch"]


def examples(study: Study, sweep: Sweep) -> int | None:
    """How many examples batches are drawn from: images, or windows of `unroll` tokens (app. C.4).

    None if the study file does not tell.
    """
    task = study.tasks[sweep.task]
    size = expected_size(study.datasets[task.dataset])
    if "train_examples" in size:
        return size["train_examples"]
    return size["train_tokens"] and size["train_tokens"] // task.model["unroll"]
