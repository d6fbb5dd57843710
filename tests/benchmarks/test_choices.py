"""What the code chooses for convolutions of wide ResNets is what was measured to be fast."""

from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch
from conv.layers import DIRECTIONS, layers, tile_text
from conv.tables import summary
from parts.workloads import paper

from largebatch.kernels.lane_conv_tiles import cut, own_tiles
from largebatch.training.execution import HOPPER, Execution

MEASURED = Path(__file__).parents[2] / "benchmarks/measured"
LAYERS = layers(16, 4, 3, 32)
SLOWER = 1.05  # times the best tiles, at most


def rows_of(name: str) -> list[dict]:
    return pq.read_table(MEASURED / f"{name}-h200.parquet").to_pylist()


@pytest.mark.parametrize(("batch", "lanes"), [(32, 16), (32, 8), (128, 8)])
def test_tiles_are_next_to_the_best(batch, lanes):
    by_layer = {layer.name: layer.shape(batch, lanes) for layer in LAYERS}

    def is_ours(row: dict) -> bool:
        shape = by_layer[row["layer"]]
        tile = own_tiles(shape)[DIRECTIONS.index(row["direction"])]
        return row["contender"] == "joint" and row["tile"] == tile_text(cut(tile, shape))

    rows = [
        row for row in rows_of("convolutions") if (row["batch"], row["lanes"]) == (batch, lanes)
    ]
    measured = {(row["layer"], row["direction"]) for row in rows}
    ours = [(row["layer"], row["direction"]) for row in rows if is_ours(row)]
    assert sorted(ours) == sorted(measured), "a tile was not measured: benchmarks/convolutions.py"
    (sums,) = summary(sorted(rows, key=is_ours, reverse=True), LAYERS)  # sums take the first
    assert sums["joint"] <= SLOWER * sums["joint, best tiles"]


@pytest.mark.skipif(find_spec("triton") is None, reason="no Triton for this platform")
def test_packs_are_convolved_in_the_faster_way(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: HOPPER)
    works = {work.name: work for work in paper()}
    found = {}
    for (name, lanes), pair in groupby(
        rows_of("convolution-steps"), lambda row: (row["workload"], row["lanes"])
    ):
        if lanes > 1:  # a lane alone has nothing to join
            work, fastest = works[name], min(pair, key=lambda row: row["us a run-step"])
            how = torch.device("cuda"), work.task("bf16"), work.facts, work.batch
            assert Execution().convolved(*how) == fastest["contender"], (name, lanes)
            found[work.batch, lanes] = fastest["contender"]
    assert found == {
        (32, 16): "joint",
        (32, 8): "joint",
        (128, 8): "branches",
        (1024, 2): "branches",
    }
