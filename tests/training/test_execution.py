"""Which convolutions `auto` becomes, and what `joint` needs."""

import pytest
import torch

from largebatch.errors import UserError
from largebatch.training.execution import Execution

CPU, GPU = torch.device("cpu"), torch.device("cuda")
TASK, FACTS = {"precision": "bf16", "model": {"kind": "wrn"}}, {"shape": [3, 32, 32]}


@pytest.fixture(params=[(9, 0), (10, 0)])
def _hopper(request, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: request.param)


@pytest.mark.usefixtures("_hopper")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "joint"),
        ({"batch": 33}, "branches"),
        ({"task": {"precision": "tf32"}}, "branches"),
        ({"facts": {"shape": [1, 28, 28]}}, "branches"),
        ({"facts": {"shape": [3, 64, 64]}}, "branches"),
        ({"device": CPU}, "grouped"),
    ],
    ids=str,
)
def test_auto(change, expected):
    case = {"device": GPU, "task": TASK, "facts": FACTS, "batch": 32} | change
    assert Execution().convolved(**case) == expected


@pytest.mark.usefixtures("_hopper")
def test_what_is_set_is_kept():
    assert Execution(kernels="off").convolved(GPU, TASK, FACTS, 32) == "branches"
    assert Execution(convolutions="branches").convolved(GPU, TASK, FACTS, 32) == "branches"
    assert Execution(convolutions="grouped").convolved(GPU, TASK, FACTS, 32) == "grouped"
    assert Execution(convolutions="joint").convolved(GPU, TASK, FACTS, 1024) == "joint"


def test_older_gpus_have_branches(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    assert Execution().convolved(GPU, TASK, FACTS, 32) == "branches"


@pytest.mark.parametrize(("kernels", "device"), [("off", GPU), ("auto", CPU)])
def test_joint_needs_our_kernels(kernels, device):
    with pytest.raises(
        UserError, match="convolutions: joint are our own kernels, which need a GPU"
    ):
        Execution(kernels, convolutions="joint").convolved(device, TASK, FACTS, 32)


def test_the_record_names_convolutions_of_wide_resnets_alone():
    assert Execution().resolved(CPU, TASK, FACTS, 32)["convolutions"] == "grouped"
    dense = TASK | {"model": {"kind": "autoencoder"}}
    assert Execution().resolved(CPU, dense, FACTS, 32) == {"kernels": "off", "graphs": "off"}
