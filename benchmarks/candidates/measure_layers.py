"""Each convolution of a network by itself: microseconds a lane, as part of a CUDA graph.

Inputs of one call are those of the next, so that what fits into the GPU's cache is read from there,
for all contenders alike.
"""

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from multiprocessing import get_context
from os import cpu_count

import torch
from clock import forget, seconds_a_call

from candidates.calls import DIRECTIONS, Layer, Operands, directions, tiles
from candidates.lane_conv import Shape, Tile, Tiles, own_tiles
from largebatch.models.replay import Recorder, plainly

CALLS = 5  # in a graph
GROUPED = 32  # batch at which cuDNN's grouped convolutions are measured too
Contenders = dict[tuple[str, Tile | None], Callable]


def groups(
    extent, packs, device: torch.device, until: float, failures: list[str]
) -> Iterator[list[dict]]:
    """A group is a (batch, lanes) of `packs`, all layers of it or none."""
    for batch, lanes in packs:
        rows: list[dict] = []
        for layer in extent.layers:
            if time.perf_counter() > until:
                print(f"batch {batch}, {lanes} lanes: no time left for single convolutions")
                return
            forget(device)
            operands = Operands(layer, batch, lanes, device)
            for direction in directions(layer):
                rows += _rows(operands, direction, extent, failures)
        yield rows


def _rows(operands: Operands, direction: str, extent, failures: list[str]) -> Iterator[dict]:
    of_models = None
    for (name, tile), call in _contenders(operands, direction, extent.tiles).items():
        title = f"{operands.title}, {direction}, {name} {_text(tile)}"
        try:
            result = operands.whole(direction, call()).float()
            of_models = result if of_models is None else of_models
            apart = (result - of_models).abs().max() / of_models.abs().max()
            seconds = _seconds(call, operands.device, extent.layer_window) / operands.lanes
        except Exception as error:  # one contender's fault is not the others'
            failures.append(f"{title}: failed: {error!r}")
            traceback.print_exc()
            continue
        yield {
            "batch": operands.batch,
            "lanes": operands.lanes,
            "layer": operands.layer.name,
            "direction": direction,
            "contender": name,
            "tile": _text(tile),
            "us a lane": 1e6 * seconds,
            "TFLOP/s": operands.layer.flop(operands.batch) / seconds / 1e12,
            "apart": apart.item(),
        }


def _contenders(operands: Operands, direction: str, most: int) -> Contenders:
    found: Contenders = {("branches", None): operands.branches(direction)}
    if operands.batch == GROUPED and operands.lanes > 1:
        found["grouped", None] = operands.grouped(direction)
    for tile in tiles(operands.layer, direction)[:most]:
        found["candidate", tile] = operands.candidate(direction, tile)
    return found


def _seconds(call: Callable, device: torch.device, window: float) -> float:
    on_gpu = device.type == "cuda"
    play, calls = (Recorder(device), CALLS) if on_gpu else (plainly, 1)

    def several() -> None:
        for _ in range(calls):
            call()

    return seconds_a_call(partial(play, several), device, window) / calls


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
            "branches": _total(pack, times, lambda own: own["branches"][0]),
            "candidate": _total(pack, times, lambda own: own["candidate"][0]),
            "its best tiles": _total(pack, times, lambda own: min(own["candidate"])),
        }
        for (batch, lanes), pack in sums.items()
    ]


def _total(pack: dict, times: dict[str, int], choose: Callable) -> float:
    total = 0.0
    for (layer, _), rows in pack.items():
        own: dict[str, list[float]] = {}
        for row in rows:
            own.setdefault(row["contender"], []).append(row["us a lane"])
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
    texts = {_text(tile): tile for tile in tiles(layer, direction)}
    rows = [row for row in rows if row["direction"] == direction]
    return texts[min(rows, key=lambda row: row["us a lane"])["tile"]]


def compile_all(layers: dict[Layer, int]) -> None:
    """Triton keeps what it compiled on disk; processes side by side, a second a kernel."""
    jobs = [
        (layer, direction, tile)
        for layer in layers
        for direction in directions(layer)
        for tile in tiles(layer, direction)
    ]
    with get_context("spawn").Pool(max(1, min(15, (cpu_count() or 1) - 1))) as pool:
        pool.starmap(_compile, jobs, chunksize=1)


def _compile(layer: Layer, direction: str, tile: Tile) -> None:
    try:
        Operands(layer, 2, 1, torch.device("cuda")).candidate(direction, tile)()
        torch.cuda.synchronize()
    except Exception as error:  # it fails again where it is measured, and is named there
        print(f"{layer.name}, {direction}, {_text(tile)}: {error!r}", flush=True)


def _text(tile: Tile | None) -> str:
    if tile is None:
        return ""
    bands = f" x{tile.bands}" if tile.bands > 1 else ""
    sizes = f"p{tile.pixels}{bands} o{tile.outputs} i{tile.inputs}"
    return f"{sizes} w{tile.warps} s{tile.stages} {tile.part}"
