"""Batch normalisation (Ioffe & Szegedy, 2015), plain or in ghosts, for all lanes at once."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class BatchNorm:
    """How the layers of a network normalise.

    momentum: weight of the newest minibatch in the running statistics. ghost: how many examples
    share their statistics in training; None for the whole minibatch.

    In both methods x is (batch, channels, height, width), and everything else (channels,).
    """

    momentum: float = 0.1
    epsilon: float = 1e-5
    ghost: int | None = None

    def train(self, x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Normalise by the minibatch's statistics; the running `mean` and `var` change in place."""
        if self.ghost is None or self.ghost >= len(x):
            return F.batch_norm(x, mean, var, gamma, beta, True, self.momentum, self.epsilon)
        return self._train_ghosts(x, gamma, beta, mean, var)

    def test(self, x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor) -> Tensor:
        """Normalise by the running statistics."""
        return F.batch_norm(x, mean, var, gamma, beta, False, 0.0, self.epsilon)

    def _train_ghosts(self, x, gamma, beta, mean, var) -> Tensor:
        """Ghost batch norm (Hoffer et al., 2017): each ghost is normalised by its own statistics.

        The running statistics take one step per minibatch, towards the mean over the ghosts. The
        last ghost is smaller if the minibatch is not a multiple of the ghosts' size.
        """
        ghosts_mean, ghosts_var = torch.zeros_like(mean), torch.zeros_like(var)
        normalised = [
            # Momentum 1/i makes running statistics the plain mean of the first i.
            F.batch_norm(ghost, ghosts_mean, ghosts_var, gamma, beta, True, 1 / i, self.epsilon)
            for i, ghost in enumerate(x.split(self.ghost), start=1)
        ]
        mean.lerp_(ghosts_mean, self.momentum)
        var.lerp_(ghosts_var, self.momentum)
        return torch.cat(normalised)
