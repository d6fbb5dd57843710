"""The subject of the study: SGD and heavy-ball momentum, written out.

Equation 8 of the paper, with the momentum buffer unnormalised, zero dampening and the learning
rate outside the buffer (as PyTorch, TensorFlow and lua-torch have it):

    v <- m v + g,    w <- w - e v,    e = effective_lr (1 - m)        (eq. 9: e_eff = e / (1 - m))

SGD is m = 0. Nesterov's form replaces v in the second step by g + m v.
Every lane has its own e and m, so they are (lanes, 1) columns.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from largebatch.models.parameters import Block, Parameters


def heavy_ball_(block: Block, e: Tensor, m: Tensor) -> None:
    """One step in place for all lanes of `block`; `e`, `m`: (lanes, 1)."""
    torch.addcmul(block.gradient, block.velocity, m, out=block.velocity)  # v <- m v + g
    block.weight.addcmul_(block.velocity, e, value=-1)  # w <- w - e v


def nesterov_(block: Block, e: Tensor, m: Tensor) -> None:
    """Nesterov's step as PyTorch has it: w <- w - e (g + m v), v new. Uses up `gradient`."""
    torch.addcmul(block.gradient, block.velocity, m, out=block.velocity)
    block.gradient.addcmul_(block.velocity, m)
    block.weight.addcmul_(block.gradient, e, value=-1)


def add_l2_(parameters: Parameters, l2: float, everywhere: bool) -> None:
    """g <- g + l2 w, the gradient of (l2/2) |w|^2; unless `everywhere`, not for biases and BN."""
    if l2 == 0:
        return
    for block in parameters.blocks:
        if everywhere or block.decay:
            block.gradient.add_(block.weight, alpha=l2)
        elif len(parameters.blocks) == 1:
            _add_l2_to_slots(parameters, l2)


def _add_l2_to_slots(parameters: Parameters, l2: float) -> None:
    for slot in parameters.slots:
        if slot.decay:
            parameters.gradient[slot.name].add_(parameters.weight[slot.name], alpha=l2)


def clip_(blocks: Iterable[Block], limit: float | None) -> None:
    """Scale each lane's whole gradient to norm `limit` if longer (Zaremba et al., sec. 4.1)."""
    if limit is None:
        return
    blocks = list(blocks)
    squares = torch.stack([block.gradient.square().sum(1) for block in blocks]).sum(0)
    factor = (limit / squares.sqrt()).clamp(max=1).unsqueeze(1)  # (lanes, 1)
    for block in blocks:
        block.gradient.mul_(factor)
