"""How many SGD steps heavy ball amounts to, after its start-up lag (eqs. 9-12)."""

from numpy.typing import ArrayLike

from largebatch.analysis.theory.arrays import Array, float64


def lag(update: ArrayLike, momentum: ArrayLike) -> Array:
    """Share of the effective rate at update s = 0, 1, ...: 1 - m^(s+1) (eqs. 9-10, exact)."""
    return 1 - float64(momentum) ** (float64(update) + 1)


def effective_steps(updates: ArrayLike, before: ArrayLike, momentum: ArrayLike) -> Array:
    """SGD steps of size e_eff in n `updates` of heavy ball after s `before` (eq. 12, exact).

    n - (m^(s+1) - m^(s+n+1))/(1-m); eq. 12's n is the limit m^s << 1.
    """
    n, s, m = map(float64, (updates, before, momentum))
    return n - (m ** (s + 1) - m ** (s + n + 1)) / (1 - m)
