"""Metrics as scores: smaller is better, and a difference has the unit of its tolerance.

| metric | score | unit of a difference |
|---|---|---|
| accuracy | error rate | absolute |
| perplexity | its logarithm: the loss | relative |
| loss | its logarithm | relative |
"""

import numpy as np

from largebatch.analysis.metrics import is_accuracy, is_perplexity, stored_as

TINY = np.finfo(float).tiny


def untrained(metric: str) -> str:
    """The column whose row 0 is an untrained network's; training metrics have no value there."""
    return stored_as(metric).replace("train_", "test_")


def score(metric: str, values: np.ndarray) -> np.ndarray:
    """Scores of the values of the column that the metric is computed from."""
    if is_accuracy(metric):
        return 1 - values
    return values if is_perplexity(metric) else np.log(np.maximum(values, TINY))


def tolerance(metric: str, tolerances: dict[str, float]) -> float:
    """The largest difference of scores that does not matter, from config/claims.yaml."""
    if is_accuracy(metric):
        return tolerances["accuracy"]
    key = "perplexity" if is_perplexity(metric) else metric
    return float(np.log1p(tolerances[key]))
