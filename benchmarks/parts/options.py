"""What the benchmarks of a GPU are told on the command line, alike in all of them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rows import RESULTS


def parser(about: str, seconds: float) -> argparse.ArgumentParser:
    """about: the script's docstring; seconds: its usual time."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="small models on the CPU")
    parser.add_argument("--seconds", type=float, default=seconds, help="start nothing after that")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the tables")
    return parser


def by_workload(about: str, seconds: float, window: float) -> argparse.ArgumentParser:
    """window: seconds of a measurement."""
    known = parser(about, seconds)
    known.add_argument("--only", default="", help="workloads whose name contains this")
    known.add_argument("--window", type=float, default=window, help="seconds a measurement")
    return known


def asked_for(works: Sequence, only: str) -> list:
    """Those whose name contains `only`. Exit 2 if there are none: a typo measures nothing."""
    asked = [work for work in works if only in work.name]
    if not asked:
        print(f"--only {only!r}: no such workload; there are", *(w.name for w in works), sep="\n  ")
        sys.exit(2)
    return asked
