"""A study that changed what the paper's study is true of does not claim it."""

import pytest

from largebatch.study import load_study
from largebatch.study.load import UNFAITHFUL

EPOCHS = "tasks: {autoencoder_mnist: {epochs: 2}}"
LESS = "datasets: {mnist: {source: mnist, train_limit: 100}}"
MORE_SEEDS = "seeds: [0, 1, 2, 3, 4, 5]"
RATES = "sweeps: {autoencoder-b64: {effective_lrs: [0.1]}}"


@pytest.mark.parametrize(
    ("text", "faithful"),
    [
        (EPOCHS, False),
        (LESS, False),
        (MORE_SEEDS, True),
        (RATES, True),
        (f"{EPOCHS}\nfaithful: true", True),
        (f"{MORE_SEEDS}\nfaithful: false", False),
    ],
)
def test_not_inherited_with_other_tasks_or_data(root, write, text, faithful):
    write("own", f"extends: paper\nkeep: [fig7]\n{text}\n")
    found = load_study("own", root)
    assert (found.faithful, found.notice) == (faithful, None if faithful else UNFAITHFUL)
    write("below", "extends: own\ntitle: Below\n")
    assert load_study("below", root).faithful is faithful
