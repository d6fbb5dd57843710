"""The digits of scikit-learn, and pairs of them."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from largebatch.data.digits import digit_pairs, digits, single_digits
from largebatch.data.load import dataset_digest


def rows(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def test_digits_are_all_there_once():
    tensors, facts = digits({})
    both = np.concatenate([tensors["train_images"], tensors["test_images"]])[:, 0]
    original = np.rint(load_digits().images * 255 / 16).astype(np.uint8)
    assert sorted(image.tobytes() for image in both) == sorted(i.tobytes() for i in original)
    assert facts == {"classes": 10}


def test_digits_split_is_even():
    tensors, _ = digits({"test_examples": 100})
    assert tensors["train_images"].shape == (1697, 1, 8, 8)
    assert tensors["train_images"].dtype == np.uint8 and tensors["train_images"].max() == 255
    assert np.bincount(tensors["test_labels"]).tolist() == [10] * 10


def test_labels_still_belong_to_their_images():
    source = load_digits()
    known = {
        np.rint(image * 255 / 16).astype(np.uint8).tobytes(): label
        for image, label in zip(source.images, source.target, strict=True)
    }
    tensors, _ = digits({})
    for image, label in zip(tensors["train_images"], tensors["train_labels"], strict=True):
        assert known[image.tobytes()] == label


@pytest.fixture(scope="module")
def pairs():
    return digit_pairs({"train_examples": 3000, "test_examples": 500, "seed": 3})[0]


def test_pairs_hold_the_digits_that_their_class_says(pairs):
    singles = single_digits(360, seed=3)
    for split in ("train", "test"):
        known = {
            image.tobytes(): label
            for image, label in zip(
                singles[f"{split}_images"], singles[f"{split}_labels"], strict=True
            )
        }
        for image, label in zip(pairs[f"{split}_images"], pairs[f"{split}_labels"], strict=True):
            # A half from the other split would raise a KeyError.
            left, right = image[:, :, :8].tobytes(), image[:, :, 8:].tobytes()
            assert (known[left], known[right]) == divmod(label, 10)


def test_no_test_digit_is_in_a_train_pair(pairs):
    halves = {
        split: rows(np.concatenate(np.split(pairs[f"{split}_images"], 2, axis=3)))
        for split in ("train", "test")
    }
    assert len(halves["train"]) > 1000 and len(halves["test"]) > 300
    assert not halves["train"] & halves["test"]


def test_they_are_what_stored_runs_were_trained_on(pairs):
    """Their records name the data by such a digest."""
    assert dataset_digest(digits({})[0]).startswith("560c56c51b5ead82")
    assert dataset_digest(pairs).startswith("a506b6998ebe8899")


def test_pairs_are_even_and_seeded(pairs):
    assert pairs["train_images"].shape == (3000, 1, 8, 16)
    assert np.bincount(pairs["train_labels"]).tolist() == [30] * 100
    other, _ = digit_pairs({"train_examples": 3000, "test_examples": 500, "seed": 4})
    assert not np.array_equal(other["train_images"], pairs["train_images"])
