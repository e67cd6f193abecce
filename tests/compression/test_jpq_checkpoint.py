"""A released JPQ's layout, from a tiny checkpoint in the same files."""

import numpy as np
import pytest
import torch

from reprise.compression.jpq import JpqIndex
from reprise.compression.jpq_checkpoint import open_tower
from reprise.errors import EnvironmentNotReady, InputError
from reprise.retrieval.checkpoint import load_transformer


@pytest.fixture
def tower(tiny_encoder, tmp_path):
    """Writes a tower with these extra weights, as one of the two files that the hub has."""

    def write(extra, file="pytorch_model.bin"):
        model, tokenizer = load_transformer(tiny_encoder)
        model.config.save_pretrained(tmp_path)
        tokenizer.save_pretrained(tmp_path)
        weights = {f"bert.{name}": weight.clone() for name, weight in model.state_dict().items()} | extra
        if file.endswith(".bin"):
            torch.save(weights, tmp_path / file)
        else:
            from safetensors.torch import save_file

            save_file(weights, tmp_path / file, metadata={"format": "pt"})
        return tmp_path

    return write


CENTROIDS = torch.arange(8 * 4 * 4, dtype=torch.float32).reshape(8, 4, 4) / 100
ROTATION = torch.eye(32).flip(0).contiguous()


@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_a_tower_gives_raw_first_token_vectors_and_its_code(tower, file, tiny_encoder):
    encoder, code = open_tower(tower({"centroids": CENTROIDS, "rotation": ROTATION}, file))
    np.testing.assert_array_equal(code.centroids, CENTROIDS.numpy())
    model, tokenizer = load_transformer(tiny_encoder)
    tokens = tokenizer("find the matrix", return_tensors="pt")
    with torch.no_grad():
        expected = model(**tokens).last_hidden_state[:, 0].numpy()
    vectors = encoder.encode_queries(["find the matrix"])
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_allclose(code.rotate(vectors), expected[:, ::-1], atol=1e-5)
    assert JpqIndex.from_vectors(vectors, code).codes.shape == (1, 8)


def test_what_is_no_tower(tower, tmp_path):
    with pytest.raises(InputError, match="no centroids and no rotation"):
        open_tower(tower({}))
    with pytest.raises(InputError, match="has no rotation"):
        open_tower(tower({"centroids": CENTROIDS}))
    with pytest.raises(InputError, match="does not fit its centroids"):
        open_tower(tower({"centroids": CENTROIDS, "rotation": torch.eye(16)}))
    with pytest.raises(EnvironmentNotReady):
        open_tower(tmp_path / "nowhere")
