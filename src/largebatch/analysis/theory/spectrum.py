"""Curvatures of the noisy quadratic model, and a few nodes that stand for many of them.

h_i = h_max/i, i = 1 ... modes (Zhang et al. 2019, arXiv:1907.04164). Sums over i of smooth
functions need far fewer than 10^4 terms: the stiff directions are kept one by one, and the rest are
cut into blocks, each replaced by Gauss quadrature over its own integers.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh_tridiagonal

from largebatch.analysis.theory.arrays import Array

STIFF = 512  # directions kept one by one
BLOCK_RATIO = 1.1  # last over first integer of a block
NODES = 8  # a block of more integers becomes this many nodes, exact for degree 15


class Spectrum(NamedTuple):
    """Curvatures h and how many directions each stands for, both of shape (nodes,)."""

    curvatures: Array
    counts: Array


def compressed_harmonic(modes: int = 10_000, h_max: float = 1.0) -> Spectrum:
    """h_i = h_max/i, with about 770 nodes instead of 10^4 directions."""
    last = min(modes, STIFF)
    blocks = [(np.arange(1.0, last + 1), np.ones(last))]
    while last < modes:
        first, last = last + 1, min(modes, int(np.ceil(last * BLOCK_RATIO)))
        blocks.append(gauss_nodes(first, last))
    index, counts = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return Spectrum(h_max / index, counts)


def gauss_nodes(first: int, last: int) -> tuple[Array, Array]:
    """Nodes and weights with sum f(integers) = sum weights f(nodes) up to degree 2 NODES - 1.

    Golub & Welsch (1969): the nodes are the eigenvalues of the Jacobi matrix of the orthogonal
    polynomials on the integers, discrete Chebyshev's.
    """
    n = last - first + 1
    if n <= NODES:
        return np.arange(first, last + 1.0), np.ones(n)
    k = np.arange(1, NODES)
    off_diagonal = k * np.sqrt((n**2 - k**2) / (4 * k**2 - 1)) / 2
    offsets, vectors = eigh_tridiagonal(np.zeros(NODES), off_diagonal)
    return (first + last) / 2 + offsets, n * vectors[0] ** 2
