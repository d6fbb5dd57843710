"""A lane of `WideResNet` is the plain network: parameters, outputs, gradients, statistics."""

import pytest
import torch
import torch.nn.functional as F
from plain_wrn import PlainWRN, as_torch, load
from torch import nn

from largebatch.models.lane_model import Batch
from largebatch.models.streams import keep_mask
from largebatch.models.wrn import WideResNet

SETTINGS = {"depth": 10, "width": 1, "normalization": "batch", "init": "he", "gamma": "uniform"}
FACTS = {"shape": [1, 8, 8], "classes": 10}


def build(lanes=3, shape=(1, 8, 8), classes=10, **settings):
    facts = {"shape": list(shape), "classes": classes}
    model = WideResNet(SETTINGS | settings, facts, lanes, dtype=torch.float64)
    for lane in range(lanes):
        model.initialise(lane, torch.Generator().manual_seed(lane))
    return model


def plain(model, lane, norm=nn.BatchNorm2d):
    depth = 4 + 2 * len(model.blocks)
    weights = model.parameters.weight
    width = model.blocks[0].outputs // 16
    channels, classes = weights["conv"].shape[-1], weights["linear.bias"].shape[1]
    reference = PlainWRN(depth, width, channels, classes, norm)
    load(reference, model, lane)
    return reference


def random_batch(lanes=3, size=12, shape=(1, 8, 8), classes=10, seed=0):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(lanes, size, *shape, generator=generator, dtype=torch.float64)
    targets = torch.randint(0, classes, (lanes, size), generator=generator)
    return Batch(inputs, targets, torch.randint(0, 2**62, (lanes,), generator=generator))


def assert_same_gradients(model, lane, reference):
    for name, tensor in reference.by_slot().items():
        if isinstance(tensor, nn.Parameter):
            ours = as_torch(model.parameters.gradient[name][lane])
            torch.testing.assert_close(ours, tensor.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("depth", "width", "channels", "classes", "count"),
    [
        (16, 4, 3, 10, 2_748_890),  # the paper's; "2.75 M" in its code's README
        (16, 4, 3, 100, 2_772_020),
        (28, 10, 3, 10, 36_479_194),  # "36.5 M" in Zagoruyko & Komodakis, table 4
        (10, 1, 3, 10, 77_850),
        (10, 1, 1, 10, 77_562),
    ],
)
def test_parameter_count(depth, width, channels, classes, count):
    facts = {"shape": [channels, 32, 32], "classes": classes}
    model = WideResNet(SETTINGS | {"depth": depth, "width": width}, facts, 1, device="meta")
    assert model.parameters.count() == count


def test_parameter_count_is_that_of_the_reference():
    trained = PlainWRN(16, 2, 3, 7).parameters()
    model = build(lanes=1, shape=(3, 8, 8), classes=7, depth=16, width=2)
    assert model.parameters.count() == sum(p.numel() for p in trained)


@pytest.mark.parametrize("depth", [4, 9, 12, 40 - 1])
def test_impossible_depths_are_refused(depth):
    with pytest.raises(ValueError, match=f"not {depth}"):
        build(depth=depth)


@pytest.mark.parametrize(
    ("shape", "settings"),
    [
        ((1, 8, 8), {}),
        ((1, 8, 16), {"depth": 16}),
        ((3, 32, 32), {"width": 2}),
        ((2, 12, 8), {"bn_momentum": 0.3, "bn_epsilon": 1e-3}),
    ],
)
def test_losses_gradients_and_statistics_are_those_of_the_reference(shape, settings):
    model = build(shape=shape, classes=13, **settings)
    references = [plain(model, lane) for lane in range(3)]
    for reference in references:
        for norm in reference.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.momentum = settings.get("bn_momentum", 0.1)
                norm.eps = settings.get("bn_epsilon", 1e-5)
    for seed in range(2):  # the second batch starts from moved statistics
        batch = random_batch(shape=shape, classes=13, seed=seed)
        loss, accuracy = model.gradient(batch)
        for lane, reference in enumerate(references):
            reference.zero_grad()
            logits = reference(batch.inputs[lane])
            expected = F.cross_entropy(logits, batch.targets[lane])
            expected.backward()
            torch.testing.assert_close(loss[lane], expected.detach())
            hits = (logits.argmax(1) == batch.targets[lane]).double().mean()
            assert accuracy[lane] == hits
            assert_same_gradients(model, lane, reference)
            for name in model.state:
                torch.testing.assert_close(model.state[name][lane], reference.by_slot()[name])


def test_float32_agrees_to_rounding():
    model = build()
    single = WideResNet(SETTINGS, FACTS, 3)
    for lane in range(3):
        single.initialise(lane, torch.Generator().manual_seed(lane))
    batch = random_batch()
    loss, _ = model.gradient(batch)
    single_loss, _ = single.gradient(Batch(batch.inputs.float(), batch.targets, batch.key))
    torch.testing.assert_close(single_loss.double(), loss, rtol=1e-5, atol=0)
    for name, gradient in model.parameters.gradient.items():
        ours = single.parameters.gradient[name].double()
        torch.testing.assert_close(ours, gradient, rtol=1e-3, atol=1e-4)


def test_evaluation_uses_running_statistics_and_weighs_examples_equally():
    model = build()
    for seed in range(3):
        model.gradient(random_batch(seed=seed))
    batch = random_batch(lanes=1, size=40, seed=9)
    images, labels = batch.inputs[0], batch.targets[0]
    before = {name: value.clone() for name, value in model.state.items()}
    loss, accuracy = model.evaluate(zip(images.split(16), labels.split(16), strict=True))
    for lane in range(3):
        reference = plain(model, lane).eval()
        logits = reference(images)
        torch.testing.assert_close(loss[lane], F.cross_entropy(logits, labels).detach())
        torch.testing.assert_close(accuracy[lane], (logits.argmax(1) == labels).double().mean())
    assert all(torch.equal(before[name], model.state[name]) for name in before)


def test_without_normalisation():
    model = build(normalization="none")
    assert not model.state
    batch = random_batch()
    loss, _ = model.gradient(batch)
    for lane in range(3):
        reference = plain(model, lane, norm=lambda channels: nn.Identity())
        expected = F.cross_entropy(reference(batch.inputs[lane]), batch.targets[lane])
        expected.backward()
        torch.testing.assert_close(loss[lane], expected.detach())
        assert_same_gradients(model, lane, reference)


@pytest.mark.parametrize("size", [12, 10])
def test_ghosts_are_independent_minibatches(size):
    """BN is all that ties examples together: ghosts act like separate replicas."""
    model = build(ghost_batch=4, bn_momentum=1.0)
    batch = random_batch(size=size)
    loss, _ = model.gradient(batch)
    for lane in range(3):
        reference, statistics, total = plain(model, lane), [], 0.0
        for norm in reference.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.momentum = 1.0
        for ghost in torch.arange(size).split(4):
            logits = reference(batch.inputs[lane, ghost])
            part = F.cross_entropy(logits, batch.targets[lane, ghost], reduction="sum") / size
            part.backward()
            total += part.item()
            statistics.append({k: v.clone() for k, v in reference.by_slot().items()})
        assert loss[lane].item() == pytest.approx(total)
        assert_same_gradients(model, lane, reference)
        for name in model.state:
            expected = torch.stack([part[name] for part in statistics]).mean(0)
            torch.testing.assert_close(model.state[name][lane], expected)


def test_a_ghost_as_large_as_the_batch_is_plain_batch_norm():
    batch = random_batch()
    plain_loss, _ = build().gradient(batch)
    for ghost in (12, 64):
        assert torch.equal(build(ghost_batch=ghost).gradient(batch)[0], plain_loss)


def test_dropout_sits_before_the_second_convolution_and_differs_by_block():
    model = build(dropout=0.3)
    batch = random_batch()
    loss, _ = model.gradient(batch)
    sizes = [(16, 8, 8), (32, 4, 4), (64, 2, 2)]
    masks = [
        keep_mask(batch.key + (number << 40), (12, *size), 0.3, torch.float64)
        for number, size in enumerate(sizes)
    ]
    for lane in range(3):
        reference = plain(model, lane)
        logits = reference(batch.inputs[lane], [mask[lane] for mask in masks])
        expected = F.cross_entropy(logits, batch.targets[lane])
        expected.backward()
        torch.testing.assert_close(loss[lane], expected.detach())
        assert_same_gradients(model, lane, reference)
    assert not torch.equal(masks[0].flatten()[:768], masks[2].flatten()[:768])


def test_no_dropout_in_evaluation():
    batch = random_batch(lanes=1)
    test = [(batch.inputs[0], batch.targets[0])]
    assert torch.equal(build(dropout=0.5).evaluate(test)[0], build().evaluate(test)[0])


@pytest.mark.parametrize(("init", "gain"), [("he", 2), ("lecun", 1)])
def test_initial_values(init, gain):
    model = build(lanes=1, width=4, init=init, gamma="ones")
    for name, weight in model.parameters.weight.items():
        fan_in = weight[0, 0].numel()
        if weight.dim() == 5 and weight.numel() > 10_000:
            assert weight.var().item() == pytest.approx(gain / fan_in, rel=0.05)
            assert abs(weight.mean().item()) < 0.05 / fan_in**0.5
        elif name == "linear.weight":
            assert weight.abs().max() <= fan_in**-0.5
            assert weight.var().item() == pytest.approx(1 / (3 * fan_in), rel=0.1)
        elif name.endswith(".gamma"):
            assert (weight == 1).all()
        elif name.endswith((".beta", ".bias")):
            assert (weight == 0).all()


def test_old_torchs_gamma_is_uniform():
    gamma = build(lanes=1, width=8, gamma="uniform").parameters.weight["norm.gamma"]
    assert gamma.min() >= 0 and gamma.max() <= 1
    assert gamma.mean().item() == pytest.approx(0.5, abs=0.05)


def test_initialise_starts_one_lane_anew_and_leaves_the_others():
    model, fresh = build(), build()
    model.gradient(random_batch())
    moved = {name: value.clone() for name, value in model.state.items()}
    model.initialise(1, torch.Generator().manual_seed(1))
    for name, value in model.state.items():
        assert torch.equal(value[1], fresh.state[name][1])
        assert torch.equal(value[0], moved[name][0])
    for name, weight in model.parameters.weight.items():
        assert torch.equal(weight, fresh.parameters.weight[name])
