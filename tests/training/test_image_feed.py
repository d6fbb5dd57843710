"""Minibatches: every example once an epoch, each lane by itself, exact from any step."""

from types import SimpleNamespace

import pytest
import torch
from test_augment import one_by_one

from largebatch.models.streams import generator
from largebatch.training.feeds import images
from largebatch.training.feeds.augment import draw_crops
from largebatch.training.feeds.images import ImageFeed

AUGMENTATION = {"pad": 2, "padding": "reflect", "flip": True}
TRAIN, TEST = 50, 600


@pytest.fixture(scope="module")
def data():
    """Labels count the examples, so a batch says which examples it holds."""
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (TRAIN + TEST, 3, 8, 6), generator=draw, dtype=torch.uint8)
    train, test = pixels[:TRAIN], pixels[TRAIN:]
    moments = train.double().div(255).transpose(0, 1).flatten(1)
    return SimpleNamespace(
        facts={"mean": moments.mean(1).tolist(), "std": moments.std(1, correction=0).tolist()},
        train_images=train,
        train_labels=torch.arange(TRAIN),
        test_images=test,
        test_labels=torch.arange(TEST),
    )


def epoch_of(feed, epoch=1):
    feed.start_epoch(epoch)
    return [feed.batch(step) for step in range(feed.steps)]


def examples(batches):
    """(lanes, examples) in the order in which they came."""
    return torch.cat([batch.targets for batch in batches], 1)


@pytest.mark.parametrize(
    ("batch", "last_batch", "sizes"),
    [
        (16, "drop", [16, 16, 16]),
        (16, "keep", [16, 16, 16, 2]),
        (25, "keep", [25, 25]),
        (50, "drop", [50]),
        (1, "drop", [1] * 50),
        (64, "keep", [50]),
    ],
)
@pytest.mark.parametrize("at_once", [1, 2**12, 2**20])
def test_sizes_and_every_example_once(data, batch, last_batch, sizes, at_once, monkeypatch):
    monkeypatch.setattr(images, "PIXELS_AT_ONCE", at_once)
    feed = ImageFeed(data, [0, 1, 2], batch, last_batch=last_batch)
    batches = epoch_of(feed)
    assert feed.sizes == sizes and feed.steps == len(sizes)
    assert [b.inputs.shape for b in batches] == [(3, size, 3, 8, 6) for size in sizes]
    for lane in examples(batches):
        assert len(lane.unique()) == len(lane) == sum(sizes)


def test_orders_differ_by_lane_and_epoch_and_are_uniform(data):
    feed = ImageFeed(data, [0, 1], 10)
    first, second = examples(epoch_of(feed, 1)), examples(epoch_of(feed, 2))
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], second[0])
    assert torch.equal(first, examples(epoch_of(feed, 1)))
    firsts = torch.stack([examples(epoch_of(feed, epoch))[:, 0] for epoch in range(1, 301)])
    assert firsts.double().mean().item() == pytest.approx((TRAIN - 1) / 2, abs=2.5)  # 4 sigma


def test_inputs_are_normalised_by_channel(data):
    (batch,) = epoch_of(ImageFeed(data, [4, 5], TRAIN, dtype=torch.float64))
    channels = batch.inputs.transpose(1, 2).flatten(2)
    torch.testing.assert_close(channels.mean(2), torch.zeros(2, 3, dtype=torch.float64))
    torch.testing.assert_close(channels.std(2, correction=0), torch.ones(2, 3).double())
    image = data.train_images[batch.targets[1, 7]].double() / 255
    mean, std = (torch.tensor(data.facts[key]).view(3, 1, 1) for key in ("mean", "std"))
    torch.testing.assert_close(batch.inputs[1, 7], ((image - mean) / std).double())


@pytest.mark.parametrize("padding", ["reflect", "zero"])
def test_augmented_batches_are_those_made_one_by_one(data, padding):
    augmentation = AUGMENTATION | {"padding": padding}
    feed = ImageFeed(data, [3, 8], 16, augmentation=augmentation, last_batch="keep")
    batches = epoch_of(feed, 5)
    mean, std = (torch.tensor(data.facts[key]).view(3, 1, 1) for key in ("mean", "std"))
    for lane, seed in enumerate([3, 8]):
        crops = draw_crops(generator(seed, "augmentation", 5), TRAIN, 2, True)
        order = examples(batches)[lane]
        cut = one_by_one(data.train_images, (8, 6), 2, padding, order, crops)
        inputs = torch.cat([batch.inputs[lane] for batch in batches])
        torch.testing.assert_close(inputs, (cut / 255 - mean) / std)


@pytest.mark.parametrize("target", ["label", "input"])
@pytest.mark.parametrize("augmentation", [None, AUGMENTATION])
def test_a_lane_does_not_depend_on_the_others(data, target, augmentation):
    options = {"target": target, "augmentation": augmentation, "last_batch": "keep"}
    alone = epoch_of(ImageFeed(data, [3], 7, **options), 2)
    for seeds in ([3, 3], [0, 3, 1, 3], list(range(20))):
        packed = epoch_of(ImageFeed(data, seeds, 7, **options), 2)
        for ours, theirs in zip(packed, alone, strict=True):
            for lane in (k for k, seed in enumerate(seeds) if seed == 3):
                assert torch.equal(ours.inputs[lane], theirs.inputs[0])
                assert torch.equal(ours.targets[lane], theirs.targets[0])
                assert ours.key[lane] == theirs.key[0]


@pytest.mark.parametrize("batch", [1, 7, 50])
def test_resuming_in_mid_epoch_is_exact(data, batch):
    options = {"augmentation": AUGMENTATION, "last_batch": "keep"}
    through = epoch_of(ImageFeed(data, [0, 1], batch, **options), 3)
    for step in {0, len(through) // 2, len(through) - 1}:
        resumed = ImageFeed(data, [0, 1], batch, **options)
        resumed.start_epoch(3)
        ours, theirs = resumed.batch(step), through[step]
        assert torch.equal(ours.inputs, theirs.inputs)
        assert torch.equal(ours.targets, theirs.targets)
        assert torch.equal(ours.key, theirs.key)


def test_dropout_keys_are_of_the_lane_the_epoch_and_the_step(data):
    feed = ImageFeed(data, [0, 1, 0], 10)
    keys = torch.stack([b.key for epoch in (1, 2) for b in epoch_of(feed, epoch)])
    assert keys.shape == (10, 3)
    assert torch.equal(keys[:, 0], keys[:, 2])
    assert len(keys[:, :2].unique()) == 20


@pytest.mark.parametrize("batch", [1, 16])
def test_auto_encoding(data, batch):
    feed = ImageFeed(data, [0, 0, 1], batch, target="input")
    order = examples(epoch_of(ImageFeed(data, [0, 0, 1], batch)))
    batches = epoch_of(feed)
    inputs = torch.cat([b.inputs for b in batches], 1)
    pixels = data.train_images.flatten(1)[order] / 255
    torch.testing.assert_close(inputs, pixels)
    assert all(torch.equal(b.inputs, b.targets) and b.inputs.is_contiguous() for b in batches)


@pytest.mark.parametrize("target", ["label", "input"])
def test_the_test_set_comes_whole_in_order_and_unaugmented(data, target):
    feed = ImageFeed(data, [0, 1], 16, target=target, augmentation=AUGMENTATION)
    for _ in range(2):  # once an epoch
        inputs, targets = (torch.cat(part) for part in zip(*feed.test(), strict=True))
        if target == "input":
            torch.testing.assert_close(inputs, data.test_images.flatten(1) / 255)
            assert torch.equal(inputs, targets)
        else:
            mean, std = (torch.tensor(data.facts[key]).view(3, 1, 1) for key in ("mean", "std"))
            torch.testing.assert_close(inputs, (data.test_images / 255 - mean) / std)
            assert torch.equal(targets, data.test_labels)
