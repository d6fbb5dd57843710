"""Text cut into streams and steps."""

from types import SimpleNamespace

import pytest
import torch

from largebatch.errors import UserError
from largebatch.models.streams import keep_mask
from largebatch.training.feeds.tokens import TokenFeed, streams


def feed(tokens=100, batch=3, unroll=4, seeds=(0, 1), **settings):
    """Tokens are their own positions."""
    positions = torch.arange(tokens, dtype=torch.int32)
    data = SimpleNamespace(train_tokens=positions, test_tokens=positions)
    return TokenFeed(data, list(seeds), batch, unroll=unroll, **settings)


@pytest.mark.parametrize(("batch", "steps"), [(1, 26_559), (20, 1_327), (256, 103)])
def test_steps_an_epoch_of_penn_treebank(batch, steps):
    ptb = feed(929_589, batch, unroll=35)
    assert ptb.steps == steps
    assert ptb.sizes == [batch] * steps


def test_steps_are_consecutive_windows_and_targets_one_token_ahead():
    f = feed(tokens=100, batch=3, unroll=4)  # three streams of 33: eight steps
    f.start_epoch(1)
    batches = [f.batch(step) for step in range(f.steps)]
    inputs = torch.cat([b.inputs for b in batches], 2)
    assert f.steps == 8
    assert inputs.shape == (2, 3, 32)  # (lanes, batch, tokens)
    for lane in range(2):
        for i in range(3):
            assert inputs[lane, i].tolist() == list(range(33 * i, 33 * i + 32))
    assert all(torch.equal(b.targets, b.inputs + 1) for b in batches)
    assert batches[0].inputs.dtype == batches[0].targets.dtype == torch.int64


def test_the_last_partial_step_is_dropped():
    assert feed(tokens=9, batch=1, unroll=4).steps == 2  # targets up to the last token
    assert feed(tokens=8, batch=1, unroll=4).steps == 1


def test_streams_one_after_the_other_or_from_rounded_offsets():
    tokens = torch.arange(11)
    assert streams(tokens, 4, "contiguous").tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    # round(i 11 / 4) = 0, 2.75, 5.5, 8.25: halves are rounded up, as Lua's torch.round does
    assert streams(tokens, 4, "offsets").tolist() == [[0, 1], [3, 4], [6, 7], [8, 9]]
    f = feed(batchify="offsets")
    f.start_epoch(1)
    assert f.batch(0).inputs[0, :, 0].tolist() == [0, 33, 67]


@pytest.mark.parametrize("batch", range(1, 30))
@pytest.mark.parametrize("tokens", [29, 30, 57])
def test_streams_stay_within_the_text(tokens, batch):
    for batchify in ("contiguous", "offsets"):
        found = streams(torch.arange(tokens), batch, batchify)
        assert found.shape == (batch, tokens // batch)
        assert torch.equal(found, found[:, :1] + torch.arange(tokens // batch))


def test_every_epoch_reads_the_same_text_with_other_dropout():
    f = feed()
    f.start_epoch(1)
    first = f.batch(2)
    f.start_epoch(2)
    second = f.batch(2)
    assert torch.equal(first.inputs, second.inputs)
    assert (first.key != second.key).all()


def test_keys_depend_on_seed_epoch_and_step_and_on_nothing_else():
    alone, pack = feed(seeds=[7]), feed(seeds=[3, 7, 5])
    keys = []
    for epoch in (1, 2, 3):
        alone.start_epoch(epoch)
        pack.start_epoch(epoch)
        for step in range(alone.steps):
            assert alone.batch(step).key[0] == pack.batch(step).key[1]
            keys += pack.batch(step).key.tolist()
    assert len(set(keys)) == len(keys)
    resumed = feed(seeds=[7])
    resumed.start_epoch(3)  # without the epochs before
    assert torch.equal(resumed.batch(4).key, alone.batch(4).key)


def test_masks_of_consecutive_steps_are_uncorrelated():
    f = feed(tokens=4 * 200 + 1, batch=1, unroll=4, seeds=[0])
    f.start_epoch(1)
    key = torch.cat([f.batch(step).key for step in range(200)])
    kept = keep_mask(key, (500,), 0.5, torch.float64) - 1  # (steps, 500) of -1 and 1
    for lag in (1, 2, 7):
        correlation = (kept[lag:] * kept[:-lag]).mean().abs()
        assert correlation < 4 / (500 * (200 - lag)) ** 0.5
    assert kept.mean().abs() < 4 / (500 * 200) ** 0.5


def test_the_test_set_is_one_stream_of_all_its_tokens():
    chunks = list(feed(tokens=1000).test())
    assert torch.equal(torch.cat([inputs for inputs, _ in chunks]), torch.arange(999))
    assert torch.equal(torch.cat([targets for _, targets in chunks]), torch.arange(1, 1000))
    assert all(inputs.shape == targets.shape for inputs, targets in chunks)


def test_too_few_tokens_is_a_sentence():
    with pytest.raises(UserError, match=r"14 training tokens.*batch 3.*unroll 4.*at least 15"):
        feed(tokens=14, batch=3, unroll=4)
    assert feed(tokens=15, batch=3, unroll=4).steps == 1
