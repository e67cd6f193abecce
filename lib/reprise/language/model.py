"""Open a causal language model: the embedded one from where it was converted, or a paper's from the hub or a
folder.

One object holds the model and its tokeniser; the other modules here take it first. Weights are float32 or
bfloat16; logits and likelihoods are always float32. The same model, precision, batch and number of threads
give the same bytes on one machine; how many threads is the unit's affair.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprise.errors import EnvironmentNotReady, InputError, ParameterError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PRECISIONS = ("float32", "bfloat16")
Progress = Callable[..., Iterable[Any]]
"""Wraps what a long function goes through, as `progress(items, total=count)`, and gives the items."""


@dataclass(frozen=True)
class LanguageModel:
    """A causal language model; made by `open_language_model`."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    precision: str = "float32"

    @property
    def device(self) -> Any:
        """Where its weights lie."""
        return self.model.device

    @property
    def context(self) -> int:
        """The most tokens that it can read."""
        return self.model.config.max_position_embeddings

    @property
    def layers(self) -> int:
        """Blocks of attention and feed-forward network."""
        return self.model.config.num_hidden_layers

    @property
    def vocabulary(self) -> int:
        """Tokens that it gives a probability to."""
        return self.model.config.vocab_size

    @property
    def end_tokens(self) -> frozenset[int]:
        """Tokens that end a text."""
        end = self.model.generation_config.eos_token_id
        return frozenset() if end is None else frozenset([end] if isinstance(end, int) else end)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of weights, vocabulary and precision; where the model lies makes no difference."""
        import torch

        digest = hashlib.sha256(self.precision.encode())
        for name, weight in sorted(self.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(weight.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        digest.update(json.dumps(sorted(self.tokenizer.get_vocab().items())).encode())
        return digest.hexdigest()


def open_language_model(
    source: str | Path, *, precision: str = "float32", device: str = "cpu"
) -> LanguageModel:
    """The model in a folder (as `convert_gguf` leaves it, or any that transformers knows), or of a name on
    the hub.

    Nothing is downloaded. Raises `ParameterError` for an unknown precision, `EnvironmentNotReady` when there
    is no such model here, and `InputError` for one that is no causal language model with a tokeniser.
    """
    if precision not in PRECISIONS:
        raise ParameterError(f"precision must be one of {', '.join(PRECISIONS)}", given=precision)
    import torch
    from huggingface_hub.errors import HFValidationError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from reprise.language.attention import IMPLEMENTATION, register

    register()
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            source,
            dtype=getattr(torch, precision),
            attn_implementation=IMPLEMENTATION,
            local_files_only=True,
        )
    except (OSError, HFValidationError) as error:  # the second: neither a folder nor a name
        raise EnvironmentNotReady(
            f"there is no such language model here: {' '.join(str(error).split())[:200]}",
            given=str(source),
            remedy="give a folder with config.json, weights and tokeniser, or run `reprise fetch`",
        ) from error
    except ValueError as error:
        raise InputError(
            f"this is no causal language model that can be opened: {' '.join(str(error).split())[:200]}",
            given=str(source),
        ) from error
    return LanguageModel(model.to(device).eval(), tokenizer, precision)
