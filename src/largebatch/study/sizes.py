"""How much data a dataset will have, from its settings alone (nothing is read)."""

from largebatch.errors import UserError

IMAGES = {"cifar10": (50_000, 10_000), "cifar100": (50_000, 10_000), "mnist": (60_000, 10_000)}
DIGITS = 1_797  # in scikit-learn's load_digits
DIGITS_TEST = 360  # a fifth
PTB = {"train": 929_589, "valid": 73_760, "test": 82_430}  # words and line ends

TEXT = ("ptb", "text", "markov")


def expected_size(settings: dict) -> dict[str, int | None]:
    """Sizes of the train and test split of a dataset, without any data.

    Images have `train_examples` and `test_examples`, text has `train_tokens` and `test_tokens`;
    None where only the user's own files can tell. Raises UserError if the settings ask for more
    than the source has.
    """
    source = settings["source"]
    if source in TEXT:
        train, test = _tokens(source, settings)
        return {"train_tokens": train, "test_tokens": test}
    train, test = _examples(source, settings)
    return {
        "train_examples": _limited(train, settings, "train_limit"),
        "test_examples": _limited(test, settings, "test_limit"),
    }


def digits_split(settings: dict) -> tuple[int, int]:
    """Train and test examples of scikit-learn's digits."""
    test = settings.get("test_examples", DIGITS_TEST)
    if not 0 < test < DIGITS:
        raise UserError(
            f"test_examples is {test}, but scikit-learn has {DIGITS} digits to divide: "
            f"choose a number from 1 to {DIGITS - 1}."
        )
    return DIGITS - test, test


def _tokens(source: str, settings: dict) -> tuple[int | None, int | None]:
    if source == "ptb":
        return PTB["train"], PTB["test"]
    return settings.get("train_tokens"), settings.get("test_tokens")  # `text` has neither


def _examples(source: str, settings: dict) -> tuple[int | None, int | None]:
    if source == "digits":
        return digits_split(settings)
    if source == "digit-pairs":
        return settings["train_examples"], settings["test_examples"]
    return IMAGES.get(source, (None, None))


def _limited(available: int | None, settings: dict, key: str) -> int | None:
    limit = settings.get(key)
    if limit is None:
        return available
    if available is not None and limit > available:
        raise UserError(
            f"{key} is {limit}, but {settings['source']} has {available} examples there: "
            f"lower {key} or leave it out."
        )
    return limit
