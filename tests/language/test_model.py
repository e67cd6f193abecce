import json

import numpy as np
import pytest
import torch

from reprise.errors import EnvironmentNotReady, InputError, ParameterError
from reprise.language.model import open_language_model

from .conftest import END, make_language_model


def test_what_it_is(tiny):
    assert (tiny.context, tiny.layers, tiny.vocabulary, tiny.end_tokens) == (128, 3, 258, frozenset([END]))


def test_logits_are_transformers_own(tiny, plain):
    ids = torch.tensor([[5, 1, 200, 7]])
    with torch.inference_mode():
        np.testing.assert_allclose(tiny.model(ids).logits, plain(ids).logits, atol=1e-5)


def test_the_fingerprint_knows_weights_and_precision_but_no_place(tiny, tmp_path):
    same = open_language_model(make_language_model(tmp_path / "same"))
    other = open_language_model(make_language_model(tmp_path / "other", seed=1))
    half = open_language_model(tmp_path / "same", precision="bfloat16")
    assert same.fingerprint == tiny.fingerprint
    assert len({tiny.fingerprint, other.fingerprint, half.fingerprint}) == 3


def test_bad_input_is_named(tmp_path, tiny_folder):
    with pytest.raises(ParameterError, match="precision must be one of float32, bfloat16"):
        open_language_model(tiny_folder, precision="int8")
    with pytest.raises(EnvironmentNotReady, match="no such language model here"):
        open_language_model(tmp_path / "nothing")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "no-such-model"}))
    with pytest.raises(InputError, match="no causal language model"):
        open_language_model(tmp_path)
