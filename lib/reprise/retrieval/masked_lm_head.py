"""A masked-language-model head on an encoder that has none: how well each token fits each position.

    logit(t) = transform(h) . E_t + b_t          E: the encoder's own word embeddings (tied)

SPLADE (Formal et al. 2109.10086, section 3) takes BERT's head, a dense layer with GeLU and LayerNorm before
the same product. all-MiniLM-L6-v2 comes without one, and a random layer would lose what the embeddings say,
so the transform here is one linear layer that starts as the identity, without activation. The states of
MiniLM give about half of all logits a value above 0: the bias of every token starts below 0 (-2 after layer
6, -3 after layer 4 keep a few hundred tokens a text), and is learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reprise.errors import InputError, ParameterError
from reprise.retrieval.checkpoint import read_description, write_description

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

KIND, WEIGHTS = "masked-lm-head", "head.safetensors"


def make_masked_lm_head(
    model: PreTrainedModel, *, bias: float = -2.0, vocabulary: Sequence[int] | None = None
) -> torch.nn.ModuleDict:
    """The head at its start: `transform` (identity) and `decoder` (tied embeddings, one bias a token).

    With a `vocabulary` of token ids the columns are theirs, in that order: tokens that no text of a
    collection and no query holds can match nothing where queries are not expanded. The embeddings are the
    encoder's own parameter, trained where the encoder's are; of a vocabulary they are a copy. Raises
    `InputError` when the embeddings are not as long as the states, and for a token that the encoder lacks or
    one named twice.
    """
    import math

    import torch

    if not math.isfinite(bias):
        raise ParameterError("the bias must be a finite number", given=bias)
    embeddings = model.get_input_embeddings().weight
    tokens, size = embeddings.shape
    if size != model.config.hidden_size:
        raise InputError(
            "the word embeddings are not as long as the states, so no head can be tied to them",
            given=(size, model.config.hidden_size),
        )
    columns = list(range(tokens)) if vocabulary is None else [int(t) for t in vocabulary]
    if not columns or len(set(columns)) < len(columns) or not 0 <= min(columns) <= max(columns) < tokens:
        raise InputError(
            "the vocabulary must be token ids of the encoder, each once", given=(len(columns), tokens)
        )
    transform = torch.nn.Linear(size, size)
    decoder = torch.nn.Linear(size, len(columns), device="meta")
    if vocabulary is None:
        decoder.weight = embeddings
    else:
        decoder.weight = torch.nn.Parameter(embeddings.detach()[columns].clone())
    decoder.bias = torch.nn.Parameter(torch.full((len(columns),), float(bias)))
    with torch.no_grad():
        transform.weight.copy_(torch.eye(size))
        transform.bias.zero_()
    return torch.nn.ModuleDict({"transform": transform, "decoder": decoder})


def token_logits(head: torch.nn.ModuleDict, states: torch.Tensor) -> torch.Tensor:
    """Logits (..., vocabulary) of states (..., dim)."""
    return head["decoder"](head["transform"](states))


def max_logits(head: torch.nn.ModuleDict, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The largest logit of each token over a text's own positions: (texts, vocabulary).

    States are (texts, tokens, dim), the mask (texts, tokens). Activations that never fall, such as log(1 +
    ReLU), give the same before and after the maximum; after it they cost one value a token.
    """
    import torch

    logits = token_logits(head, states)
    lowest = torch.finfo(logits.dtype).min
    return logits.masked_fill(mask[..., None] == 0, lowest).amax(1)


def save_masked_lm_head(
    head: torch.nn.ModuleDict, folder: str | Path, vocabulary: Sequence[int] | None = None
) -> None:
    """Write the head with its own copy of the embeddings, and `reprise.json` with the vocabulary."""
    from safetensors.torch import save_file

    Path(folder).mkdir(parents=True, exist_ok=True)
    weights = {name: weight.detach().cpu().clone() for name, weight in head.state_dict().items()}
    save_file(weights, Path(folder) / WEIGHTS)
    tokens = None if vocabulary is None else [int(t) for t in vocabulary]
    write_description(folder, {"kind": KIND, "vocabulary": tokens})


def open_masked_lm_head(
    folder: str | Path, model: PreTrainedModel
) -> tuple[torch.nn.ModuleDict, list[int] | None]:
    """The head that `save_masked_lm_head` wrote, tied to the model's embeddings, and its vocabulary.

    The embeddings of a whole vocabulary are the model's again and get the saved values.
    """
    import torch
    from safetensors.torch import load_file

    vocabulary = read_description(folder, KIND)["vocabulary"]
    head = make_masked_lm_head(model, vocabulary=vocabulary)
    with torch.no_grad():
        head.load_state_dict(load_file(Path(folder) / WEIGHTS))
    return head, vocabulary
