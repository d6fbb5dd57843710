"""`--spec`: the settings of one run as JSON, as the training rule gives them."""

import json
from collections.abc import Iterator
from math import inf

from largebatch.cli.options import json_object
from largebatch.errors import UserError
from largebatch.study import check_task
from largebatch.study.run import Optimizer

WHOLE = "`snakemake -np` prints complete ones"
SPEC = {  # key: what it must be, and whether it is
    "task": ("an object", lambda value: _is(value, dict)),
    "data": ("an object", lambda value: _is(value, dict)),
    "batch": ("a whole number of at least 1", lambda value: _is(value, int) and value >= 1),
    "optimizer": ("a string", lambda value: _is(value, str)),
    "momentum": ("a number", lambda value: _is(value, int, float)),
    "effective_lr": ("a number above 0", lambda value: _is(value, int, float) and 0 < value < inf),
    "seed": ("a whole number of at least 0", lambda value: _is(value, int) and value >= 0),
}
# The keys of every task of a study (workflow/schemas/study.schema.yaml), and its name.
TASK = {"dataset", "epochs", "l2", "l2_on", "last_batch", "model", "name", "precision", "schedule"}


def read_spec(text: str) -> dict:
    """The spec, with all its keys; raises UserError if no study could have such a run.

    Whether `data` are the settings of the prepared data set is found out when that is loaded.
    """
    spec = json_object("--spec", text, WHOLE)
    if fault := next(_faults(spec), None):
        raise UserError(f"--spec: {fault}; {WHOLE}.")
    check_task({key: value for key, value in spec["task"].items() if key != "name"}, "--spec")
    return spec


def _faults(spec: dict) -> Iterator[str]:
    """What is wrong with a spec; a check may rely on those before it having found nothing."""
    if missing := sorted(SPEC.keys() - spec.keys()):
        yield f"it lacks {', '.join(missing)}"
    for key, (wanted, fits) in SPEC.items():
        if not fits(spec[key]):
            yield f"{key}: it must be {wanted}, not {json.dumps(spec[key])[:80]}"
    if missing := sorted(TASK - spec["task"].keys()):
        yield f"task: it lacks {', '.join(missing)}"
    if not _is(name := spec["task"]["name"], str):
        yield f"task.name: it must be a string, not {json.dumps(name)[:80]}"
    try:
        momentum = Optimizer.parse(spec["optimizer"]).momentum
    except UserError as reason:
        yield f"optimizer: {reason}"
    else:
        if momentum != spec["momentum"]:
            yield f"momentum: it is {momentum:g} in '{spec['optimizer']}', not {spec['momentum']:g}"


def _is(value: object, *kinds: type) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)
