"""What every method asks of vectors before it begins, so that a mistake is named and not computed with."""

from __future__ import annotations

import numpy as np

from reprise.errors import InputError, ParameterError

UNIT_TOLERANCE = 1e-3
"""How far a length may be from 1; float32 leaves it within about 1e-7."""


def check_vectors(vectors: np.ndarray, what: str = "document", *, unit: bool = False) -> np.ndarray:
    """The vectors as contiguous float32 (vectors, dim).

    Raises `InputError` for another shape, for no vectors at all, for a value that is not a finite number,
    and, with `unit`, for a vector whose length is not 1, naming the first.

    >>> check_vectors(np.eye(2)).dtype
    dtype('float32')
    """
    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    if vectors.ndim != 2 or not vectors.shape[1]:
        raise InputError(f"{what} vectors must be an array (vectors, dim)", given=vectors.shape)
    if not len(vectors):
        raise InputError(f"there are no {what} vectors", remedy="an empty domain has no index: leave it out")
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise InputError(
            f"{what} vector {bad[0]} has values that are not finite numbers",
            remedy="look at the encoder that made it",
        )
    if unit:
        lengths = np.linalg.norm(vectors, axis=1)
        bad = np.flatnonzero(np.abs(lengths - 1) > UNIT_TOLERANCE)
        if len(bad):
            raise InputError(
                f"{what} vector {bad[0]} does not have unit length",
                given=float(lengths[bad[0]]),
                remedy="normalise the vectors, or say that they are not of unit length",
            )
    return vectors


def check_codebook(dim: int, subspaces: int, bits: int, training_vectors: int) -> None:
    """Raise unless `dim` divides into `subspaces` and there is a training vector for each centroid.

    faiss only warns when centroids outnumber what they are trained on; such a code is a copy of its input.

    >>> check_codebook(10, 3, 8, 1000)
    Traceback (most recent call last):
        ...
    reprise.errors.ParameterError: the dimension is not divisible by the number of sub-spaces (given: (10, 3))
    """
    if subspaces < 1 or dim % subspaces:
        raise ParameterError(
            "the dimension is not divisible by the number of sub-spaces", given=(dim, subspaces)
        )
    if not 1 <= bits <= 8:
        raise ParameterError("a sub-code has 1 to 8 bits", given=bits)
    if training_vectors < 2**bits:
        raise InputError(
            "there are fewer training vectors than centroids",
            given=(training_vectors, 2**bits),
            remedy="give more vectors, or fewer bits a sub-code",
        )
