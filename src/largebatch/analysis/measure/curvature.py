"""Largest eigenvalue of the Hessian, and curvature along minibatch gradients (sec. 2).

Weights are one vector here; `flat` and `named` convert between it and the models' names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.linalg import eigh_tridiagonal
from torch import Tensor

from largebatch.analysis.measure.objective import Objective, Weights

Minibatch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Ritz:
    """An estimated eigenvalue and the norm of its residual: a true one is no farther away."""

    value: float
    residual: float


def flat(weights: Weights) -> Tensor:
    """All weights as one vector."""
    return torch.cat([weight.flatten() for weight in weights.values()])


def named(vector: Tensor, like: Weights) -> Weights:
    """The parts of the vector by name, as views."""
    parts = vector.split([weight.numel() for weight in like.values()])
    return {k: part.view_as(like[k]) for k, part in zip(like, parts, strict=True)}


def gradient(objective: Objective, weights: Weights, batch: Minibatch) -> Tensor:
    """The gradient of the minibatch's loss, (parameters,)."""
    point = flat(weights).requires_grad_()
    return torch.autograd.grad(objective(named(point, weights), *batch), point)[0]


class Hessian:
    """The Hessian of the mean loss over `batches` at `weights`, to multiply vectors by.

    The graphs of the first derivatives are kept, so that a product is one more backward pass per
    batch.
    """

    def __init__(self, objective: Objective, weights: Weights, batches: Iterable[Minibatch]):
        self._point = flat(weights).requires_grad_()
        self._gradients = [
            torch.autograd.grad(
                objective(named(self._point, weights), *batch), self._point, create_graph=True
            )[0]
            for batch in batches
        ]

    def gradient(self) -> Tensor:
        """The gradient of the mean loss, (parameters,)."""
        return torch.stack([g.detach() for g in self._gradients]).mean(0)

    def __matmul__(self, vector: Tensor) -> Tensor:
        """Hessian times vector (Pearlmutter 1994)."""
        total = torch.zeros_like(vector)
        for g in self._gradients:
            total += torch.autograd.grad(g, self._point, vector, retain_graph=True)[0]
        return total / len(self._gradients)


def h_max(hessian: Hessian, generator: torch.Generator, **options) -> Ritz:
    """Largest eigenvalue of the Hessian; `generator` draws Lanczos's starting vector."""
    like = hessian.gradient()
    start = torch.randn(len(like), generator=generator).to(like)
    return lanczos(hessian.__matmul__, start, **options)


def lanczos(
    multiply: Callable[[Tensor], Tensor],
    start: Tensor,
    tolerance: float = 1e-3,
    most_steps: int = 100,
) -> Ritz:
    """Largest (not absolutely largest) eigenvalue of a symmetric operator (Lanczos 1950).

    Every vector is orthogonalised twice against all earlier ones: for a few dozen steps this is
    cheap beside the products, and no eigenvalue appears twice. Ends when the residual is at most
    `tolerance` times the value, or after `most_steps`.
    """
    basis = [start / start.norm()]
    diagonal: list[float] = []
    off_diagonal: list[float] = []
    while True:
        image = multiply(basis[-1])
        diagonal.append(float(image @ basis[-1]))
        vectors = torch.stack(basis)
        for _ in range(2):
            image = image - vectors.T @ (vectors @ image)
        norm = float(image.norm())
        ritz = _largest(diagonal, off_diagonal, norm)
        exhausted = len(basis) in (most_steps, len(start)) or norm <= 1e-12 * abs(ritz.value)
        if exhausted or ritz.residual <= tolerance * abs(ritz.value):
            return ritz
        off_diagonal.append(norm)
        basis.append(image / norm)


def _largest(diagonal: list[float], off_diagonal: list[float], next_norm: float) -> Ritz:
    last = len(diagonal) - 1
    values, vectors = eigh_tridiagonal(
        np.array(diagonal), np.array(off_diagonal), select="i", select_range=(last, last)
    )
    return Ritz(float(values[0]), next_norm * abs(float(vectors[-1, 0])))


def batch_sharpness(objective: Objective, weights: Weights, batches: Iterable[Minibatch]) -> float:
    """Mean over minibatches of g' H g / g' g, each with its own g and H (Andreyev et al. 2026)."""
    quotients = []
    for batch in batches:
        hessian = Hessian(objective, weights, [batch])
        g = hessian.gradient()
        quotients.append(float(g @ (hessian @ g) / (g @ g)))
    return float(np.mean(quotients))
