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


WORDS = ["find", "the", "a", "of", "sparse", "dense"]
WORDS += ["matrix", "vector", "array", "tree", "graph", "mean", "sum", "sort"]


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory):
    """A BERT of two layers and 32 dimensions with a toy vocabulary, as a checkpoint folder."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-encoder")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(
            BertConfig(
                vocab_size=len(vocabulary),
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
                max_position_embeddings=64,
                initializer_range=0.2,
            )
        ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def toy_passages():
    """Eight passages, each about one thing, and a query for each that names it."""
    things = WORDS[6:]
    passages = [
        f"{form} {thing} of {thing}" for form, thing in zip(["sparse", "dense"] * 4, things, strict=True)
    ]
    return [f"find the {thing}" for thing in things], passages
