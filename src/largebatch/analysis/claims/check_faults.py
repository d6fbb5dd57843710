"""Faults of a check that a schema cannot see: keys missing, out of order or without effect.

Snakefiles import this through the ledger, so it imports nothing but the study.
"""

from collections.abc import Iterator

from largebatch.errors import UserError
from largebatch.study import Optimizer

COSTS = ("updates", "seconds")
LOGARITHMS = ("instability", *COSTS)  # measures that are logarithms, whatever the metric
WINDOWED = ("mean", "instability")
COUNTED = ("smallest", "largest")  # rules for which `by` is a number of rates


def check_faults(check: dict) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (key, sentence) for each fault; the sentence lacks the file and the full stop."""
    if check["test"] in ("equivalent", "better"):
        yield from _measure_faults(check, check.get("measure", "final"))
    rule = check.get("rates", {})
    if rule.get("rule") in COUNTED and not float(rule.get("by", 1)).is_integer():
        yield ("rates", "by"), f"{rule['rule']} counts rates; give it a whole number, 1 or more"
    named = [(key, name) for key in ("first", "second") if (name := check.get(key))]
    for key, name in [*named, *(("optimizers", name) for name in check.get("optimizers", ()))]:
        try:
            Optimizer.parse(name)
        except UserError as reason:
            yield (key,), str(reason)


def _measure_faults(check: dict, measure: str) -> Iterator[tuple[tuple[str, ...], str]]:
    if measure in COSTS and "target" not in check:
        yield ("target",), f"{measure} are counted up to a target; name a figure or sweep"
    if measure not in COSTS and (idle := [key for key in ("target", "slack") if key in check]):
        yield (idle[0],), f"only {_having(COSTS, 'target')}"
    if "margin" in check and measure in LOGARITHMS:
        yield ("margin",), f"the measure {measure} is compared by factors; give `factor` instead"
    if "margin" in check and "factor" in check:
        yield ("margin",), "`factor` says the same; remove one of the two"
    if check["test"] == "equivalent" and measure in LOGARITHMS and "factor" not in check:
        yield ("factor",), f"equivalence of the measure {measure} needs a factor; add it"
    if "window" in check and measure not in WINDOWED:
        yield ("window",), f"only {_having(WINDOWED, 'window')}"
    window = check.get("window", (0, 1))
    if len(window) != 2 or not window[0] < window[1]:
        yield ("window",), "give it two fractions of the epochs, the first below the second"


def _having(measures: tuple[str, ...], key: str) -> str:
    return f"{' and '.join(measures)} have a {key}; remove it, or set `measure` to one of them"
