"""The kinds of models by their names in study files (`model: {kind: ...}`)."""

from largebatch.study.kinds.autoencoder import AUTOENCODER
from largebatch.study.kinds.kind import Kind
from largebatch.study.kinds.lstm import LSTM
from largebatch.study.kinds.wrn import WRN

KINDS = {"wrn": WRN, "autoencoder": AUTOENCODER, "lstm": LSTM}


def kind_of(model: dict) -> Kind:
    """The kind of a model with these settings."""
    return KINDS[model["kind"]]
