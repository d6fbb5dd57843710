"""Command-line options that the benchmarks share."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path

from rows import RESULTS


def at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"it must be at least {least}, not {text}")
        return int(text)

    return number


def positive(text: str) -> float:
    if not float(text) > 0:  # nan is not
        raise argparse.ArgumentTypeError(f"it must be more than 0, not {text}")
    return float(text)


OTHERS = {
    "only": {"type": str, "help": "only workloads whose names contain this"},
    "window": {"type": positive, "help": "seconds per measurement"},
    "out": {"type": Path, "help": f"folder for the tables; default {RESULTS}, or small in it"},
}


def parser(about: str, seconds: float, **others) -> argparse.ArgumentParser:
    """The parser of a GPU benchmark.

    Options cannot be abbreviated, as a script may look for one by its name. about: the script's
    docstring; seconds: its usual time; others: those of OTHERS that it has, with their defaults.
    """
    known = argparse.ArgumentParser(description=about.splitlines()[0], allow_abbrev=False)
    known.add_argument("--small", action="store_true", help="small models on the CPU")
    known.add_argument(
        "--seconds", type=positive, default=seconds, help="start nothing after this many"
    )
    for name, default in others.items():
        known.add_argument(f"--{name}", default=default, **OTHERS[name])
    return known


def folder_of(options: argparse.Namespace) -> Path:
    """Where tables go; those of small models never replace a GPU's."""
    return options.out or (RESULTS / "small" if options.small else RESULTS)


def asked_for(works: Sequence, only: str) -> list:
    """Workloads whose name contains `only`. If there are none (a typo), exit with code 2."""
    asked = [work for work in works if only in work.name]
    if not asked:
        print(f"--only {only!r}: no such workload; there are", *(w.name for w in works), sep="\n  ")
        sys.exit(2)
    return asked


def in_a_sentence(main: Callable[[], int | None]) -> Callable[[], int | None]:
    """Print a user's error as a sentence, and exit with code 2."""

    @wraps(main)
    def guarded() -> int | None:
        from largebatch.errors import UserError

        try:
            return main()
        except UserError as error:
            print(error, file=sys.stderr)
            return 2

    return guarded
