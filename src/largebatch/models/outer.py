"""A training step of one example and one lane: the gradient of a weight is an outer product.

It is never stored, and a lane without momentum has no velocity: four numbers move for a weight
where gradient, L2 and heavy ball one after another move ten, and two without momentum. What
`kernels.rank_one` does for all lanes on a GPU; here for lanes that are too large to share a cache.
"""

from typing import NamedTuple

from torch import Tensor


class Rule(NamedTuple):
    """A lane's momentum m, raw learning rate e, and the form of its update."""

    m: float
    e: float
    nesterov: bool


def descend_outer_(
    weight: Tensor, velocity: Tensor, x: Tensor, delta: Tensor, rule: Rule, l2: float
) -> None:
    """`training.update` with the gradient g = x^T delta + l2 w, in place.

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
