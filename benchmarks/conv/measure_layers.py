"""Each convolution of a network by itself: microseconds per lane, as part of a CUDA graph.

All calls have the same inputs, so what fits into the GPU's cache is read from there. This holds for
all contenders.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from multiprocessing import get_context
from os import cpu_count

import torch
from parts.clock import forget, seconds_a_call
from parts.failures import failed

from conv.calls import Operands
from conv.extent import Extent
from conv.layers import Layer, directions, tile_text, tiles
from largebatch.kernels.lane_conv_tiles import Tile
from largebatch.models.replay import Recorder, plainly

CALLS = 5  # in a graph
PATIENCE = 60.0  # seconds for all kernels to compile and run once
GROUPED = 32  # batch at which cuDNN's grouped convolutions are measured too
Contenders = dict[tuple[str, Tile | None], Callable]
Job = tuple[Layer, str, Tile]  # a convolution in one direction


def groups(
    extent: Extent,
    packs: Iterable[tuple[int, int]],
    device: torch.device,
    until: float,
    failures: list[str],
) -> Iterator[list[dict]]:
    """One group of rows per (batch, lanes) of `packs`: all layers that do not fail.

    A group that is not complete when time runs out is left out.
    """
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
        if rows:
            yield rows


def _rows(
    operands: Operands, direction: str, extent: Extent, failures: list[str]
) -> Iterator[dict]:
    of_branches = None
    for (name, tile), call in _contenders(operands, direction, extent).items():
        title = f"{operands.title}, {direction}, {name} {tile_text(tile)}"
        try:
            result = operands.whole(direction, call()).float()
            of_branches = result if of_branches is None else of_branches
            apart = (result - of_branches).abs().max() / of_branches.abs().max()
            seconds = _seconds(call, operands.device, extent.layer_window) / operands.lanes
        except Exception as error:  # one contender's failure must not stop the others
            failures.append(f"{title}: {failed(error)}")
            continue
        yield {
            "batch": operands.batch,
            "lanes": operands.lanes,
            "layer": operands.layer.name,
            "direction": direction,
            "contender": name,
            "tile": tile_text(tile),
            "us a lane": 1e6 * seconds,
            "TFLOP/s": operands.layer.flop(operands.batch) / seconds / 1e12,
            "apart": apart.item(),
        }


def _contenders(operands: Operands, direction: str, extent: Extent) -> Contenders:
    found: Contenders = {("branches", None): operands.branches(direction)}
    if operands.batch == GROUPED and operands.lanes > 1:
        found["grouped", None] = operands.grouped(direction)
    for tile in tiles(operands.layer, direction)[: extent.tiles]:
        if (operands.layer, direction, tile) not in extent.broken:
            found["joint", tile] = operands.joint(direction, tile)
    return found


def _seconds(call: Callable, device: torch.device, window: float) -> float:
    on_gpu = device.type == "cuda"
    play, calls = (Recorder(device), CALLS) if on_gpu else (plainly, 1)

    def several() -> None:
        for _ in range(calls):
            call()

    return seconds_a_call(partial(play, several), device, window) / calls


def compile_all(layers: Iterable[Layer]) -> dict[Job, str]:
    """Run every kernel once, in parallel processes; Triton keeps what it compiled on disk.

    Returns what failed or did not return, and why. A fault on the GPU ends all work of a process on
    it, so what failed here must not be run in the process that measures.
    """
    jobs = [
        (layer, direction, tile)
        for layer in layers
        for direction in directions(layer)
        for tile in tiles(layer, direction)
    ]
    until, found = time.perf_counter() + PATIENCE, {}
    with get_context("spawn").Pool(max(1, min(15, (cpu_count() or 1) - 1))) as pool:
        results = [pool.apply_async(_run_once, job) for job in jobs]
        for job, result in zip(jobs, results, strict=True):
            try:
                result.get(max(0.0, until - time.perf_counter()))
            except Exception as error:
                layer, direction, tile = job
                found[job] = f"{layer.name}, {direction}, {tile_text(tile)}: failed: {error!r}"
    return found  # leaving the `with` has ended the processes that were still at work


def _run_once(layer: Layer, direction: str, tile: Tile) -> None:
    Operands(layer, 2, 1, torch.device("cuda")).joint(direction, tile)()
    torch.cuda.synchronize()
