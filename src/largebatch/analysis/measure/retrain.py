"""Train runs again, with the same bits as in the sweep, to look at their weights on the way."""

from collections.abc import Iterator
from pathlib import Path

import torch

from largebatch.analysis.measure.objective import Weights
from largebatch.data.load import Dataset
from largebatch.records import read_table, table_digest
from largebatch.training.device import set_up
from largebatch.training.execution import AUTO, Execution
from largebatch.training.history import to_table
from largebatch.training.pack import Lane, Pack


def weights_along(
    lanes: list[Lane],
    data: Dataset,
    epochs: list[int],
    device: torch.device,
    execution: Execution = AUTO,
) -> Iterator[tuple[int, Lane, Weights]]:
    """Train a pack; yield (epoch, lane, weights) of undiverged lanes after each of `epochs`.

    The lanes share one task and batch; afterwards their `rows` are those of the whole run. A lane
    that has diverged goes on beside the others without affecting them. Lanes train in the precision
    of their task; the caller computes with the weights in float32.
    """
    precision = lanes[0].spec["task"]["precision"]
    set_up(device, precision)
    pack = Pack(lanes, data, device, execution)
    pack.initialise()
    while not pack.finished:
        set_up(device, precision)
        pack.train_epoch(lambda _: False)
        set_up(device, "fp32")
        epoch = pack.epoch - 1
        for place, lane in enumerate(lanes if epoch in epochs else []):
            if lane.diverged is None:
                weight = pack.model.parameters.weight
                yield epoch, lane, {name: w[place].clone() for name, w in weight.items()}


def same_numbers(lane: Lane, path: Path) -> bool | None:
    """Whether the run's file has the lane's numbers, bit for bit; None if there is no file."""
    if not path.is_file():
        return None
    return table_digest(read_table(path)) == table_digest(to_table(lane.rows))
