"""The ANCE-PRF query encoder: a transformer, a way to make one vector of its sequence, and a head.

Yu et al. 2021 (arXiv 2108.13454), section 3: it is the dense retriever's own query encoder, from which
training goes on, and reads the feedback passages as well. `ance_prf_load` makes it from a retriever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reprise.errors import ParameterError
from reprise.retrieval.ance_prf_input import PrfForm, build_inputs, pad_inputs
from reprise.retrieval.checkpoint import save_transformer
from reprise.retrieval.torch_settings import use_threads
from reprise.retrieval.training import Progress

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

KIND = "ance-prf"
HEAD = "head.pt"
POOLINGS = ("first", "mean", "query", "after-marker")


@dataclass(frozen=True)
class PrfEncoder:
    """A query encoder that reads feedback: `tower` holds the transformer ("body") and its "head".

    `pooling` is "first" (token), "mean", "after-marker" (the mean from the fifth position on), or "query":
    the mean up to the query's end token, of vectors that have read the passages.
    `normalise` scales vectors to unit length. Pooling, head and scaling are computed in float32.
    """

    tower: torch.nn.ModuleDict
    tokenizer: PreTrainedTokenizerBase
    form: PrfForm
    pooling: str = "mean"
    normalise: bool = True
    threads: int | None = None
    device: str = "cpu"
    batch_size: int = 32

    def __post_init__(self) -> None:
        if self.pooling not in POOLINGS:
            raise ParameterError("unknown pooling", given=self.pooling, remedy=f"choose from {POOLINGS}")
        readable = readable_tokens(self.tower["body"].config)
        if self.form.max_tokens > readable:
            raise ParameterError(
                "the encoder reads fewer tokens than max_tokens",
                given=(readable, self.form.max_tokens),
                remedy="lower max_tokens; it must still hold a query",
            )

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return _linear(self.tower["head"]).out_features

    def embed(self, queries: Sequence[str], passages: Sequence[Sequence[str]]) -> torch.Tensor:
        """Vectors (queries, dim) with their gradient: what training and `encode` both compute."""
        sequences = build_inputs(self.tokenizer, queries, passages, self.form)
        return self.embed_tokens(pad_inputs(sequences, self.tokenizer.pad_token_id, self.device))

    def embed_tokens(self, tokens: dict[str, torch.Tensor]) -> torch.Tensor:
        """Vectors of sequences that have been built and padded."""
        import torch

        hidden = self.tower["body"](**tokens).last_hidden_state.float()
        with torch.autocast(hidden.device.type, enabled=False):
            pooled = self.tower["head"](self._pool(hidden, **tokens))
            return torch.nn.functional.normalize(pooled, dim=-1) if self.normalise else pooled

    def encode(
        self, queries: Sequence[str], passages: Sequence[Sequence[str]], progress: Progress | None = None
    ) -> np.ndarray:
        """Vectors (queries, dim) float32 of queries with their passages, in the order of the queries."""
        import torch

        sequences = build_inputs(self.tokenizer, queries, passages, self.form)
        vectors = np.zeros((len(sequences), self.dim), np.float32)
        order = sorted(range(len(sequences)), key=lambda i: (-len(sequences[i]), i))  # the slowest first
        starts = range(0, len(order), self.batch_size)
        with torch.inference_mode(), use_threads(self.threads):
            for start in progress(starts, total=len(starts)) if progress else starts:
                batch = order[start : start + self.batch_size]
                tokens = pad_inputs([sequences[i] for i in batch], self.tokenizer.pad_token_id, self.device)
                vectors[batch] = self.embed_tokens(tokens).cpu().numpy()
        return vectors

    def _pool(
        self, hidden: torch.Tensor, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        """(sequences, tokens, dim) to (sequences, dim)."""
        if self.pooling == "first":
            return hidden[:, 0]
        weights = attention_mask.clone()
        if self.pooling == "after-marker":
            weights[:, :4] = 0
        elif self.pooling == "query":
            ends = (input_ids == self.tokenizer.sep_token_id).long()
            weights[ends.cumsum(1) - ends > 0] = 0  # what stands behind the first end token
        weights = weights[..., None].to(hidden.dtype)
        return (hidden * weights).sum(1) / weights.sum(1)

    def reset_head(self, seed: int) -> None:
        """Draw the head anew, as BERT's layers are: N(0, 0.02), biases 0, LayerNorm 1 and 0."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        for part in self.tower["head"].modules():
            if isinstance(part, torch.nn.Linear):
                torch.nn.init.normal_(part.weight, std=0.02, generator=generator)
                torch.nn.init.zeros_(part.bias)
            elif isinstance(part, torch.nn.LayerNorm):
                part.reset_parameters()

    def save(self, folder: str | Path) -> None:
        """Write the folder that `load_prf_encoder` opens again."""
        import torch

        about = {"pooling": self.pooling, "normalise": self.normalise, "form": asdict(self.form)}
        save_transformer(self.tower["body"], self.tokenizer, folder, {"kind": KIND, **about})
        torch.save(self.tower["head"].state_dict(), Path(folder) / HEAD)


def _linear(head: torch.nn.Module) -> torch.nn.Linear:
    return head[0] if len(list(head.children())) else head


def readable_tokens(config: Any) -> int:
    """How many tokens the encoder has positions for; RoBERTa's positions begin behind the padding id."""
    offset = config.pad_token_id + 1 if config.model_type == "roberta" else 0
    return config.max_position_embeddings - offset
