"""Read config/studies/<name>.yaml as a `Study`, or say in one sentence what is wrong."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from largebatch.errors import UserError
from largebatch.study.check_tasks import dataset_faults, own_faults
from largebatch.study.checks import check
from largebatch.study.extends import read_layers, study_names
from largebatch.study.layers import Key, spot
from largebatch.study.sentences import NAMES, choice
from largebatch.study.study import Figure, Study, Sweep, Task
from largebatch.study.validation import validate
from largebatch.study.yaml_files import read_yaml

STUDIES = Path("config/studies")
CONFIG = Path("config/config.yaml")
NAME = r"[a-z0-9][a-z0-9._-]*"
# What is below results/ beside the studies.
TAKEN = ("benchmarks", "data", "downloads", "figures.lock", "patches", "plans", "theory")
# What figures say on their face if a study that is not the paper's has no notice.
UNFAITHFUL = "not the paper's data, models or epochs"


def load_config(root: Path = Path(".")) -> dict:
    """The content of config/config.yaml, checked against its schema."""
    config = read_yaml(CONFIG, root)
    check_config(config, {CONFIG: config}, root)
    return config


def check_config(config: dict, files: Mapping[Path, dict], root: Path = Path(".")) -> None:
    """Refuse unknown keys and wrong types.

    files: those that `config` is from, each over those before it; the command line is over all.
    """

    def where(key: Key) -> str:
        holding = [file for file, content in files.items() if {*key[:1]} <= content.keys()]
        return spot(f"{holding[-1] if holding else CONFIG} or --config", key)

    validate(config, "config", root, where)


def check_dataset(settings: dict, option: str, root: Path = Path(".")) -> None:
    """Refuse data set settings that no study could have; they came with `option` of a command."""
    validate(settings, "study", root, lambda key: spot(option, key), "dataset")
    for fault in dataset_faults("", settings):
        key = fault.keys[0][2:]  # without "datasets" and its name
        raise UserError(f"{spot(option, key)}: {fault.sentence}.")


def check_task(settings: dict, option: str, root: Path = Path(".")) -> None:
    """Refuse settings of a task that no study could have; they came with `option` of a command."""

    def where(key: Key) -> str:
        return spot(option, ("task", *key))

    validate(settings, "study", root, where, "task")
    for fault in own_faults(Task("", settings)):
        key = fault.keys[0][2:]  # without "tasks" and its name
        raise UserError(f"{where(key)}: {fault.sentence}.")


def load_study(name: str, root: Path = Path("."), enable: Sequence[str] = ()) -> Study:
    """The study of that name, or in that file in config/studies; see `read_study`."""
    given = Path(name) if name.endswith(".yaml") else STUDIES / f"{name}.yaml"
    file = Path(os.path.relpath(root / given, root))
    if file.parent != STUDIES:  # where the workflow's commands look for it by name
        raise UserError(f"{name}: studies must be in {STUDIES}; move it there and give its name.")
    if not (root / file).is_file():
        raise UserError(_no_study(name, file, root))
    return read_study(file, root, enable)


def read_study(file: Path, root: Path = Path("."), enable: Sequence[str] = ()) -> Study:
    """The study in the YAML file `root / file`, with the groups of sweeps `enable` switched on.

    Raises `UserError` naming file and key.
    """
    _check_name(file)
    layers = read_layers(file, root)
    content = layers.content()
    validate(content, "study", root, layers.where)
    study = _build(file, content, enable)
    check(study, layers.where)
    _check_groups(study, enable)
    return study


def _check_name(file: Path) -> None:
    """Refuse a name that cannot name a folder below results/ and be used in command lines."""
    if file.stem in TAKEN:
        raise UserError(f"{file}: a study cannot be called '{file.stem}'; rename the file.")
    if not re.fullmatch(NAME, file.stem):
        raise UserError(f"{file}: {NAMES}.")


def _check_groups(study: Study, enable: Sequence[str]) -> None:
    known = sorted({sweep.group for sweep in study.sweeps.values() if sweep.group})
    if unknown := sorted(set(enable) - set(known)):
        advice = f"use some of {', '.join(known)}" if known else "leave `enable` empty"
        raise UserError(f"enable: {study.file} has no group of sweeps '{unknown[0]}'; {advice}.")


def _no_study(name: str, file: Path, root: Path) -> str:
    known = study_names(root / STUDIES)
    if not known:
        return f"{STUDIES}: there are no studies here; run from the root of the repository."
    return f"{file}: there is no study '{name}'; {choice(name, known)}, or write that file."


def _build(file: Path, content: dict, enable: Sequence[str]) -> Study:
    seeds = content["seeds"]
    return Study(
        name=file.stem,
        file=file,
        title=content["title"],
        notice=content.get("notice") or (None if content["faithful"] else UNFAITHFUL),
        faithful=content["faithful"],
        datasets={key: _canonical(value) for key, value in content["datasets"].items()},
        tasks={key: Task(key, _canonical(value)) for key, value in content["tasks"].items()},
        sweeps={key: _sweep(key, value, seeds, enable) for key, value in content["sweeps"].items()},
        figures={key: _figure(key, value) for key, value in content["figures"].items()},
    )


def _sweep(name: str, settings: dict, seeds: list[int], enable: Sequence[str]) -> Sweep:
    return Sweep(
        name=name,
        task=settings["task"],
        batch=settings["batch"],
        optimizers=tuple(settings["optimizers"]),
        effective_lrs=tuple(float(lr) for lr in settings["effective_lrs"]),
        seeds=tuple(settings.get("seeds", seeds)),
        enabled=settings.get("enabled", True) or settings.get("group") in enable,
        group=settings.get("group"),
    )


def _figure(name: str, settings: dict) -> Figure:
    return Figure(
        name=name,
        title=settings["title"],
        kind=settings["kind"],
        sweeps=tuple(settings["sweeps"]),
        metrics=tuple(settings["metrics"]),
        paper_optimum=settings.get("paper_optimum"),
    )


def _canonical(settings: Any) -> Any:
    """Settings in a form that is equal for equal meaning: null keys are left out, and 5.0 is 5."""
    if isinstance(settings, dict):
        return {k: _canonical(v) for k, v in settings.items() if v is not None}
    if isinstance(settings, float) and settings.is_integer():
        return int(settings)
    return settings
