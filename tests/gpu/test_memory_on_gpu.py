"""Out of memory on a real device: a pack goes on in halves, and what it held is free."""

import gc
from pathlib import Path

import pytest
import torch
from small import dataset, spec
from tiny_tasks import AUTOENCODER

from largebatch.training.drive import Hooks, Place, Trainee, drive
from largebatch.training.job import Job

WIDE = AUTOENCODER | {"widths": [2048, 1024]}
LANE = 3 * 4 * 2 * (64 * 2048 + 2048 * 1024)  # bytes of weights, velocities and gradients
BESIDE = 160 * 2**20  # cuBLAS's workspaces on two streams (32 MiB each), data, what graphs hold
RUNS = 8


def train(folder: Path) -> dict[str, tuple[int, list]]:
    """{run: (lanes at its end, its losses)}."""
    rates = [0.001 * (k + 1) for k in range(RUNS)]
    specs = [spec("autoencoder", 16, "momentum-0.9", lr, 0, model=WIDE) for lr in rates]
    jobs = [Job(s, Path("data"), folder / f"{s['effective_lr']:.3f}.parquet") for s in specs]
    ended = {}

    def end(trainee, mates):
        rows = [(row.train_loss, row.test_loss) for row in trainee.lane.rows[1:]]
        ended[trainee.job.out.name] = mates, rows

    ignore = lambda *_: None  # noqa: E731
    hooks = Hooks(lambda: False, end, ignore, ignore, lambda trainee: True, 1e9)
    place = Place(dataset("autoencoder"), torch.device("cuda"))
    drive([Trainee(job, "test") for job in jobs], place, hooks)
    return ended


@pytest.fixture
def small_device():
    """Memory for three lanes, eight do not fit."""
    gc.collect()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties("cuda").total_memory
    held = torch.cuda.memory_reserved()
    torch.cuda.set_per_process_memory_fraction((held + BESIDE + 3 * LANE) / total)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)


def test_a_pack_that_does_not_fit_is_halved(tmp_path, request):
    whole = train(tmp_path)
    assert {mates for mates, _ in whole.values()} == {RUNS}
    request.getfixturevalue("small_device")
    halved = train(tmp_path)
    assert {mates for mates, _ in halved.values()} <= {2, 4}
    for name, (_, losses) in whole.items():
        expected, found = torch.tensor(losses), torch.tensor(halved[name][1])
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)


def test_an_ended_pack_leaves_no_memory_behind(tmp_path):
    train(tmp_path)
    gc.collect()
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    train(tmp_path)
    gc.collect()
    assert torch.cuda.memory_allocated() <= before + LANE // 10
