"""All steps of an unroll in one launch: the bits of a launch a step, and no hanging."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from recurrent_layer import layer_of

SOURCE = Path(__file__).parents[2] / "src"
WIDTHS = [8, 33, 200, 650]


def layer_at(width: int, lanes: int, places: int | None = None):
    """`places`: how many programs are taken to run at the same time."""
    from largebatch.models.lstm_stationary import StationaryLstmLayer

    layer = layer_of(StationaryLstmLayer, width, lanes, 35, "cuda")
    if places is not None:
        layer._meeting.places = places
    return layer


def computed(layer) -> list[torch.Tensor]:
    """Gates, states and gradients."""
    layer._step_forward()
    layer._step_backward()
    return [part.clone() for part in (layer.gates, layer.cell, layer.hidden, layer.slopes)]


@pytest.mark.parametrize("width", WIDTHS)
def test_many_steps_a_launch_have_the_bits_of_one(width):
    step_by_step, together = layer_at(width, 7, places=0), layer_at(width, 7)
    for one, many in zip(computed(step_by_step), computed(together), strict=True):
        assert torch.equal(one, many) and one.isfinite().all()


def test_a_thousand_unrolls_have_the_same_bits():
    """A program that runs ahead or reads what is old would show here."""
    layer = layer_at(650, 3)
    first = computed(layer)
    differing = torch.zeros((), device="cuda")
    for _ in range(1000):
        for one, again in zip(first, computed(layer), strict=True):
            differing += (one != again).sum()
    assert differing.item() == 0


DEADLOCK = """
import sys
import torch
import triton.language as tl
from largebatch.kernels import lstm_recurrence as room
from largebatch.kernels import lstm_recurrence_pieces as pieces

pieces.SPINS = tl.constexpr(1000)
width, lanes = 64, 1
shapes = [(2, 1, 256), (64, 256), (2, 1, 256), (3, 1, 64), (2, 1, 64), (3, 1, 64)]
tensors = [torch.zeros(lanes, *shape, device="cuda") for shape in shapes]
tensors.append(torch.full((lanes, 32), -1000, dtype=torch.int32, device="cuda"))  # never enough
arguments = *tensors, *room._strides(tensors), 0, 2, width, room._parts(width), room.UNITS
room.forward_steps[(4, 1)](*arguments, num_warps=room.WARPS, sanitize_overflow=False)
torch.cuda.synchronize()
"""


def test_programs_that_wait_in_vain_end_the_process(tmp_path):
    script = tmp_path / "deadlock.py"  # a file: Triton reads kernels' source
    script.write_text(textwrap.dedent(DEADLOCK))
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    )
    assert done.returncode != 0
    assert "did not meet" in done.stdout + done.stderr
