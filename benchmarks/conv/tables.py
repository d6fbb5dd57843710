"""Sums of the measured convolutions over a network."""

from collections.abc import Callable

from conv.layers import Layer


def summary(rows: list[dict], counts: dict[Layer, int]) -> list[dict]:
    """Microseconds of a lane's convolutions in a whole step, summed over layers and directions."""
    times = {layer.name: count for layer, count in counts.items()}
    sums: dict[tuple, dict] = {}
    for row in rows:
        pack = sums.setdefault((row["batch"], row["lanes"]), {})
        pack.setdefault((row["layer"], row["direction"]), []).append(row)
    return [
        {"batch": batch, "lanes": lanes}
        | {
            "branches": _total(pack, times, "branches", _first),
            "joint": _total(pack, times, "joint", _first),
            "joint, best tiles": _total(pack, times, "joint", min),
        }
        for (batch, lanes), pack in sums.items()
    ]


def _first(numbers: list[float]) -> float:
    return numbers[0]


def _total(pack: dict, times: dict[str, int], contender: str, choose: Callable) -> float | None:
    """The sum over a network, or None if one of the convolutions failed."""
    total = 0.0
    for (layer, _), rows in pack.items():
        own = [row["us a lane"] for row in rows if row["contender"] == contender]
        if not own:
            return None
        total += times[layer] * choose(own)
    return total
