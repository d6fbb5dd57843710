"""A seeded Markov language: text whose best possible perplexity is known exactly.

The next token depends on the last `order` tokens. Each context has `branching` likely
successors (frequent tokens more often, as in Zipf's law) with random weights that share the
probability 1 - noise; `noise` is spread evenly over the vocabulary, so every context can be
reached and the stationary distribution is unique.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from largebatch.errors import UserError

DEFAULTS = {"order": 1, "branching": 4, "noise": 0.05, "seed": 0}
MOST_CONTEXTS = 10_000_000  # contexts x vocabulary, the largest table that is built


@dataclass(frozen=True, eq=False)
class Language:
    """p(token | context) = (1 - noise) sum_j weights[j] [token = successors[j]] + noise / V."""

    vocabulary: int
    order: int
    noise: float
    successors: np.ndarray  # int64 (contexts, branching)
    weights: np.ndarray  # float64 (contexts, branching), rows sum to 1

    @property
    def contexts(self) -> int:
        """Number of contexts; the last `order` tokens are the digits of a context's number."""
        return self.vocabulary**self.order


def markov(
    settings: dict, raw: Path | None = None, progress: bool = False
) -> tuple[dict[str, np.ndarray], dict]:
    """Independent train and test streams of one language, and its entropy rate in nats."""
    settings = DEFAULTS | settings
    streams = np.random.SeedSequence(settings["seed"]).spawn(3)
    rngs = [np.random.Generator(np.random.PCG64(stream)) for stream in streams]
    language = make_language(
        settings["vocabulary"], settings["order"], settings["branching"], settings["noise"], rngs[0]
    )
    stationary = stationary_distribution(language)
    entropy = entropy_rate(language, stationary)
    unigram = stationary.reshape(-1, language.vocabulary).sum(axis=0)
    tensors = {
        f"{split}_tokens": sample(language, stationary, settings[f"{split}_tokens"], rng)
        for split, rng in zip(("train", "test"), rngs[1:], strict=True)
    }
    return tensors, {
        "vocabulary": language.vocabulary,
        "entropy_rate": entropy,
        "perplexity_floor": float(np.exp(entropy)),
        "unigram_perplexity": float(np.exp(-np.sum(unigram * np.log(unigram)))),
    }


def make_language(
    vocabulary: int, order: int, branching: int, noise: float, rng: np.random.Generator
) -> Language:
    """A random language; raises UserError where the settings describe none."""
    if not 1 <= branching <= vocabulary:
        raise UserError(
            f"branching is {branching}, but the vocabulary has {vocabulary} tokens: "
            f"choose a number from 1 to {vocabulary}."
        )
    if not 0 < noise < 1:
        raise UserError(f"noise is {noise}: choose a number between 0 and 1.")
    contexts = vocabulary**order
    if contexts * vocabulary > MOST_CONTEXTS:
        raise UserError(
            f"vocabulary {vocabulary} with order {order} makes {contexts} contexts: "
            "lower vocabulary or order."
        )
    # The `branching` largest of log p + Gumbel noise are draws from p without replacement.
    zipf = -np.log(1 + rng.permutation(vocabulary))
    scores = zipf + rng.gumbel(size=(contexts, vocabulary))
    successors = np.argsort(-scores, axis=1)[:, :branching]
    weights = rng.dirichlet(np.ones(branching), size=contexts)
    return Language(vocabulary, order, noise, successors, weights)


def stationary_distribution(language: Language) -> np.ndarray:
    """Long-run probability of each context, (contexts,), to rounding.

    Power iteration; it converges since noise lets any `order` tokens follow any context.
    """
    following = _follow(language, np.arange(language.contexts)[:, None], language.successors)
    distribution = np.full(language.contexts, 1 / language.contexts)
    change = 1.0
    while change > 1e-14:
        mass = (1 - language.noise) * distribution[:, None] * language.weights
        likely = np.bincount(following.ravel(), mass.ravel(), minlength=language.contexts)
        # Dropping the oldest token, then any token with equal chance.
        kept = distribution.reshape(language.vocabulary, -1).sum(axis=0)
        rare = np.repeat(kept, language.vocabulary) * language.noise / language.vocabulary
        updated = (likely + rare) / (likely + rare).sum()
        change = np.abs(updated - distribution).sum()
        distribution = updated
    return distribution


def entropy_rate(language: Language, stationary: np.ndarray) -> float:
    """Nats per token: sum_c pi(c) H(p(. | c)).

    Cover & Thomas, Elements of Information Theory, theorem 4.2.4.
    """
    rare = language.noise / language.vocabulary
    likely = (1 - language.noise) * language.weights + rare
    others = language.vocabulary - likely.shape[1]
    entropies = -np.sum(likely * np.log(likely), axis=1) - others * rare * np.log(rare)
    return float(stationary @ entropies)


def sample(
    language: Language, stationary: np.ndarray, number: int, rng: np.random.Generator
) -> np.ndarray:
    """`number` tokens, int32, of the stationary process."""
    context = int(rng.choice(language.contexts, p=stationary))
    noisy = (rng.random(number) < language.noise).tolist()
    anything = rng.integers(language.vocabulary, size=number).tolist()
    draws = rng.random(number).tolist()
    successors = language.successors.tolist()
    cumulated = [list(accumulate(row[:-1])) for row in language.weights.tolist()]
    tokens = np.empty(number, dtype=np.int32)
    for i in range(number):
        if noisy[i]:
            token = anything[i]
        else:
            token = successors[context][bisect_right(cumulated[context], draws[i])]
        tokens[i] = token
        context = (context * language.vocabulary + token) % language.contexts
    return tokens


def surprisals(language: Language, tokens: np.ndarray) -> np.ndarray:
    """-log p(token | its context) in nats, from the first token that has a whole context."""
    tokens = tokens.astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(tokens, language.order + 1)
    digits = language.vocabulary ** np.arange(language.order - 1, -1, -1)
    contexts, following = windows[:, :-1] @ digits, windows[:, -1]
    hits = language.successors[contexts] == following[:, None]
    likely = np.sum(language.weights[contexts] * hits, axis=1)
    return -np.log((1 - language.noise) * likely + language.noise / language.vocabulary)


def _follow(language: Language, contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    return (contexts * language.vocabulary + tokens) % language.contexts
