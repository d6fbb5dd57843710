"""Small studies on large data: balanced, seeded, nested subsets; facts about pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from largebatch.data.images import balanced_order, image_facts, limit
from largebatch.errors import UserError

labels = st.lists(st.integers(0, 5), min_size=1, max_size=60).map(np.array)


@given(labels, st.integers(0, 100))
def test_balanced_order_is_a_permutation(labels, seed):
    assert sorted(balanced_order(labels, seed)) == list(range(len(labels)))


@given(labels, st.integers(0, 100), st.data())
def test_every_prefix_is_as_even_as_the_classes_allow(labels, seed, data):
    number = data.draw(st.integers(1, len(labels)))
    taken = np.bincount(labels[balanced_order(labels, seed)[:number]], minlength=6)
    available = np.bincount(labels, minlength=6)
    unfinished = taken[taken < available]
    assert unfinished.size == 0 or taken.max() <= unfinished.min() + 1


def example():
    rng = np.random.default_rng(0)
    tensors = {}
    for split, number in (("train", 60), ("test", 30)):
        tensors[f"{split}_labels"] = np.arange(number) % 3
        tensors[f"{split}_images"] = rng.integers(256, size=(number, 2, 4, 5), dtype=np.uint8)
    return tensors


def test_smaller_limits_give_subsets_of_larger_ones():
    small = limit(example(), {"source": "x", "train_limit": 12})
    large = limit(example(), {"source": "x", "train_limit": 30})
    assert np.bincount(small["train_labels"]).tolist() == [4, 4, 4]
    assert np.array_equal(small["train_images"], large["train_images"][:12])
    assert np.array_equal(small["test_images"], example()["test_images"])


def test_limits_keep_images_and_labels_together():
    tensors = example()
    known = dict(zip(map(bytes, tensors["test_images"]), tensors["test_labels"], strict=True))
    limited = limit(tensors, {"source": "x", "test_limit": 7})
    assert [known[bytes(i)] for i in limited["test_images"]] == limited["test_labels"].tolist()


@pytest.mark.parametrize("number", [0, -1, 61])
def test_impossible_limits_are_refused(number):
    with pytest.raises(UserError, match=f"train_limit is {number}, but x has 60 train examples"):
        limit(example(), {"source": "x", "train_limit": number})


def test_facts_equal_the_definition():
    tensors = example()
    facts = image_facts(tensors)
    pixels = tensors["train_images"] / 255
    assert facts["shape"] == [2, 4, 5]
    assert facts["counts"] == {"train": 60, "test": 30}
    np.testing.assert_allclose(facts["mean"], pixels.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(facts["std"], pixels.std(axis=(0, 2, 3)), rtol=1e-12)
