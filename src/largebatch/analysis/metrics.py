"""What the names of metrics mean."""


def is_accuracy(metric: str) -> bool:
    """Accuracies are fractions and better when larger; all other metrics when smaller."""
    return metric.endswith("_accuracy")


def is_expected(metric: str) -> bool:
    """The exact loss of a theory twin, which has no seeds; any other metric is a mean over them."""
    return metric.startswith("expected_")


def stored_as(metric: str) -> str:
    """The column of the run table that a metric is computed from: perplexities from losses."""
    return metric.replace("_perplexity", "_loss")


def is_perplexity(metric: str) -> bool:
    """exp of the mean cross-entropy per word, taken run by run, before any averaging."""
    return metric.endswith("_perplexity")
