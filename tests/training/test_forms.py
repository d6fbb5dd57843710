"""A form of the optimizer takes a fused path only if that path's list has the form."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from small import dataset
from tiny_tasks import task

from largebatch.errors import UserError
from largebatch.models import autoencoder
from largebatch.study.run import Optimizer
from largebatch.training import steps
from largebatch.training.execution import Execution
from largebatch.training.steps import Setting, Steps

ROOT = Path(__file__).parents[2]


class Everywhere(Execution):
    """As on a GPU with our own kernels."""

    def own_kernels(self, device) -> bool:
        return True


def started(form: str) -> Steps:
    """A lane of that form beside SGD, of an auto-encoder at batch size 1."""
    settings = [Setting(0, 0.9, 0.01, form), Setting(0, 0.0, 0.01, "sgd")]
    data = dataset("autoencoder")
    return Steps(task("autoencoder"), data, 1, settings, torch.device("cpu"))


@pytest.mark.parametrize(
    ("form", "outer", "kernels"),
    [
        ("momentum", True, True),
        ("corrected", True, True),
        ("nesterov", True, False),
        ("new", False, False),
    ],
)
def test_what_may_be_fused(form, outer, kernels, monkeypatch) -> None:
    """`new` is a form that only `_update` knows."""
    fake = SimpleNamespace(HeavyBall=lambda *_: "kernel")  # Triton need not be here
    monkeypatch.setitem(sys.modules, "largebatch.kernels.heavy_ball", fake)
    monkeypatch.setattr(steps, "FORMS", {*steps.FORMS, "new"})
    assert started(form)._can_fuse(1, Everywhere()) == kernels
    assert (started(form)._one_pass(Everywhere()) is not None) == kernels
    monkeypatch.setattr(autoencoder, "LARGE", 0)
    assert started(form)._fused == outer


def test_a_form_that_nothing_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="FORMS has no new"):
        started("new")


def test_every_family_of_optimizers_is_known_and_told() -> None:
    """`FORMS`, the schema and the docs have every family that a study may name."""
    with pytest.raises(UserError) as refused:
        Optimizer.parse("nothing")
    families = {"sgd", *re.findall(r"(\w+)-<m>", str(refused.value))}
    assert families == steps.FORMS
    schema = (ROOT / "workflow/schemas/study.schema.yaml").read_text()
    told = next(line for line in schema.splitlines() if 'description: "sgd, momentum-' in line)
    assert families == {"sgd", *re.findall(r"(\w+)-<m>", told)}
    docs = (ROOT / "docs/interpretations.md").read_text()
    assert all(re.search(rf"`{family}(-[^`]*)?`", docs) for family in families)
