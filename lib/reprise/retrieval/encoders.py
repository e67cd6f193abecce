"""Text to vectors: one transformer for queries and passages, with mean or first-token pooling.

The encoder is a checkpoint folder (see `checkpoint`), the embedded all-MiniLM-L6-v2 (equal to what
sentence-transformers computes with it), or one of the papers' released encoders (see `paper_encoders`).
Texts are sorted by length, so that a batch has little padding; vectors come back in the order of the texts.
The same checkpoint, precision, batch size and number of threads give the same bytes on one machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.retrieval.checkpoint import (
    DESCRIPTION,
    MINILM,
    check_name,
    load_transformer,
    read_description,
)
from reprise.retrieval.torch_settings import use_threads
from reprise.retrieval.tower import Read, hidden_states, tokenise
from reprise.retrieval.training import Progress
from reprise.texts import check_texts

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PAPER_ENCODERS = ("ance", "tct_colbert-v2-hnp", "distilbert-dot-tas_b-b256")

SHORT_NAMES = {"minilm": MINILM, "tct-v2": "tct_colbert-v2-hnp", "tas-b": "distilbert-dot-tas_b-b256"}
"""What the tables call an encoder, where that is not its own name. A folder of that name is `./minilm`."""


class Encoder(Protocol):
    """What a dense retriever needs: both methods give (texts, dim) float32, in the order of the texts.

    `fingerprint` is a hash of all that the vectors depend on besides the texts.
    """

    dim: int
    fingerprint: str

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray: ...

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray: ...


@dataclass(frozen=True)
class TransformerEncoder:
    """A transformer and how its token vectors become one; made by `load_encoder`.

    `pooling` "mean" averages the token vectors (padding left out), "cls" takes the first. Pooling and scaling
    are done in float32 whatever the precision. Token limits count special tokens.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    pooling: str = "mean"
    normalise: bool = True
    max_query_tokens: int = 32
    max_document_tokens: int = 256
    precision: str = "float32"
    threads: int | None = None
    device: str = "cpu"
    batch_size: int = 32

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self.model.config.hidden_size

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of weights, tokeniser and settings; where the checkpoint lies makes no difference."""
        import torch

        digest = hashlib.sha256()
        for name, weight in sorted(self.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(weight.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        tokens = sorted(self.tokenizer.get_vocab().items()), type(self.tokenizer).__name__
        settings = [
            self.pooling,
            self.normalise,
            self.max_query_tokens,
            self.max_document_tokens,
            self.precision,
        ]
        digest.update(json.dumps([tokens, settings]).encode())
        return digest.hexdigest()

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Vectors of queries: (texts, dim) float32; `InputError` for an empty query."""
        refuse_empty(texts, "query")
        return self.encode_read(texts, self._reader(self.max_query_tokens), self.model, progress)

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Vectors of documents: (texts, dim) float32; `progress(iterable, total=n)` wraps the batches."""
        check_texts(texts, "document")
        return self.encode_read(texts, self._reader(self.max_document_tokens), self.model, progress)

    def encode_read(
        self, texts: Sequence[str], read: Read, model: PreTrainedModel, progress: Progress | None = None
    ) -> np.ndarray:
        """Vectors (texts, dim) float32 by `model`, this encoder's or a part of it, from what `read` gives."""
        import torch

        vectors = np.zeros((len(texts), self.dim), np.float32)
        order = encoding_order(texts)
        starts = range(0, len(order), self.batch_size)
        with torch.inference_mode(), use_threads(self.threads):
            for start in progress(starts, total=len(starts)) if progress else starts:
                batch = order[start : start + self.batch_size]
                tokens = read([texts[i] for i in batch])
                hidden = hidden_states(model, tokens).float()
                vectors[batch] = self._pool(hidden, tokens["attention_mask"]).cpu().numpy()
        return vectors

    def _reader(self, max_tokens: int) -> Read:
        return partial(tokenise, self.tokenizer, max_tokens=max_tokens, device=self.device)

    def _pool(self, hidden: Any, mask: Any) -> Any:
        """(texts, tokens, dim) to (texts, dim)."""
        import torch

        if self.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            weights = mask[..., None].to(hidden.dtype)
            pooled = (hidden * weights).sum(1) / weights.sum(1)
        return torch.nn.functional.normalize(pooled, dim=-1) if self.normalise else pooled


def load_encoder(
    name_or_folder: str | Path,
    *,
    precision: str = "float32",
    threads: int | None = None,
    device: str = "cpu",
    batch_size: int = 32,
    max_query_tokens: int = 32,
    max_document_tokens: int = 256,
    pooling: str = "mean",
    normalise: bool = True,
) -> Encoder:
    """Load an encoder: a checkpoint folder, "all-MiniLM-L6-v2", a name in `PAPER_ENCODERS`, or a short one.

    `precision` "bfloat16" stores the weights and computes in it: about twice as fast on a CPU that knows it.
    A folder's `reprise.json` has the last word on pooling, scaling and token limits; the papers' encoders
    bring theirs. Raises `ParameterError` for an option out of range and a name that no checkpoint can have,
    `EnvironmentNotReady` when it cannot be had, and `InputError` when the folder holds another kind.
    """
    import torch

    _check("precision", precision, ("float32", "bfloat16"))
    _check("pooling", pooling, ("mean", "cls"))
    limits = {
        "batch_size": batch_size,
        "max_query_tokens": max_query_tokens,
        "max_document_tokens": max_document_tokens,
        "threads": 1 if threads is None else threads,
    }
    for name, value in limits.items():
        if value < 1:
            raise ParameterError(f"{name} must be at least 1", given=value)
    check_name(str(name_or_folder), (MINILM, *PAPER_ENCODERS, *SHORT_NAMES))
    name_or_folder = SHORT_NAMES.get(str(name_or_folder), name_or_folder)
    if str(name_or_folder) in PAPER_ENCODERS:
        from reprise.retrieval.paper_encoders import load_paper_encoder

        return load_paper_encoder(str(name_or_folder), device=device, threads=threads, batch_size=batch_size)
    settings = {
        "pooling": pooling,
        "normalise": normalise,
        "max_query_tokens": max_query_tokens,
        "max_document_tokens": max_document_tokens,
    }
    if str(name_or_folder) != MINILM and (Path(name_or_folder) / DESCRIPTION).is_file():
        described = read_description(name_or_folder, "dense")
        settings |= {name: described[name] for name in settings if name in described}
    model, tokenizer = load_transformer(name_or_folder)
    model = model.to(device=device, dtype=getattr(torch, precision))
    return TransformerEncoder(
        model,
        tokenizer,
        precision=precision,
        threads=threads,
        device=device,
        batch_size=batch_size,
        **settings,
    )


def encoding_order(texts: Sequence[str]) -> list[int]:
    """The order in which texts are batched: the slowest batches first, and little padding in each.

    >>> encoding_order(["ab", "abc", "xy"])
    [1, 0, 2]
    """
    return sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))


def refuse_empty(texts: Sequence[str], what: str) -> None:
    """Raise `InputError` for the first text without a word, and as `check_texts` does."""
    check_texts(texts, what)
    for place, text in enumerate(texts):
        if not text.strip():
            raise InputError(f"{what} {place} has no text", given=text, remedy="give it text or leave it out")


def _check(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ParameterError(f"{name} must be one of {', '.join(allowed)}", given=value)
