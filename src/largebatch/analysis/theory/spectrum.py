"""Curvatures of the noisy quadratic model, and few nodes that stand for many of them.

h_i = h_max/i, i = 1 ... modes (Zhang et al. 2019, arXiv:1907.04164). Sums over i of smooth
functions need far fewer than 10^4 terms: the stiff directions are kept one by one, the rest
is cut into blocks, each replaced by the Gauss quadrature of its own integers.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh_tridiagonal

from largebatch.analysis.theory.stability import Array

EXACT = 512  # directions kept one by one
BLOCK_RATIO = 1.1  # last over first integer of a block
NODES = 8  # a block of more integers becomes this many nodes, exact for degree 15


class Spectrum(NamedTuple):
    """Curvatures h and how many directions each stands for, both of shape (nodes,)."""

    curvatures: Array
    counts: Array


def compressed_harmonic(modes: int = 10_000, h_max: float = 1.0) -> Spectrum:
    """h_i = h_max/i, with about 770 nodes instead of 10^4 directions."""
    blocks = [gauss_nodes(block) for block in _blocks(modes)]
    index, counts = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return Spectrum(h_max / index, counts)


def gauss_nodes(points: Array, nodes: int = NODES) -> tuple[Array, Array]:
    """Nodes and weights with sum f(points) = sum weights f(nodes) up to degree 2 nodes - 1.

    Golub & Welsch (1969): the Lanczos recurrence of the counting measure on `points`, whose
    Jacobi matrix has the nodes as eigenvalues.
    """
    if len(points) <= nodes:
        return points, np.ones(len(points))
    centre, scale = points.mean(), np.ptp(points) / 2
    x = (points - centre) / scale
    basis = [np.full(len(x), 1 / np.sqrt(len(x)))]
    diagonal, off_diagonal = [], []
    for _ in range(nodes):
        image = x * basis[-1]
        diagonal.append(basis[-1] @ image)
        for vector in basis:  # the full orthogonalisation costs nothing here
            image = image - (vector @ image) * vector
        off_diagonal.append(np.linalg.norm(image))
        basis.append(image / off_diagonal[-1])
    eigenvalues, vectors = eigh_tridiagonal(diagonal, off_diagonal[:-1])
    return centre + scale * eigenvalues, len(x) * vectors[0] ** 2


def _blocks(modes: int) -> list[Array]:
    first = min(modes, EXACT)
    blocks = [np.array([float(i)]) for i in range(1, first + 1)]
    while first < modes:
        last = min(modes, int(np.ceil(first * BLOCK_RATIO)))
        blocks.append(np.arange(first + 1.0, last + 1))
        first = last
    return blocks
