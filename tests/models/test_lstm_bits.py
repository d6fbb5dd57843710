"""A lane of `LSTM` has the same bits, to the last, alone and in any pack."""

import pytest
import torch
from test_lstm import build, text, words
from trajectories import PACKS, trajectories

# Widths and vocabularies that are not multiples of any vector length, and the demo's.
SHAPES = {"demo": (32, 64, 10), "odd": (7, 13, 5), "wide": (65, 101, 3)}


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("batch", [1, 3, 16])
@pytest.mark.parametrize("shape", SHAPES)
def test_bits_do_not_depend_on_the_pack(shape, batch, dropout):
    hidden, vocabulary, time = SHAPES[shape]

    def pack(lanes):
        chosen = {"hidden": hidden, "unroll": time, "dropout": dropout, "init_scale": 0.1}
        return build(lanes, torch.float32, vocabulary, batch, **chosen)

    def data(run, step):
        return text(1, batch, time, seed=1000 * abs(run) + step, vocabulary=vocabulary)

    stream = words(40, vocabulary=vocabulary)
    test = list(zip(stream[:-1].split(17), stream[1:].split(17), strict=True))
    expected = trajectories(pack, data, test, PACKS[0], clip=1.0)[0]
    assert expected.isfinite().all()
    for runs in PACKS[1:]:
        found = trajectories(pack, data, test, runs, clip=1.0)[runs.index(0)]
        assert torch.equal(found, expected), runs
