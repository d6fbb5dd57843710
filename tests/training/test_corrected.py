"""Heavy ball corrected for bias: the equation, its limits, and what a lane keeps of it."""

import math

import numpy as np
import pytest
import torch
from small import CPU, assert_same_bits, ended, started

from largebatch.models.parameters import Parameters, Slot
from largebatch.training import steps
from largebatch.training.device import set_up
from largebatch.training.execution import AUTO, Execution
from largebatch.training.update import accumulate_, add_l2_, corrected_, descend_

RUN = ("corrected-0.9", 0.05, 0)
CASES = [("wrn", 16), ("autoencoder", 1), ("autoencoder", 16)]


@pytest.fixture(autouse=True)
def one_thread():
    set_up(CPU, "fp32")


def column(*values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64).unsqueeze(1)


def test_50_steps_are_the_sum_over_all_gradients():
    """w_(s+1) = w_s - e_s / (1 - m^(s+1)) sum_i m^(s-i) g_i, of a quadratic, in NumPy."""
    lr, m, l2 = np.array([0.1, 0.02, 0.01]), np.array([0.5, 0.9, 0.999]), 0.01
    curvature = np.linspace(0.1, 1.9, 35)
    parameters = Parameters([Slot("w", (35,))], 3, layout="flat", dtype=torch.float64)
    parameters.weight["w"].normal_(generator=torch.Generator().manual_seed(0))
    w, gradients, bias = parameters.weight["w"].numpy().copy(), [], torch.ones(3, 1).double()
    (block,) = parameters.blocks
    for s in range(50):
        e = lr * (1 - m) * (1 if s < 30 else 0.5)
        parameters.gradient["w"].copy_(torch.from_numpy(curvature) * parameters.weight["w"])
        add_l2_(parameters, l2, everywhere=True)
        accumulate_(block, column(*m))
        descend_(block, corrected_(column(*e), bias, column(*m)))
        gradients.append((curvature + l2) * w)
        total = sum(m[:, None] ** (s - i) * g for i, g in enumerate(gradients))
        w = w - (e / (1 - m ** (s + 1)))[:, None] * total
    np.testing.assert_allclose(parameters.weight["w"].numpy(), w, rtol=1e-12)


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_training_is_the_equation_in_float64(kind, batch):
    """50 steps of a run against NumPy, which takes nothing from the model but gradients."""
    epochs = math.ceil(50 / (50 // batch))
    halved = {"kind": "milestones", "factor": 0.5, "after": [epochs // 2]}
    changes = {"epochs": epochs, "schedule": halved}
    ((_, trained),) = ended(started([RUN], kind, batch, **changes))
    other = started([RUN], kind, batch, **changes)
    model, feed, l2, m, s = other.model, other.feed, other.task["l2"], 0.9, 0
    w = {name: view[0].double().numpy() for name, view in model.parameters.weight.items()}
    v = dict.fromkeys(w, 0.0)
    for epoch in range(1, epochs + 1):
        feed.start_epoch(epoch)
        e = RUN[1] * (1 - m) * (0.5 if epoch > epochs // 2 else 1)
        for step in range(feed.steps):
            for name, view in model.parameters.weight.items():
                view.copy_(torch.from_numpy(np.asarray(w[name])))
            model.gradient(feed.batch(step))
            s += 1
            for name, view in model.parameters.gradient.items():
                v[name] = m * v[name] + view[0].double().numpy() + l2 * w[name]
                w[name] = w[name] - e / (1 - m**s) * v[name]
    assert s >= 50
    for name, expected in w.items():
        np.testing.assert_allclose(trained[f"weight.{name}"], expected, rtol=1e-3, atol=1e-5)


def test_after_many_updates_it_is_heavy_ball():
    """The rate tends to e like m^s, and after some updates it equals e to the last bit."""
    e, m = torch.tensor([[0.3], [0.05]]), column(0.9, 0.99)
    bias, rates = torch.ones(2, 1).double(), []
    for _ in range(4000):
        rates.append(corrected_(e, bias, m))
    for s in (0, 1, 10, 100):
        exact = [v / -math.expm1((s + 1) * math.log(k)) for v, k in ((0.3, 0.9), (0.05, 0.99))]
        assert rates[s].squeeze(1).tolist() == pytest.approx(exact, rel=1e-6)
    assert torch.equal(rates[-1], e) and not torch.equal(rates[100], e)


@pytest.mark.parametrize("m", [0.5, 0.9, 0.9999])
def test_under_a_constant_gradient_every_step_is_that_of_sgd(m):
    """Heavy ball's first step would be 1 - m times as long."""
    parameters = Parameters([Slot("w", (1,))], 1, layout="flat", dtype=torch.float64)
    (block,), bias = parameters.blocks, torch.ones(1, 1).double()
    for s in range(1, 21):
        parameters.gradient["w"].fill_(2.0)
        accumulate_(block, column(m))
        descend_(block, corrected_(column(0.1 * (1 - m)), bias, column(m)))
        assert parameters.weight["w"].item() == pytest.approx(-0.1 * 2.0 * s)


@pytest.mark.parametrize(("kind", "batch"), CASES)
def test_the_first_step_of_a_run_is_that_of_sgd(kind, batch):
    pack = started([RUN, ("sgd", *RUN[1:])], kind, batch)
    before = [pack.export(lane) for lane in pack.lanes]
    pack.train_epoch(lambda p: p.step == 1)
    for name in (n for n in before[0] if n.startswith("weight")):
        own, sgd = (
            pack.export(lane)[name] - b[name] for lane, b in zip(pack.lanes, before, strict=True)
        )
        torch.testing.assert_close(own, sgd, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("execution", [AUTO, Execution(graphs="on")])
@pytest.mark.parametrize("run", [RUN, ("sgd", 0.1, 1), ("momentum-0.9", 0.1, 0)])
def test_a_checkpoint_fits_any_pack(run, execution):
    """A lane is stopped alone and resumed among other forms, and the other way round."""
    mates = [("corrected-0.99", 0.1, 1), ("sgd", 0.05, 2), ("nesterov-0.9", 0.1, 0)]
    (whole,) = ended(started([run], execution=execution))
    for first, second in (([run], [*mates, run]), ([*mates, run], [run])):
        pack = started(first, execution=execution)
        while pack.train_epoch(lambda p: (p.epoch, p.step) == (2, 1)):
            assert not pack.finished
        again = started(second, execution=execution)
        again.lanes[-1].rows[:] = pack.lanes[-1].rows
        states = [again.export(lane) for lane in again.lanes[:-1]]
        again.restore([*states, pack.export(pack.lanes[-1])], pack.epoch, pack.step)
        assert_same_bits(ended(again)[-1], whole)


def test_a_pack_without_such_a_lane_pays_nothing(monkeypatch):
    def refused(*_):
        raise AssertionError("a correction that no lane wants")

    monkeypatch.setattr(steps, "corrected_", refused)
    ended(started([("sgd", 0.05, 0), ("momentum-0.9", 0.05, 0)]))
    with pytest.raises(AssertionError, match="no lane wants"):
        ended(started([RUN]))
