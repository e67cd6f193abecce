"""Checkpoint folders: what is written is what is read, and a wrong folder is named."""

import pytest
import torch

from reprise.errors import EnvironmentNotReady, InputError
from reprise.retrieval.checkpoint import (
    checkpoint_path,
    load_transformer,
    read_description,
    save_transformer,
    write_description,
)


def test_written_and_read_again_it_is_the_same(tiny_checkpoint, tmp_path):
    model, tokenizer = load_transformer(tiny_checkpoint)
    save_transformer(model, tokenizer, tmp_path, {"kind": "dense", "pooling": "mean"})
    again, tokenizer_again = load_transformer(tmp_path)
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name]), name
    assert tokenizer_again("sparse matrixs")["input_ids"] == tokenizer("sparse matrixs")["input_ids"]
    assert read_description(tmp_path, "dense") == {"kind": "dense", "pooling": "mean"}


def test_weights_that_the_checkpoint_lacks_are_always_the_same(tiny_checkpoint, tmp_path):
    from safetensors.torch import load_file, save_file

    model, tokenizer = load_transformer(tiny_checkpoint)
    save_transformer(model, tokenizer, tmp_path, {})
    weights = load_file(tmp_path / "model.safetensors")
    save_file(
        {n: w for n, w in weights.items() if "pooler" not in n},
        tmp_path / "model.safetensors",
        metadata={"format": "pt"},
    )
    torch.manual_seed(5)
    before = torch.get_rng_state()
    poolers = [load_transformer(tmp_path)[0].pooler.dense.weight for _ in range(2)]
    assert torch.equal(*poolers)
    assert torch.equal(before, torch.get_rng_state())


def test_a_folder_that_is_no_checkpoint_is_named(tmp_path):
    with pytest.raises(EnvironmentNotReady, match="no checkpoint"):
        load_transformer(tmp_path / "nothing-here")
    with pytest.raises(InputError, match=r"no reprise\.json"):
        read_description(tmp_path, "dense")
    write_description(tmp_path, {"kind": "unicoil"})
    with pytest.raises(InputError, match=r"another kind than 'dense'.*unicoil"):
        read_description(tmp_path, "dense")


def test_minilm_comes_from_its_package():
    from pathlib import Path

    assert (Path(checkpoint_path("all-MiniLM-L6-v2")) / "model.safetensors").is_file()
    assert checkpoint_path("a/folder") == "a/folder"
