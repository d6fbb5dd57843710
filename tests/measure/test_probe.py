"""What a network is measured on: its training examples, each at most once, in its own batches."""

from types import SimpleNamespace

import pytest
import torch

from largebatch.analysis.measure import measure
from largebatch.analysis.measure.curvature import Ritz
from largebatch.analysis.measure.probe import Probe

CPU = torch.device("cpu")


@pytest.mark.parametrize(("tokens", "windows"), [(31, 6), (30, 5), (29, 5)])
def test_targets_are_one_token_ahead_and_no_token_is_predicted_twice(tokens, windows):
    """Of 30 tokens the last is the target of no whole window."""
    data = SimpleNamespace(train_images=None, train_tokens=torch.arange(tokens, dtype=torch.int32))
    probe = Probe({"kind": "lstm", "unroll": 5}, data, CPU)
    inputs, targets = map(torch.cat, zip(*probe.minibatches(2, 9), strict=True))
    assert probe.examples == windows and len(inputs) == windows // 2 * 2
    assert torch.equal(targets, inputs + 1)
    assert len(set(targets.flatten().tolist())) == targets.numel()


def test_images_are_whole_and_seen_once():
    images = torch.arange(10, dtype=torch.uint8).view(10, 1, 1, 1).expand(10, 1, 8, 8)
    data = SimpleNamespace(
        train_images=images,
        train_labels=torch.arange(10),
        test_images=images,
        test_labels=torch.arange(10),
        facts={"mean": [0.0], "std": [1.0]},
    )
    found = list(Probe({"kind": "wrn"}, data, CPU).minibatches(3, 2))
    assert [len(targets) for _, targets in found] == [3, 3]
    inputs, targets = map(torch.cat, zip(*found, strict=True))
    assert len(set(targets.tolist())) == 6
    expected = (targets.float() / 255).view(6, 1, 1, 1).expand_as(inputs)
    torch.testing.assert_close(inputs, expected)


@pytest.mark.parametrize(
    ("normalization", "batch", "asked"),
    [
        ({"normalization": "batch"}, 32, [(32, 16), (32, 8)]),
        ({"normalization": "batch"}, 1024, [(512, 1), (1000, 8)]),
        ({"normalization": "batch", "ghost_batch": 16}, 32, [(512, 1), (32, 8)]),
        ({"normalization": "none"}, 32, [(512, 1), (32, 8)]),
        ({}, 1, [(512, 1), (1, 8)]),
    ],
)
def test_with_batch_norm_the_loss_is_that_of_minibatches_of_the_run_s_size(
    monkeypatch, normalization, batch, asked
):
    """Of 512 examples for h_max; for batch sharpness of eight minibatches, as far as they go."""
    seen = []
    monkeypatch.setattr(measure.curvature, "Hessian", lambda *given: None)
    monkeypatch.setattr(measure.curvature, "h_max", lambda *given: Ritz(3.0, 0.1))
    monkeypatch.setattr(measure.curvature, "batch_sharpness", lambda *given: 2.0)
    probe = SimpleNamespace(
        model={"kind": "wrn", "depth": 10, "width": 1, **normalization},
        examples=1000,
        minibatches=lambda *sizes: seen.append(sizes),
    )
    found = list(measure._curvature(probe, batch, {}))
    sizes = [size for size, _ in asked]
    assert seen == asked
    assert found == [
        ("h_max", sizes[0], 3.0),
        ("h_max_residual", sizes[0], 0.1),
        ("batch_sharpness", sizes[1], 2.0),
    ]
