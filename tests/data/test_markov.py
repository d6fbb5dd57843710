"""The Markov language: its entropy rate is exact, so it is a floor that no model can pass."""

import numpy as np
import pytest

from largebatch.data.markov import (
    NOISE,
    entropy_rate,
    make_language,
    markov,
    sample,
    stationary_distribution,
)

SETTINGS = {"vocabulary": 12, "branching": 4, "train_tokens": 200, "test_tokens": 100, "seed": 0}


def language_of(seed: int = 0):
    return make_language(6, 3, np.random.default_rng(seed))


def transition_matrix(language) -> np.ndarray:
    """Probabilities from word to word, written out from the definition."""
    size = language.vocabulary
    matrix = np.full((size, size), NOISE / size)
    for word in range(size):
        matrix[word, language.successors[word]] += (1 - NOISE) * language.weights[word]
    return matrix


def test_stationary_distribution_is_the_eigenvector():
    language = language_of()
    matrix = transition_matrix(language)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-12)
    values, vectors = np.linalg.eig(matrix.T)
    leading = np.real(vectors[:, np.argmax(np.real(values))])
    stationary = stationary_distribution(language)
    np.testing.assert_allclose(stationary, leading / leading.sum(), atol=1e-12)


def test_entropy_rate_is_that_of_the_chain():
    language = language_of()
    matrix, stationary = transition_matrix(language), stationary_distribution(language)
    expected = -stationary @ np.sum(matrix * np.log(matrix), axis=1)
    assert entropy_rate(language, stationary) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", [0, 1])
def test_cross_entropy_of_the_true_model_is_the_entropy_rate(seed):
    language = language_of(seed)
    stationary = stationary_distribution(language)
    tokens = sample(language, stationary, 200_000, np.random.default_rng(seed + 10))
    surprisals = -np.log(transition_matrix(language)[tokens[:-1], tokens[1:]])
    blocks = np.array_split(surprisals, 400)  # far longer than the memory
    means = np.array([block.mean() for block in blocks])
    standard_error = means.std(ddof=1) / np.sqrt(len(means))
    assert standard_error < 0.005
    assert abs(means.mean() - entropy_rate(language, stationary)) < 4 * standard_error


def test_words_occur_as_often_as_they_should():
    language = language_of()
    stationary = stationary_distribution(language)
    tokens = sample(language, stationary, 100_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.bincount(tokens) / len(tokens), stationary, atol=0.01)


def test_uniform_language_has_the_entropy_of_a_die():
    language = make_language(6, 6, np.random.default_rng(0))
    language.weights[:] = 1 / 6
    assert entropy_rate(language, stationary_distribution(language)) == pytest.approx(np.log(6))


def test_streams_are_seeded_and_independent():
    tensors, facts = markov(SETTINGS)
    again, _ = markov(SETTINGS)
    other, other_facts = markov(SETTINGS | {"seed": 1})
    assert {name: (t.dtype.name, len(t)) for name, t in tensors.items()} == {
        "train_tokens": ("int32", 200),
        "test_tokens": ("int32", 100),
    }
    assert np.array_equal(tensors["train_tokens"], again["train_tokens"])
    assert not np.array_equal(tensors["train_tokens"], other["train_tokens"])
    assert not np.array_equal(tensors["train_tokens"][:100], tensors["test_tokens"])
    assert facts["perplexity_floor"] == pytest.approx(np.exp(facts["entropy_rate"]))
    assert facts["perplexity_floor"] < facts["unigram_perplexity"] < facts["vocabulary"] == 12
    assert facts["entropy_rate"] != other_facts["entropy_rate"]


def test_more_train_tokens_leave_language_and_test_tokens_alone():
    tensors, facts = markov(SETTINGS)
    longer, longer_facts = markov(SETTINGS | {"train_tokens": 400})
    assert longer_facts == facts
    assert np.array_equal(longer["test_tokens"], tensors["test_tokens"])
