"""What the theory computes with: float64 of any shape."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]  # or NumPy's scalar, which has no axes but the same methods


def float64(values: ArrayLike) -> Array:
    """As float64; one number becomes a scalar.

    NumPy's powers of scalars and of arrays without axes differ in the last bit on some processors.
    """
    return np.asarray(values, np.float64)[()]
