"""From config/studies/<name>.yaml to a `Study`, or one sentence that says what is wrong."""

from functools import reduce
from pathlib import Path

from largebatch.errors import UserError
from largebatch.study.checks import check
from largebatch.study.study import Figure, Study, Sweep, Task
from largebatch.study.validation import validate
from largebatch.study.yaml_files import merge, read_extended, read_yaml

STUDIES = Path("config/studies")
CONFIG = Path("config/config.yaml")


def load_config(root: Path = Path(".")) -> dict:
    """config/config.yaml, checked against its schema."""
    config = read_yaml(root / CONFIG)
    check_config(config, root)
    return config


def check_config(config: dict, root: Path = Path(".")) -> None:
    """Refuse unknown keys and wrong types; `config` may have come from the command line."""
    validate(config, "config", root, lambda key: CONFIG)


def load_study(name: str, root: Path = Path(".")) -> Study:
    """The study of that name. Raises `UserError` naming file and key."""
    file = STUDIES / f"{name}.yaml"
    if not (root / file).is_file():
        known = ", ".join(sorted(path.stem for path in (root / STUDIES).glob("*.yaml")))
        raise UserError(f"{file}: there is no study '{name}'; use one of {known}, or write it.")
    layers = [(STUDIES / path.name, content) for path, content in read_extended(root / file)]

    def blame(key: tuple) -> Path:
        """The topmost file that holds (the longest part of) a key."""
        return max(reversed(layers), key=lambda layer: _depth(layer[1], key))[0]

    content = reduce(merge, (layer for _, layer in layers), {})
    content["tasks"] = _inherit(content.get("tasks", {}), blame)
    validate(content, "study", root, blame)
    study = _build(name, file, content)
    check(study, blame)
    return study


def _depth(content: object, key: tuple) -> int:
    """How many parts of `key` lead somewhere in `content`."""
    if not key or not isinstance(content, dict) or key[0] not in content:
        return 0
    return 1 + _depth(content[key[0]], key[1:])


def _inherit(tasks: dict, blame) -> dict:
    """Tasks with `like` resolved: the other task's settings with this one's laid over them."""

    def resolve(name: str, waiting: tuple = ()) -> dict:
        task = tasks[name]
        if not isinstance(task, dict) or "like" not in task:
            return task
        key, other = ("tasks", name, "like"), task["like"]
        if other not in tasks:
            raise UserError(f"{blame(key)}: {'.'.join(key)}: there is no task '{other}'.")
        if name in waiting:
            raise UserError(
                f"{blame(key)}: {'.'.join(key)}: tasks are like each other in a circle."
            )
        own = {k: v for k, v in task.items() if k != "like"}
        return merge(resolve(other, (*waiting, name)), own)

    return {name: resolve(name) for name in tasks} if isinstance(tasks, dict) else tasks


def _build(name: str, file: Path, content: dict) -> Study:
    seeds = content["seeds"]
    return Study(
        name=name,
        file=file,
        title=content["title"],
        notice=content.get("notice"),
        faithful=content["faithful"],
        datasets={key: _without_nulls(value) for key, value in content["datasets"].items()},
        tasks={key: Task(key, _without_nulls(value)) for key, value in content["tasks"].items()},
        sweeps={
            key: Sweep(
                name=key,
                task=value["task"],
                batch=value["batch"],
                optimizers=tuple(value["optimizers"]),
                effective_lrs=tuple(float(lr) for lr in value["effective_lrs"]),
                seeds=tuple(value.get("seeds", seeds)),
                enabled=value.get("enabled", True),
            )
            for key, value in content["sweeps"].items()
        },
        figures={
            key: Figure(
                name=key,
                title=value["title"],
                kind=value["kind"],
                sweeps=tuple(value["sweeps"]),
                metrics=tuple(value["metrics"]),
                paper_optimum=value.get("paper_optimum"),
            )
            for key, value in content["figures"].items()
        },
    )


def _without_nulls(settings: object) -> object:
    """An absent key and a null one mean the same, so that they give the same spec."""
    if isinstance(settings, dict):
        return {k: _without_nulls(v) for k, v in settings.items() if v is not None}
    return settings
