"""How strongly numbers speak for and against a statement, and the verdict that follows.

A statement about a parameter holds for some set of values. `against` is the p-value of 'it holds':
a small one means that the numbers exclude it. `support` is the p-value of 'it does not hold'. Both
are one-sided, so each wrong verdict has a probability of at most alpha.
"""

from typing import Generic, NamedTuple, TypeVar

import numpy as np

Array = np.ndarray | float
Shape = TypeVar("Shape", np.ndarray, float)  # of many statements, or of one
SUPPORTED, CONTRADICTED, UNDECIDED, NOT_RUN = "supported", "contradicted", "undecided", "not run"
PAPER, HERE = "the paper", "at this scale"  # what a verdict speaks of


class NotRun(Exception):
    """A claim needs something that is missing; the message says what, and how to get it."""


class Evidence(NamedTuple, Generic[Shape]):
    """Two p-values, an estimate and its interval of confidence 1 - 2 alpha; all of one shape."""

    support: Shape
    against: Shape
    estimate: Shape
    low: Shape
    high: Shape


NOTHING: Evidence[float] = Evidence(1.0, 1.0, np.nan, -np.inf, np.inf)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's (1979) adjusted p-values, (K,), monotone and at most 1."""
    order, adjusted = np.argsort(p), np.empty(len(p))
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def conjunction(support: np.ndarray, against: np.ndarray, alpha: float) -> tuple[float, float]:
    """The p-values of 'each of K statements holds', from those of each, (K,).

    All hold if the weakest does (Berger 1982). Not all hold if any one fails, and each that is in
    doubt is a chance to err, so Simes's (1986) p-value of these is taken; what is supported at
    level alpha is not in doubt.
    """
    in_doubt = support >= alpha
    p = np.sort(against[in_doubt] if in_doubt.any() else against)
    return float(support.max()), float((p * len(p) / np.arange(1, len(p) + 1)).min())


def either(one: Evidence[float], p: tuple[float, float]) -> Evidence[float]:
    """Evidence for 'one or the other', with the estimate of the first; p: the other's p-values.

    It holds if either does, which is two chances to err (Bonferroni); it fails if both fail.
    """
    support = min(2 * min(one.support, p[0]), 1.0)
    return one._replace(support=support, against=max(one.against, p[1]))


def verdict(support: np.ndarray, against: np.ndarray, alpha: float) -> str:
    """The verdict on a statement with K parts that must all hold, from their p-values, (K,).

    Supported if each part is, at level alpha and without correction: the claim is the intersection
    of its parts (Berger 1982). Contradicted if any part is; as each of the K is a chance to err,
    Holm's correction applies here.
    """
    if holm(against).min() < alpha:
        return CONTRADICTED
    return SUPPORTED if support.max() < alpha else UNDECIDED
