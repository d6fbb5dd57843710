"""The steps of an LSTM layer by kernels are those of its plain twin, one a launch or all in one."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from recurrent_layer import layer_of
from torch.testing import assert_close

from largebatch.kernels.lstm_recurrence import UNITS, Meeting, _parts
from largebatch.models.lstm import LSTM
from largebatch.models.lstm_layer import LstmLayer
from largebatch.models.lstm_stationary import StationaryLstmLayer

WIDTHS = [1, 8, 33]  # powers of two and others, one program and several
PAPER = 650


def through(layer: LstmLayer) -> dict[str, torch.Tensor]:
    """All that the layer computes forward and backward."""
    layer.forward()
    below = torch.zeros_like(layer.x)
    layer.backward(below)
    made = {name: getattr(layer, name) for name in ("gates", "cell", "hidden", "slopes")}
    gradients = (layer.input_gradient, layer.recurrent_gradient, *layer.bias_gradients)
    return made | {"below": below} | {f"gradient{k}": g for k, g in enumerate(gradients)}


@pytest.mark.parametrize("width", WIDTHS)
def test_equals_its_plain_twin(width, device):
    own, plain = (
        through(layer_of(kind, width, 3, 5, device)) for kind in (StationaryLstmLayer, LstmLayer)
    )
    assert_close(own, plain, rtol=1e-4, atol=1e-5)


def test_equals_its_plain_twin_at_the_papers_width(device):
    own, plain = (
        through(layer_of(kind, PAPER, 1, 2, device)) for kind in (StationaryLstmLayer, LstmLayer)
    )
    assert_close(own, plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("width", [5, UNITS])
@pytest.mark.parametrize("places", [2, 8])
def test_all_steps_in_a_launch_are_a_launch_a_step(width, places, device):
    """With one program per lane, which waits for no other, so the interpreter can run it too.

    Two places take the three lanes in two launches. tests/gpu has more programs.
    """
    together = layer_of(StationaryLstmLayer, width, 3, 5, device)
    step_by_step = layer_of(StationaryLstmLayer, width, 3, 5, device)
    together._meeting.places, step_by_step._meeting.places = places, 0
    made = through(together), through(step_by_step)
    assert all(torch.equal(made[0][name], made[1][name]) for name in made[0])
    assert (together._meeting.arrived[:, 0] == 4).all()  # once between two steps
    assert (step_by_step._meeting.arrived == 0).all()


def test_programs_at_the_same_time_wait_for_each_other():
    """On the CPU, where tests/gpu does not run: several programs a lane, several steps a launch."""
    script = Path(__file__).with_name("side_by_side.py")
    environment = os.environ | {"TRITON_INTERPRET": "1"}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr


def test_a_second_unroll_sees_nothing_of_the_first(device):
    layer = layer_of(StationaryLstmLayer, 20, 2, 4, device)
    first = {name: tensor.clone() for name, tensor in through(layer).items()}
    again = through(layer)
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_gates_far_from_zero_and_next_to_it(device):
    """tanh is a series near 0 and exponentials elsewhere: every relative error is small."""
    layer = layer_of(StationaryLstmLayer, 8, 1, 1, device)
    layer.recurrent.zero_()
    layer.cell.zero_()
    for scale in (1e-30, 1e-6, 0.1, 0.199, 0.201, 1.0, 9.0, 90.0):
        layer.z.copy_(torch.linspace(-scale, scale, 32).view_as(layer.z))
        layer._step_forward()
        z = layer.z[0, 0, 0].double()
        expected = torch.cat([z[:8].tanh(), z[8:].sigmoid()])
        assert_close(layer.gates[0, 0, 0].double(), expected, rtol=2e-6, atol=1e-38)


def test_a_lane_has_the_same_bits_in_any_company(device):
    """What the kernels compute; around them are cuBLAS's and MKL's products."""
    many, few = (layer_of(StationaryLstmLayer, 20, lanes, 3, device) for lanes in (5, 1))
    for layer in (many, few):
        layer._step_forward()
        layer._step_backward()
    for name in ("gates", "cell", "hidden", "slopes"):
        assert torch.equal(getattr(many, name)[:1], getattr(few, name))


def test_an_infinite_lane_leaves_the_others_alone(device):
    layer = layer_of(StationaryLstmLayer, 20, 3, 3, device)
    healthy = {name: tensor[1:].clone() for name, tensor in through(layer).items()}
    layer.recurrent[0] = float("inf")
    sick = through(layer)
    assert not sick["hidden"][0].isfinite().all()
    assert all(torch.equal(healthy[name], sick[name][1:]) for name in healthy)


def test_nothing_is_written_between_the_lanes(device):
    layer = layer_of(StationaryLstmLayer, 33, 2, 3, device)
    buffers = [layer.gates, layer.cell, layer.tanh_cell, layer.hidden, layer._padded_slopes]
    gaps = [_gap(buffer) for buffer in buffers]
    for gap in gaps:
        gap.fill_(7)
    through(layer)
    assert all((gap == 7).all() for gap in gaps)
    assert (layer._padded_slopes[:, -1] == 0).all()


def _gap(buffer: torch.Tensor) -> torch.Tensor:
    """What lies behind the first lane of a lane buffer."""
    used = buffer[0].numel()
    return buffer.as_strided((buffer.stride(0) - used,), (1,), buffer.storage_offset() + used)


@pytest.mark.parametrize("size", [*range(1, 70), 650, 704, 2600, 2816])
def test_three_parts_cover_a_row(size):
    parts = _parts(size)
    assert all(part & (part - 1) == 0 for part in parts) and sum(parts) >= size
    assert sum(parts) <= max(1.15 * size, size + 2)


@pytest.mark.parametrize("lanes", [1, 3, 4, 7, 16])
def test_groups_fit_and_cover_the_lanes(lanes):
    meeting = Meeting(torch.zeros(lanes, 1))
    assert meeting.groups(PAPER) == []  # no multiprocessors
    meeting.places = 132
    groups = meeting.groups(PAPER)
    assert (groups[0].start, groups[-1].stop) == (0, lanes)
    assert all(a.stop == b.start for a, b in pairwise(groups))
    programs = -(-PAPER // UNITS)
    assert max(g.stop - g.start for g in groups) * programs <= 132


@pytest.mark.parametrize(
    ("batch", "own", "kind"), [(1, True, "own"), (1, False, "plain"), (2, True, "plain")]
)
def test_chosen_for_batch_size_one(batch, own, kind):
    settings = {"layers": 1, "hidden": 8, "dropout": 0, "init_scale": 0.1}
    settings |= {"time_reduction": "sum", "hidden_state": "carry"}
    model = LSTM(settings, {"vocabulary": 5}, 2, batch=batch, own_kernels=own)
    expected = {"own": StationaryLstmLayer, "plain": LstmLayer}[kind]
    assert type(model._network(3, batch).layers[0]) is expected
    assert not StationaryLstmLayer.suits(1, 10**4)
