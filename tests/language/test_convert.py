"""A GGUF of two small layers, written by the format's own package: what comes out is what transformers
reads."""

import numpy as np
import pytest
import torch

from reprise.errors import InputError
from reprise.language.convert import convert_gguf
from reprise.language.model import open_language_model
from reprise.language.tokens import decode, encode

DIM, HEADS, KEY_HEADS, INNER, LAYERS = 64, 4, 2, 96, 2


def vocabulary():
    """Three control tokens, every byte, and two merges: of a space and a digit, and of two digits."""
    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *bytes_to_unicode().values(), "Ġ1", "12", "th"]
    return names, ["Ġ 1", "1 2", "t h"], [3] * 3 + [1] * (len(names) - 3)


def write_gguf(path, pre="smollm", seed=0):
    from gguf import GGMLQuantizationType, GGUFWriter
    from gguf.quants import quantize

    generator, writer = np.random.default_rng(seed), GGUFWriter(path, "llama")
    names, merges, types = vocabulary()
    writer.add_name("a small one")
    writer.add_license("apache-2.0")
    writer.add_context_length(64)
    writer.add_embedding_length(DIM)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_dimension_count(DIM // HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(names))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(names)
    writer.add_token_merges(merges)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    shapes = {"token_embd": (len(names), DIM), "output_norm": (DIM,)}
    for layer in range(LAYERS):
        shapes |= {
            f"blk.{layer}.{part}": shape
            for part, shape in {
                "attn_norm": (DIM,),
                "attn_q": (DIM, DIM),
                "attn_k": (DIM * KEY_HEADS // HEADS, DIM),
                "attn_v": (DIM * KEY_HEADS // HEADS, DIM),
                "attn_output": (DIM, DIM),
                "ffn_norm": (DIM,),
                "ffn_gate": (INNER, DIM),
                "ffn_up": (INNER, DIM),
                "ffn_down": (DIM, INNER),
            }.items()
        }
    for name, shape in shapes.items():
        values = generator.normal(0, 0.3, shape).astype(np.float32)
        if len(shape) == 2 and name != "token_embd":
            kind = GGMLQuantizationType.Q4_1
            writer.add_tensor(f"{name}.weight", quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(f"{name}.weight", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def gguf(tmp_path_factory):
    return write_gguf(tmp_path_factory.mktemp("gguf") / "small.gguf")


@pytest.fixture(scope="module")
def converted(gguf, tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted")
    return folder, convert_gguf(gguf, folder)


def test_it_says_what_the_file_says(converted):
    _, facts = converted
    assert (facts["name"], facts["licence"], facts["context"]) == ("a small one", "apache-2.0", 64)
    assert facts["weights"] == {"F32": 6, "Q4_1": 14}
    assert (facts["layers"], facts["query heads"], facts["key-value heads"]) == (LAYERS, HEADS, KEY_HEADS)
    assert facts["parameters"] == 262 * 64 + 64 + 2 * (2 * 64 + 2 * 64 * 64 + 2 * 32 * 64 + 3 * 96 * 64)


def test_logits_are_those_of_transformers_reading_the_file_itself(gguf, converted):
    from transformers import AutoModelForCausalLM

    theirs = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    ours, ids = open_language_model(converted[0]), torch.tensor([[5, 60, 200, 7, 7]])
    with torch.inference_mode():
        np.testing.assert_allclose(ours.model(ids).logits, theirs.eval()(ids).logits, atol=1e-5)


def test_values_are_the_file_s_four_bits_written_out(gguf, converted):
    """A block of 32 weights of a Q4_1 matrix has at most 16 values."""
    weight = open_language_model(converted[0]).model.model.layers[0].mlp.up_proj.weight.detach().numpy()
    assert max(len(np.unique(block)) for block in weight.reshape(-1, 32)) <= 16


@pytest.mark.parametrize("text", ["", "this 12 and 1", "  naïve\n\n12.5", "x = 1\n"])
def test_a_text_comes_back_with_nothing_put_before_it(converted, text):
    lm = open_language_model(converted[0])
    assert decode(lm, encode(lm, text)) == text
    assert 1 not in encode(lm, text)


def test_digits_are_read_one_by_one_and_other_merges_hold(converted):
    lm = open_language_model(converted[0])
    assert lm.tokenizer.convert_ids_to_tokens(encode(lm, "th 12")) == ["th", "Ġ", "1", "2"]
    assert lm.end_tokens == {2}


@pytest.mark.parametrize("keep", [3, 100, -2000], ids=["a few bytes", "the header", "all but some weights"])
def test_a_damaged_file_is_refused(gguf, tmp_path, keep):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(gguf.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"broken\.gguf is no whole GGUF file of a language model"):
        convert_gguf(broken, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_pre_tokeniser_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"with this tokeniser cannot be converted.*'qwen2'"):
        convert_gguf(write_gguf(tmp_path / "other.gguf", pre="qwen2"), tmp_path / "out")
