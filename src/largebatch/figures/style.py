"""The look of all figures: a private style, and one look per optimizer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import rc_params_from_file

STYLE = Path(__file__).with_name("style.mplstyle")

Options = dict[str, Any]  # of matplotlib: how an artist looks


@contextmanager
def private_style() -> Iterator[None]:
    """Use matplotlib's defaults and our style sheet inside; restore the user's settings after."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(rc_params_from_file(STYLE, use_default_template=False))
        yield


@dataclass(frozen=True)
class Look:
    """How one optimizer looks in every figure; it survives print in grey."""

    label: str
    colour: str
    marker: str
    size: float  # points; what is drawn later is smaller, so that it hides nothing
    line: str | tuple

    def drawn(self, scale: float = 1.0) -> Options:
        """How its line looks; scale: of the marker."""
        size = scale * self.size
        return {
            "color": self.colour, "linestyle": self.line, "marker": self.marker, "markersize": size
        }  # fmt: skip


Looks = dict[str, Look]  # by optimizer

FAMILIES = {"nesterov": "Nesterov", "corrected": "corrected momentum"}

FIXED = {  # colours of Okabe and Ito, safe for the colour-blind
    "sgd": ("#0072B2", "o", 5.4, "-"),
    "momentum-0.9": ("#D55E00", "s", 3.6, "--"),
}
# From red to black, for the other momenta in their order. No triangle points up or down: only
# arrowheads do.
OTHERS = [
    ("#C2256F", ">", 3.8, "-."),
    ("#7A1F87", "D", 3.0, ":"),
    ("#1C1030", "<", 3.6, (0, (5, 1, 1, 1, 1, 1))),
    ("#009E73", "P", 3.8, (0, (1, 1))),
    ("#8A7500", "X", 3.8, (0, (3, 1, 1, 1))),
]


def looks(optimizers: Iterable[str]) -> Looks:
    """A look for each optimizer, in the order of their first appearance."""
    names = list(dict.fromkeys(optimizers))
    others = [name for name in names if name not in FIXED]
    cycled = {name: _other(place) for place, name in enumerate(others)}
    return {name: Look(_label(name), *{**cycled, **FIXED}[name]) for name in names}


def _other(place: int) -> tuple:
    """Past the end of `OTHERS` its colours come again, with other markers and lines."""
    again, colour = divmod(place, len(OTHERS))
    return (OTHERS[colour][0], *OTHERS[(colour + again) % len(OTHERS)][1:])


def _label(name: str) -> str:
    if name == "sgd":
        return "SGD"
    family, _, momentum = name.partition("-")  # the digits of the file name, all of them
    return f"{FAMILIES.get(family, family)} {momentum}"
