"""How much data there is to compute on, for estimates of lanes, time and memory."""

from typing import NamedTuple

from largebatch.study.sizes import expected_size

PIXELS_OR_WORDS = {"digits": 64, "digit-pairs": 128, "mnist": 784, "ptb": 10_000, "text": 10_000}
UNKNOWN_SIZE, UNKNOWN_PIXELS = 50_000, 1024


class Amount(NamedTuple):
    """train: examples, or words of a text, to train on. each: pixels of an image per channel, or
    words of the vocabulary. megabytes: of all splits, if they may be many.
    """

    train: int
    each: int
    megabytes: int = 0


def guessed(settings: dict) -> Amount:
    """As the settings of a data set tell. Of the user's own files they tell nothing: a guess."""
    train, _ = expected_size(settings).values()
    each = PIXELS_OR_WORDS.get(settings["source"], UNKNOWN_PIXELS)
    return Amount(train or UNKNOWN_SIZE, settings.get("vocabulary", each))
