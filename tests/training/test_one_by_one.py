"""Large auto-encoders at batch size 1, lane after lane, give the numbers of lock step."""

import pytest
import torch
from small import assert_same_bits, ended, started
from tiny_tasks import AUTOENCODER

from largebatch.models import autoencoder
from largebatch.training.execution import AUTO, Execution

RUN = ("momentum-0.9", 0.05, 0)
MATES = [("sgd", 0.05, 0), ("nesterov-0.9", 0.1, 1), ("corrected-0.9", 0.1, 0)]
MATES.append(("momentum-0.9", 1e9, 2))  # diverges


@pytest.fixture
def large(monkeypatch):
    """Every model counts as large."""
    monkeypatch.setattr(autoencoder, "LARGE", 0)


def trained(runs, execution=AUTO, **changes) -> list[tuple[list, dict]]:
    """Rows and end of each run."""
    return ended(started(runs, "autoencoder", 1, execution, **changes))


@pytest.mark.parametrize("run", [RUN, *MATES[:3]])
def test_bits_do_not_depend_on_the_pack(run, large):
    (alone,) = trained([run])
    for mates in ([RUN], MATES, MATES[::-1]):
        others = [mate for mate in mates if mate != run]
        for place in range(len(others) + 1):
            packed = trained([*others[:place], run, *others[place:]])
            assert_same_bits(packed[place], alone)


@pytest.mark.parametrize("changes", [{}, {"l2_on": "weights"}, {"l2": 0}])
def test_agrees_with_lock_step(changes, monkeypatch):
    runs = [RUN, *MATES[:3]]
    together = trained(runs, **changes)
    monkeypatch.setattr(autoencoder, "LARGE", 0)
    for (rows, state), (expected_rows, expected) in zip(
        trained(runs, **changes), together, strict=True
    ):
        losses, expected_losses = (
            [loss for row in some[1:] for loss in row[3:5]] for some in (rows, expected_rows)
        )
        assert losses == pytest.approx(expected_losses, rel=1e-4)
        weights = [name for name in state if name.startswith("weight")]
        torch.testing.assert_close(
            {n: state[n] for n in weights}, {n: expected[n] for n in weights}, rtol=1e-3, atol=1e-5
        )


def test_steps_by_a_counter_are_the_plain_steps(large):
    plain, counted = trained([RUN, *MATES]), trained([RUN, *MATES], Execution(graphs="on"))
    for one, other in zip(plain[:4], counted[:4], strict=True):
        assert_same_bits(one, other)


def test_only_large_models_take_it():
    wide = {"model": AUTOENCODER | {"widths": [3000, 2000]}}
    for changes, expected in (({}, False), (wide, True)):
        pack = started([RUN, RUN], "autoencoder", 1, **changes)
        assert pack.steps._fused == pack.model.one_by_one == expected
