"""Vectors with the spectrum of real ones: a few strong directions, a mean that is not zero, unit length."""

import numpy as np
import pytest


def make_vectors(count, dim, seed):
    generator = np.random.default_rng(seed)
    spectrum = 1 / np.sqrt(1 + np.arange(dim))
    vectors = generator.normal(size=(count, dim)) * spectrum + 0.3 * spectrum[::-1]
    vectors = vectors.astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="session")
def documents():
    """600 documents of 32 dimensions."""
    return make_vectors(600, 32, 1)


@pytest.fixture(scope="session")
def queries():
    """20 queries of 32 dimensions."""
    return make_vectors(20, 32, 2)
