"""How large the training data are, known before anything is downloaded."""

CLASSIC = {"cifar10": 50_000, "cifar100": 50_000, "mnist": 60_000, "ptb": 929_589}
DIGITS = 1_797


def train_size(settings: dict) -> int | None:
    """Training examples (or words) of a data set; None for the user's own files."""
    source = settings["source"]
    if source in CLASSIC:
        return min(CLASSIC[source], settings.get("train_limit", CLASSIC[source]))
    if source == "digits":
        return DIGITS - settings.get("test_examples", 360)
    if source == "markov":
        return settings["train_tokens"]
    return settings.get("train_examples", settings.get("train_limit"))
