"""A seeded Markov language: text whose best possible perplexity is known exactly.

The next word depends on the last one. Each word has `branching` likely successors (frequent words
more often, as in Zipf's law) with random weights that share the probability 1 - NOISE; the rest is
spread evenly over the vocabulary, so every word can be reached and the stationary distribution is
unique.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

NOISE = 0.05


@dataclass(frozen=True, eq=False)
class Language:
    """p(word | last) = (1 - NOISE) sum_j weights[last, j] [word = successors[last, j]] + rare."""

    successors: np.ndarray  # int64 (V, branching)
    weights: np.ndarray  # float64 (V, branching), rows sum to 1

    @property
    def vocabulary(self) -> int:
        """V, the number of words."""
        return len(self.successors)

    @property
    def rare(self) -> float:
        """The probability of a word that is not a likely successor."""
        return NOISE / self.vocabulary


def markov(
    settings: dict, raw: Path | None = None, progress: bool = False
) -> tuple[dict[str, np.ndarray], dict]:
    """Independent train and test streams of one language, and its entropy rate in nats."""
    streams = np.random.SeedSequence(settings["seed"]).spawn(3)
    rngs = [np.random.Generator(np.random.PCG64(stream)) for stream in streams]
    language = make_language(settings["vocabulary"], settings["branching"], rngs[0])
    stationary = stationary_distribution(language)
    entropy = entropy_rate(language, stationary)
    tensors = {
        f"{split}_tokens": sample(language, stationary, settings[f"{split}_tokens"], rng)
        for split, rng in zip(("train", "test"), rngs[1:], strict=True)
    }
    return tensors, {
        "vocabulary": language.vocabulary,
        "entropy_rate": entropy,
        "perplexity_floor": float(np.exp(entropy)),
        "unigram_perplexity": float(np.exp(-np.sum(stationary * np.log(stationary)))),
    }


def make_language(vocabulary: int, branching: int, rng: np.random.Generator) -> Language:
    """A random language; `branching` is at most `vocabulary`."""
    # The `branching` largest of log p + Gumbel noise are draws from p without replacement.
    zipf = -np.log(1 + rng.permutation(vocabulary))
    scores = zipf + rng.gumbel(size=(vocabulary, vocabulary))
    successors = np.argsort(-scores, axis=1)[:, :branching]
    weights = rng.dirichlet(np.ones(branching), size=vocabulary)
    return Language(successors, weights)


def stationary_distribution(language: Language) -> np.ndarray:
    """Long-run probability of each word, (V,), accurate to rounding.

    Power iteration, which converges because noise lets any word follow any other.
    """
    following, size = language.successors.ravel(), language.vocabulary
    distribution = np.full(size, 1 / size)
    change = 1.0
    while change > 1e-14:
        mass = (1 - NOISE) * distribution[:, None] * language.weights
        updated = np.bincount(following, mass.ravel(), minlength=size) + language.rare
        updated /= updated.sum()
        change = np.abs(updated - distribution).sum()
        distribution = updated
    return distribution


def entropy_rate(language: Language, stationary: np.ndarray) -> float:
    """Nats per word: sum_c pi(c) H(p(. | c)).

    Cover & Thomas, Elements of Information Theory, theorem 4.2.4.
    """
    rare = language.rare
    likely = (1 - NOISE) * language.weights + rare
    others = language.vocabulary - likely.shape[1]
    entropies = -np.sum(likely * np.log(likely), axis=1) - others * rare * np.log(rare)
    return float(stationary @ entropies)


def sample(
    language: Language, stationary: np.ndarray, number: int, rng: np.random.Generator
) -> np.ndarray:
    """`number` words, int32, of the stationary process."""
    last = int(rng.choice(language.vocabulary, p=stationary))
    noisy = (rng.random(number) < NOISE).tolist()
    anything = rng.integers(language.vocabulary, size=number).tolist()
    draws = rng.random(number).tolist()
    successors = language.successors.tolist()
    cumulated = [list(accumulate(row[:-1])) for row in language.weights.tolist()]
    tokens = np.empty(number, dtype=np.int32)
    for i in range(number):
        if noisy[i]:
            last = anything[i]
        else:
            last = successors[last][bisect_right(cumulated[last], draws[i])]
        tokens[i] = last
    return tokens
