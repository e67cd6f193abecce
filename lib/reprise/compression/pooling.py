"""How an encoder that is trained for codes makes its vectors, and how it is written so that it opens alike.

The embedded encoder averages tokens and scales to a length; TAS-B takes the first token as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from reprise.errors import ParameterError
from reprise.retrieval.checkpoint import save_transformer

if TYPE_CHECKING:
    import torch


def check_pooling(pooling: str, norm: float | None) -> None:
    """Raise `ParameterError` for an unknown pooling or a length that is not above 0.

    >>> check_pooling("cls", None)
    """
    if pooling not in ("mean", "cls"):
        raise ParameterError("pooling is 'mean' or 'cls'", given=pooling)
    if norm is not None and norm <= 0:
        raise ParameterError("norm must be above 0, or None for vectors as they are", given=norm)


def pooled_vectors(
    model: Any, tokens: dict[str, torch.Tensor], pooling: str, norm: float | None
) -> torch.Tensor:
    """Vectors (texts, dim), float32: tokens averaged or the first one, of length `norm` or as they are."""
    import torch

    hidden = model(**tokens).last_hidden_state.float()
    mask = tokens["attention_mask"][..., None].float()
    pooled = hidden[:, 0] if pooling == "cls" else (hidden * mask).sum(1) / mask.sum(1)
    return pooled if norm is None else norm * torch.nn.functional.normalize(pooled, dim=-1)


def save_pooled(model: Any, tokenizer: Any, folder: str | Path, pooling: str, norm: float | None) -> None:
    """Write the folder that `load_encoder` opens: vectors of unit length where there is a `norm`."""
    description = {"kind": "dense", "pooling": pooling, "normalise": norm is not None}
    limits = {"max_query_tokens": 32, "max_document_tokens": 256}
    save_transformer(model, tokenizer, folder, {**description, **limits})
