"""The part of an encoder that training touches, and how texts become its input.

Layers below the trained ones give the same states at every step. A tower whose lower layers are stored
(`stored_states`) starts from those states and computes only the layers above, whose weights it shares with
the whole encoder.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from reprise.errors import InputError

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from reprise.retrieval.stored_states import StoredStates

Tokens = dict[str, "torch.Tensor"]
"""`input_ids` and `attention_mask` (texts, tokens); `inputs_embeds` (texts, tokens, dim) where states are
stored."""

Read = Callable[[Sequence[str]], Tokens]


class Tower(NamedTuple):
    """A transformer, or its upper layers, and how queries and passages become its input."""

    model: PreTrainedModel
    queries: Read
    passages: Read


def open_tower(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    max_query_tokens: int,
    max_document_tokens: int,
    trained_layers: int | None = None,
    states: tuple[StoredStates, StoredStates] | None = None,
    *,
    device: str = "cpu",
    precision: str = "float32",
) -> Tower:
    """What to train of the model, all but the top `trained_layers` layers frozen (`None`: nothing is).

    `states` are those of queries and of passages, stored at the layer below the trained ones; `InputError`
    when they were made by another model, at another layer or precision, or with other limits of tokens.
    """
    freeze_lower_layers(model, trained_layers)
    limits = max_query_tokens, max_document_tokens
    if states is None:
        queries, passages = (
            partial(tokenise, tokenizer, max_tokens=limit, device=device) for limit in limits
        )
        return Tower(model, queries, passages)
    if trained_layers is None:
        raise InputError(
            "stored states stand in for layers that are not trained", remedy="set trained_layers"
        )
    below = len(model.encoder.layer) - trained_layers
    for stored, limit in zip(states, limits, strict=True):
        stored.check(model, tokenizer, layer=below, max_tokens=limit, precision=precision)
    queries, passages = (partial(stored.read, device=device) for stored in states)
    return Tower(upper_layers(model, below), queries, passages)


def tokenise(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_tokens: int, device: str = "cpu"
) -> Tokens:
    """Token ids and attention mask, cut at `max_tokens` (special tokens included), padded to the longest."""
    tokens = tokenizer(list(texts), padding=True, truncation=True, max_length=max_tokens, return_tensors="pt")
    return {name: tokens[name].to(device) for name in ("input_ids", "attention_mask")}


def hidden_states(model: PreTrainedModel, tokens: Tokens) -> torch.Tensor:
    """The last layer's states (texts, tokens, dim), from token ids or from stored states.

    Without token types: they are zero for a single text, and DistilBERT takes none.
    """
    name = "inputs_embeds" if "inputs_embeds" in tokens else "input_ids"
    return model(**{name: tokens[name]}, attention_mask=tokens["attention_mask"]).last_hidden_state


def freeze_lower_layers(model: PreTrainedModel, trained_layers: int | None) -> None:
    """Keep the embeddings and all but the top `trained_layers` layers of a BERT-like encoder as they are.

    `None` trains everything. Fewer trained layers stay closer to the start and cost less a step.
    """
    if trained_layers is None:
        return
    layers = model.encoder.layer
    if not 1 <= trained_layers <= len(layers):
        raise InputError(
            "trained_layers must be from 1 to the encoder's number of layers",
            given=(trained_layers, len(layers)),
        )
    for part in (model.embeddings, *layers[: len(layers) - trained_layers]):
        part.requires_grad_(False)


def lower_layers(model: PreTrainedModel, layer: int) -> PreTrainedModel:
    """The embeddings and the first `layer` layers, as a model of the same kind that shares the weights.

    Its last states are the inputs of layer `layer` (counted from 0); 0 layers leave the embeddings.
    """
    lower = _twin(model, layer, range(layer))
    lower.encoder.layer = lower.encoder.layer[:layer]
    return lower


def upper_layers(model: PreTrainedModel, layer: int) -> PreTrainedModel:
    """The layers from `layer` (counted from 0) on, as a model that takes states as `inputs_embeds`."""
    import torch

    class GivenStates(torch.nn.Module):
        """Stands in for the embeddings and hands on the states."""

        def forward(self, *_: Any, inputs_embeds: torch.Tensor, **__: Any) -> torch.Tensor:
            return inputs_embeds

    upper = _twin(model, layer, range(layer, len(model.encoder.layer)))
    upper.encoder.layer = upper.encoder.layer[layer:]
    upper.embeddings = GivenStates()
    return upper


def _twin(model: PreTrainedModel, layer: int, kept: range) -> PreTrainedModel:
    """Another skeleton around the same parameters, whose parts can be taken away."""
    if not 0 <= layer <= len(model.encoder.layer):
        raise InputError(
            "a layer must be from 0 to the encoder's number of layers",
            given=(layer, len(model.encoder.layer)),
        )
    twin = copy.deepcopy(model, {id(w): w for w in chain(model.parameters(), model.buffers())})
    twin.config.num_hidden_layers = len(kept)
    return twin
