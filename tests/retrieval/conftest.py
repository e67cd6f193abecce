"""A BERT of two layers with a toy vocabulary, as a checkpoint folder, and a toy task to train it on."""

import pytest

WORDS = [
    "a",
    "an",
    "and",
    "the",
    "of",
    "sparse",
    "dense",
    "matrix",
    "vector",
    "array",
    "sort",
    "find",
    "mean",
    "sum",
    "tree",
    "graph",
    "##s",
    "##ed",
    "##ing",
]


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory):
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-checkpoint")
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
def tiny_triples():
    """Queries whose positive shares a word with them and whose negative does not."""
    from reprise.retrieval.triples import Triple

    things = ["matrix", "vector", "array", "tree", "graph", "mean", "sum", "sort"]
    others = things[3:] + things[:3]
    return [
        Triple(f"find the {thing}", f"a sparse {thing} of {thing}s", (f"the dense {other} and {other}",))
        for thing, other in zip(things, others, strict=True)
    ]
