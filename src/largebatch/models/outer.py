"""A training step of one example and one lane, where the weight gradient is an outer product.

The gradient is never stored, and a lane without momentum has no velocity. So four numbers move per
weight (two without momentum) where gradient, L2 and heavy ball one after another move ten. On a GPU
`kernels.rank_one` does this for all lanes; here it is for lanes too large to share a cache.
"""

from typing import NamedTuple

from torch import Tensor


class Rule(NamedTuple):
    """A lane's momentum m, raw learning rate e, and form of the update."""

    m: float
    e: float
    nesterov: bool


def descend_outer_(
    weight: Tensor, velocity: Tensor, x: Tensor, delta: Tensor, rule: Rule, l2: float
) -> None:
    """Do `training.update` in place with the gradient g = x^T delta + l2 w.

    weight, velocity: (inputs, outputs); x: (inputs,); delta: (outputs,). The velocity of a lane
    with m = 0 is neither read nor written.
    """
    m, e, nesterov = rule
    if m > 0:
        velocity.addr_(x, delta, beta=m)
        if l2 > 0:
            velocity.add_(weight, alpha=l2)
    if m == 0 or nesterov:
        weight.addr_(x, delta, beta=1 - e * l2, alpha=-e)  # - e g
    if m > 0:
        weight.add_(velocity, alpha=-e * m if nesterov else -e)
