"""Several parts of a claim together: Holm's correction and the family's error rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from largebatch.analysis.claims import paired
from largebatch.analysis.claims.evidence import (
    CONTRADICTED,
    SUPPORTED,
    UNDECIDED,
    Evidence,
    conjunction,
    either,
    holm,
    verdict,
)

P = st.lists(st.floats(0, 1), min_size=1, max_size=8)


def test_holm_s_own_example():
    assert np.allclose(holm(np.array([0.01, 0.04, 0.03, 0.005])), [0.03, 0.06, 0.06, 0.02])


@given(P)
def test_holm_is_between_the_p_values_and_bonferroni_s(p):
    adjusted = holm(np.array(p))
    assert np.all(adjusted >= np.array(p) - 1e-15)
    assert np.all(adjusted <= np.minimum(len(p) * np.array(p), 1) + 1e-15)
    assert np.all(np.diff(adjusted[np.argsort(p)]) >= 0)


@given(P, st.randoms())
def test_the_order_of_the_parts_does_not_matter(p, random):
    order = list(range(len(p)))
    random.shuffle(order)
    assert np.array_equal(holm(np.array(p))[order], holm(np.array(p)[order]))


def family(means: list[float], studies: int = 1000, seeds: int = 5) -> np.ndarray:
    """Verdicts on 'better by more than 1' in each of the parts, whose true means are given."""
    random = np.random.default_rng(2)
    sample = np.array(means)[:, None] + 0.5 * random.standard_normal((studies, len(means), seeds))
    evidence = paired.better(sample, 1.0, 0.05, 1e-9)
    parts = zip(evidence.support, evidence.against, strict=True)
    return np.array([verdict(support, against, 0.05) for support, against in parts])


def share(found: np.ndarray, which: str) -> float:
    return float(np.mean(found == which))


def test_a_true_claim_of_twelve_parts_is_seldom_contradicted():
    assert share(family([1.0] * 12), CONTRADICTED) < 0.075


def test_a_claim_that_fails_in_one_part_of_twelve_is_seldom_supported():
    assert share(family([3.0] * 11 + [1.0]), SUPPORTED) < 0.075


def test_one_failing_part_is_found_among_twelve():
    assert share(family([3.0] * 11 + [-1.0]), CONTRADICTED) > 0.9


def test_all_parts_that_clearly_hold_are_supported():
    assert share(family([4.0] * 12), SUPPORTED) > 0.9


def test_a_part_at_its_edge_leaves_the_claim_open():
    assert share(family([4.0] * 3 + [1.0]), UNDECIDED) > 0.85


def test_a_conjunction_is_its_weakest_part_and_counts_chances_to_fail():
    support, against = np.array([0.001, 0.03, 0.9, 0.94]), np.array([0.999, 0.97, 0.1, 0.06])
    assert conjunction(support, against, 0.05) == (0.94, 0.1)  # two are in doubt: 0.06 x 2, 0.1
    assert conjunction(support, against, 0.01)[1] == pytest.approx(0.15)  # three: 0.1 x 3 / 2
    assert conjunction(support[:2], against[:2], 0.05) == (0.03, 0.999)  # none is


def test_one_or_the_other():
    one = Evidence(0.04, 0.5, 1.0, 0.0, 2.0)
    assert either(one, (0.01, 0.9)) == Evidence(0.02, 0.9, 1.0, 0.0, 2.0)
    assert either(one, (0.9, 0.01)) == Evidence(0.08, 0.5, 1.0, 0.0, 2.0)
    assert either(one._replace(support=0.8), (0.9, 0.01)).support == 1
