"""`curve`: into how many parts curves are cut."""

import pytest

from claims.bench import Memory, sweep, valley
from largebatch.analysis.claims.pairs import curve


def parts(check: dict, epochs: dict[str, int]) -> list[str]:
    memory = Memory({name: sweep(valley(), epochs=n) for name, n in epochs.items()})
    whole = {"test": "curve", "rates": {"rule": "optimum"}, "metrics": ["test"], **check}
    return [finding.label for finding in curve(whole, memory)]


@pytest.mark.parametrize(("epochs", "windows", "count"), [(20, 10, 10), (5, 10, 5), (7, 3, 3)])
def test_no_epoch_is_a_part_twice(epochs, windows, count):
    found = parts({"sweeps": ["a"], "windows": windows}, {"a": epochs})
    assert len(found) == len(set(found)) == count


def test_the_sweep_with_fewer_epochs_decides():
    check = {"sweeps": ["a"], "against": "b", "rates": {"rule": "best"}}
    assert len(parts(check, {"a": 20, "b": 4})) == len(parts(check, {"a": 4, "b": 20})) == 4
