"""A language model of three layers with random weights, over bytes; and the real one, opened once a
session."""

from pathlib import Path

import pytest

from reprise.language.model import open_language_model

END, PAD = 256, 257
TEMPLATE = "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}<assistant>"


def make_tokenizer(template=TEMPLATE):
    """Every byte is a token; two more end a text and fill it up."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast
    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

    letters = {letter: byte for byte, letter in bytes_to_unicode().items()}
    made = Tokenizer(models.BPE({**letters, "<end>": END, "<pad>": PAD}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(name, special=True) for name in ("<end>", "<pad>")])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<end>", pad_token="<pad>", chat_template=template
    )


def make_language_model(folder, seed=0, **changes):
    """Write a Llama with random weights, a context of 128 and 258 tokens, where `open_language_model` opens
    it."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = {
        "vocab_size": 258,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 128,
        "eos_token_id": END,
        "bos_token_id": None,
        "pad_token_id": PAD,
        "initializer_range": 0.3,  # peaked enough that likelihoods differ
        "tie_word_embeddings": True,
        **changes,
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(LlamaConfig(**config))
    model.save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    return Path(folder)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    return make_language_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny(tiny_folder):
    """The small random model, as the library opens it."""
    return open_language_model(tiny_folder)


@pytest.fixture(scope="session")
def plain(tiny_folder):
    """The same weights in transformers' own hands: what ours must equal."""
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(tiny_folder, attn_implementation="sdpa").eval()


@pytest.fixture(scope="session")
def smollm2():
    """The embedded model; converted at most once, in the cache that `make smoke` fills as well."""
    from reprise.studies.language_units.model import embedded_folder

    return open_language_model(embedded_folder())
