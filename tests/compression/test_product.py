"""Product codes taken out of faiss give faiss's own codes and scores."""

import numpy as np
import pytest

from reprise.compression.product import ProductCode, fit_product_code, product_index
from reprise.errors import InputError, ParameterError


@pytest.mark.parametrize("rotated", [False, True])
def test_codes_and_scores_are_those_of_faiss(rotated, documents, queries):
    code = fit_product_code(documents, 8, rotated=rotated, iterations=3)
    index = product_index(documents, 8, rotated=rotated, iterations=3)
    places, scores = index.nearest(queries, 600)
    ours = code.rotate(queries) @ code.decode(code.assign(documents)).T
    np.testing.assert_allclose(np.take_along_axis(ours, places, 1), scores, atol=1e-5)


def test_the_rotation_keeps_lengths(documents):
    code = fit_product_code(documents, 8, iterations=3)
    np.testing.assert_allclose(code.rotation @ code.rotation.T, np.eye(32), atol=1e-5)


def test_assignment_by_hand():
    centroids = np.array([[[0.0], [10.0]], [[1.0], [2.0]]], np.float32)
    code = ProductCode(np.array([[0, 1], [1, 0]], np.float32), centroids)  # the rotation swaps
    assert code.assign(np.array([[1.6, 6.0], [1.4, 4.0]])).tolist() == [[1, 1], [0, 0]]
    assert code.decode(np.array([[1, 1]])).tolist() == [[10.0, 2.0]]


def test_more_subspaces_come_nearer(documents):
    def error(subspaces):
        code = fit_product_code(documents, subspaces, bits=4, rotated=False)
        return np.square(code.rotate(documents) - code.decode(code.assign(documents))).sum(1).mean()

    assert error(16) < error(8) < error(4)


def test_written_and_opened_again_and_a_checkpoint_without_its_centroids(documents, tmp_path):
    code = fit_product_code(documents, 4, bits=4, rotated=False)
    code.save(tmp_path / "code.npz")
    np.testing.assert_array_equal(ProductCode.open(tmp_path / "code.npz").centroids, code.centroids)
    np.savez(tmp_path / "part.npz", rotation=code.rotation)
    for name in ("part.npz", "none.npz"):
        with pytest.raises(InputError, match="lacks its rotation or its centroids"):
            ProductCode.open(tmp_path / name)


def test_what_cannot_be_trained(documents):
    with pytest.raises(ParameterError, match="not divisible"):
        fit_product_code(documents, 7)
    with pytest.raises(InputError, match="fewer training vectors than centroids"):
        product_index(documents[:100], 8)
    with pytest.raises(InputError, match=r"as many training vectors as dimensions.*\(31, 32\)"):
        fit_product_code(documents[:31], 8, bits=2)
