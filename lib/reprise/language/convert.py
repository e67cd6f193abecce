"""From a GGUF file to what transformers opens in a second: safetensors, a configuration and a tokeniser.

transformers reads the weights and writes 4-bit values out as float32. Its tokeniser for such a file is not
used: for byte-level vocabularies under Llama's architecture it puts a start token before every text, which
the file rules out, and splits spaces before a digit otherwise than the model learnt. Here the tokeniser is
put together from the file's own vocabulary, merges and pre-tokeniser (`tokenizer.ggml.pre`, as llama.cpp
defines "smollm": single digits, then GPT-2's expression).
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprise.errors import InputError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

CONTROL = 3
"""GGUF's token type of a token that no text contains, such as the end of a turn."""


def convert_gguf(file: Path, folder: Path) -> dict[str, Any]:
    """Write the model and its tokeniser into `folder`; gives what the file says of itself.

    Raises `InputError` for a file that is no whole GGUF, of another architecture or another pre-tokeniser.
    """
    import torch
    from transformers import AutoModelForCausalLM

    facts, tokens = _read(file)
    tokenizer = _tokenizer(facts, tokens)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
            model = AutoModelForCausalLM.from_pretrained(
                file.parent, gguf_file=file.name, dtype=torch.float32
            )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _damaged(file, error) from error
    model.generation_config.update(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return {
        "name": facts.get("general.name", file.stem),
        "licence": facts.get("general.license", ""),
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "layers": model.config.num_hidden_layers,
        "hidden size": model.config.hidden_size,
        "query heads": model.config.num_attention_heads,
        "key-value heads": model.config.num_key_value_heads,
        "vocabulary": model.config.vocab_size,
        "context": model.config.max_position_embeddings,
        "weights": tokens["types"],
        "file_bytes": file.stat().st_size,
    }


def _read(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The file's scalar fields, and its vocabulary, merges, token types and kinds of weights."""
    from gguf import GGUFReader

    try:
        reader = GGUFReader(file)
        facts = {n: field.contents() for n, field in reader.fields.items() if len(field.data) <= 1}
        lists = {
            name: reader.fields[f"tokenizer.ggml.{name}"].contents()
            for name in ("tokens", "merges", "token_type")
        }
        types = [tensor.tensor_type.name for tensor in reader.tensors]
    except (OSError, ValueError, KeyError, IndexError, UnicodeDecodeError) as error:
        raise _damaged(file, error) from error
    counts = {kind: types.count(kind) for kind in sorted(set(types))}
    return facts, {**lists, "types": counts}


def _tokenizer(facts: dict[str, Any], lists: dict[str, Any]) -> PreTrainedTokenizerBase:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    kind = facts.get("tokenizer.ggml.model"), facts.get("tokenizer.ggml.pre")
    if kind != ("gpt2", "smollm") or facts.get("tokenizer.ggml.add_bos_token"):
        raise InputError(
            "a GGUF with this tokeniser cannot be converted",
            given=kind,
            remedy="use a checkpoint that transformers opens, or add its pre-tokeniser here",
        )
    names = lists["tokens"]
    merges = [tuple(merge.split(" ")) for merge in lists["merges"]]
    made = Tokenizer(models.BPE({name: i for i, name in enumerate(names)}, merges))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    made.decoder = decoders.ByteLevel()
    control = [n for n, t in zip(names, lists["token_type"], strict=True) if t == CONTROL]
    made.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in control])
    special = {
        ours: names[facts[f"tokenizer.ggml.{theirs}_token_id"]]
        for ours, theirs in (("bos", "bos"), ("eos", "eos"), ("pad", "padding"), ("unk", "unknown"))
    }
    return PreTrainedTokenizerFast(
        tokenizer_object=made,
        **{f"{name}_token": token for name, token in special.items()},
        clean_up_tokenization_spaces=False,
        padding_side="left",
        chat_template=facts.get("tokenizer.chat_template"),
        model_max_length=facts["llama.context_length"],
    )


def _damaged(file: Path, error: Exception) -> InputError:
    return InputError(
        f"{file.name} is no whole GGUF file of a language model: {' '.join(str(error).split())[:200]}",
        remedy="get it again",
    )
