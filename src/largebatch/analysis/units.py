"""The units of metrics, which depend on the model."""

from largebatch.study.kinds.table import kind_of


def unit(metric: str, model: dict) -> str:
    """What an axis says of it in brackets; a perplexity has no unit."""
    units = {"accuracy": "%", "perplexity": "", "loss": kind_of(model).loss(model)}
    return units[metric.partition("_")[2]]
