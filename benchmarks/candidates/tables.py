"""What the measured convolutions come to: their sums over a network, and the best tiles."""

from collections.abc import Callable, Iterable

from candidates.calls import DIRECTIONS, Layer, tile_text, tiles
from candidates.lane_conv_tiles import Shape, Tile, Tiles, own_tiles


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
            "candidate": _total(pack, times, "candidate", _first),
            "its best tiles": _total(pack, times, "candidate", min),
        }
        for (batch, lanes), pack in sums.items()
    ]


def _first(numbers: list[float]) -> float:
    return numbers[0]


def _total(pack: dict, times: dict[str, int], contender: str, choose: Callable) -> float | None:
    """None where one of the convolutions failed."""
    total = 0.0
    for (layer, _), rows in pack.items():
        own = [row["us a lane"] for row in rows if row["contender"] == contender]
        if not own:
            return None
        total += times[layer] * choose(own)
    return total


def best_tiles(rows: list[dict], layers: Iterable[Layer]) -> dict[Shape, Tiles]:
    """The fastest that was measured, by the shape of one lane; the widest pack decides."""
    found: dict[Shape, Tiles] = {}
    for batch in dict.fromkeys(row["batch"] for row in rows):
        lanes = max(row["lanes"] for row in rows if row["batch"] == batch)
        for layer in layers:
            here = batch, lanes, layer.name, "candidate"
            own = [row for row in rows if _place(row) == here]
            best = list(own_tiles(layer.shape(batch)))
            for direction in {row["direction"] for row in own}:
                best[DIRECTIONS.index(direction)] = _fastest(layer, direction, own)
            found[layer.shape(batch)] = Tiles(*best)
    return found


def _place(row: dict) -> tuple:
    return row["batch"], row["lanes"], row["layer"], row["contender"]


def _fastest(layer: Layer, direction: str, rows: list[dict]) -> Tile:
    texts = {tile_text(tile): tile for tile in tiles(layer, direction)}
    rows = [row for row in rows if row["direction"] == direction]
    return texts[min(rows, key=lambda row: row["us a lane"])["tile"]]
