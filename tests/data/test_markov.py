"""The Markov language: its entropy rate is exact, so it is a floor that no model can pass."""

import numpy as np
import pytest

from largebatch.data.markov import (
    entropy_rate,
    make_language,
    markov,
    sample,
    stationary_distribution,
    surprisals,
)
from largebatch.errors import UserError

SETTINGS = {"vocabulary": 12, "train_tokens": 200, "test_tokens": 100}


def language_of(order: int, seed: int = 0, vocabulary: int = 6):
    return make_language(vocabulary, order, 3, 0.1, np.random.default_rng(seed))


def transition_matrix(language) -> np.ndarray:
    """Between contexts, written out from the definition."""
    size, vocabulary = language.contexts, language.vocabulary
    matrix = np.zeros((size, size))
    for context in range(size):
        probability = np.full(vocabulary, language.noise / vocabulary)
        probability[language.successors[context]] += (1 - language.noise) * language.weights[
            context
        ]
        for token in range(vocabulary):
            matrix[context, (context * vocabulary + token) % size] += probability[token]
    return matrix


@pytest.mark.parametrize("order", [1, 2, 3])
def test_stationary_distribution_is_the_eigenvector(order):
    language = language_of(order)
    matrix = transition_matrix(language)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-12)
    values, vectors = np.linalg.eig(matrix.T)
    leading = np.real(vectors[:, np.argmax(np.real(values))])
    stationary = stationary_distribution(language)
    np.testing.assert_allclose(stationary, leading / leading.sum(), atol=1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_entropy_rate_is_that_of_the_chain_of_contexts(order):
    language = language_of(order)
    matrix, stationary = transition_matrix(language), stationary_distribution(language)
    logs = np.log(matrix, where=matrix > 0, out=np.zeros_like(matrix))
    expected = -stationary @ np.sum(matrix * logs, axis=1)
    assert entropy_rate(language, stationary) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("order", "seed"), [(1, 0), (1, 1), (2, 2), (3, 3)])
def test_cross_entropy_of_the_true_model_is_the_entropy_rate(order, seed):
    language = language_of(order, seed)
    stationary = stationary_distribution(language)
    tokens = sample(language, stationary, 200_000, np.random.default_rng(seed + 10))
    blocks = np.array_split(surprisals(language, tokens), 400)  # far longer than the memory
    means = np.array([block.mean() for block in blocks])
    standard_error = means.std(ddof=1) / np.sqrt(len(means))
    assert standard_error < 0.005
    assert abs(means.mean() - entropy_rate(language, stationary)) < 4 * standard_error


def test_contexts_occur_as_often_as_they_should():
    language = language_of(1)
    stationary = stationary_distribution(language)
    tokens = sample(language, stationary, 100_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.bincount(tokens) / len(tokens), stationary, atol=0.01)


def test_uniform_language_has_the_entropy_of_a_die():
    language = make_language(6, 1, 6, 0.5, np.random.default_rng(0))
    language.weights[:] = 1 / 6
    assert entropy_rate(language, stationary_distribution(language)) == pytest.approx(np.log(6))


def test_streams_are_seeded_and_independent():
    tensors, facts = markov(SETTINGS)
    again, _ = markov(SETTINGS | {"seed": 0, "order": 1})
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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"branching": 13}, "branching is 13, but the vocabulary has 12 tokens"),
        ({"noise": 1.0}, "noise is 1.0"),
        ({"vocabulary": 1000, "order": 3}, "vocabulary 1000 with order 3"),
    ],
)
def test_settings_that_describe_no_language(change, sentence):
    with pytest.raises(UserError, match=sentence):
        markov(SETTINGS | change)
