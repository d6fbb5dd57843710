"""The subject of the study: SGD and heavy-ball momentum, written out.

Equation 8 of the paper, with the momentum buffer unnormalised, zero dampening and the learning
rate outside the buffer (as in PyTorch, TensorFlow and lua-torch):

    v <- m v + g,    w <- w - e v,    e = effective_lr (1 - m)        (eq. 9: e_eff = e / (1 - m))

SGD is m = 0. Nesterov's form replaces v in the second step by g + m v, with the new v. Heavy ball
corrected for bias is heavy ball at the rate e_s / (1 - m^(s+1)) in update s = 0, 1, ... (sec. 1.2).
Every lane has its own e and m, so they are (lanes, 1) columns.
"""

import torch
from torch import Tensor

from largebatch.models.parameters import Block, Parameters


def accumulate_(block: Block, m: Tensor) -> None:
    """v <- m v + g."""
    torch.addcmul(block.gradient, block.velocity, m, out=block.velocity)


def descend_(block: Block, e: Tensor) -> None:
    """w <- w - e v."""
    block.weight.addcmul_(block.velocity, e, value=-1)


def descend_nesterov_(block: Block, e: Tensor, m: Tensor, nesterov: Tensor) -> None:
    """w <- w - e (g + m v) in the lanes where `nesterov` is 1, w <- w - e v where it is 0."""
    block.weight.addcmul_(block.velocity, e * torch.where(nesterov > 0, m, 1.0), value=-1)
    block.weight.addcmul_(block.gradient, e * nesterov, value=-1)


def corrected_(e: Tensor, bias: Tensor, m: Tensor) -> Tensor:
    """e / (1 - m^(s+1)), shaped like e; changes `bias` in place from m^s to m^(s+1).

    After update s the weights of past gradients in v sum to (1 - m^(s+1)) / (1 - m), not to
    1 / (1 - m): v starts at zero. bias, m: (lanes, 1) float64, both 0 in lanes that keep their e.
    """
    bias.mul_(m)
    return (e / (1 - bias)).to(e.dtype)


def add_l2_(parameters: Parameters, l2: float, everywhere: bool) -> None:
    """g <- g + l2 w, the gradient of (l2/2) |w|^2; for biases and BN only if `everywhere`."""
    if l2 == 0:
        return
    if everywhere:
        for block in parameters.blocks:
            block.gradient.add_(block.weight, alpha=l2)
        return
    for slot in parameters.slots:
        if slot.decay:
            parameters.gradient[slot.name].add_(parameters.weight[slot.name], alpha=l2)


def clip_gradient_(parameters: Parameters, norm: float, scope: str) -> None:
    """Shorten each lane's gradient to `norm` (Zaremba et al., sec. 4.1: the raw gradient)."""
    if scope == "global":
        _shorten_([block.gradient for block in parameters.blocks], norm)
    else:
        for gradient in parameters.gradient.values():
            _shorten_([gradient], norm)


def clip_velocity_(parameters: Parameters, norm: float, scope: str) -> None:
    """The alternative: shorten what momentum has accumulated, before it is applied."""
    if scope == "global":
        _shorten_([block.velocity for block in parameters.blocks], norm)
    else:
        for velocity in parameters.velocity.values():
            _shorten_([velocity], norm)


def clip_factor(tensors: list[Tensor], limit: float) -> Tensor:
    """(lanes,): the factor that gives `tensors`, each (lanes, ...), a joint norm <= `limit`."""
    norms = [torch.linalg.vector_norm(tensor.flatten(1), dim=1) for tensor in tensors]
    joint = torch.linalg.vector_norm(torch.stack(norms), dim=0)
    return (limit / joint).clamp(max=1)


def _shorten_(tensors: list[Tensor], limit: float) -> None:
    """Scale each lane of `tensors`, each (lanes, ...), to joint norm `limit` if it is longer."""
    factor = clip_factor(tensors, limit)
    for tensor in tensors:
        tensor.mul_(factor.view(-1, *[1] * (tensor.dim() - 1)))
