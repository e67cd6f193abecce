"""Late interaction: a query and a document meet token by token, as in ColBERT.

Khattab and Zaharia 2020, equation 3: for each query token the largest cosine with any document token,
summed over the query's tokens. Used here as the teacher of a bi-encoder (`distillation`), as ColBERT is
for TCT-ColBERT (Lin et al. 2021).

Deviations: the linear projection keeps the encoder's own dimension unless asked and starts as the
identity, so that an encoder trained for mean pooling is a fair ranker from the first step; queries are
not filled up with [MASK]; punctuation is not dropped; [CLS] and [SEP] take part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reprise.errors import InputError, ParameterError
from reprise.retrieval.checkpoint import load_transformer, read_description, save_transformer
from reprise.retrieval.ranking_loss import InfoNCE, batch_loss
from reprise.retrieval.torch_settings import autocast, use_threads
from reprise.retrieval.tower import freeze_lower_layers, tokenise
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings
from reprise.retrieval.triples import Triple, check_triples
from reprise.texts import check_texts

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase


def make_module(start: str | Path, dim: int | None = None) -> tuple[torch.nn.Module, PreTrainedTokenizerBase]:
    """The encoder with a projection to `dim` values a token (`None`: as many as the encoder has), starting as
    the identity, or as its first `dim` rows."""
    import torch

    model, tokenizer = load_transformer(start)
    size = model.config.hidden_size
    dim = size if dim is None else dim
    if not 1 <= dim <= size:
        raise ParameterError("dim must be from 1 to the encoder's own dimension", given=(dim, size))
    projection = torch.nn.Linear(size, dim, bias=False)
    torch.nn.init.eye_(projection.weight)
    return torch.nn.ModuleDict({"encoder": model, "projection": projection}), tokenizer


def token_vectors(module: torch.nn.Module, tokens: dict[str, torch.Tensor]) -> torch.Tensor:
    """Unit vectors (texts, tokens, dim), float32; zero for padding, so that it adds nothing to a query."""
    import torch

    projected = module["projection"](module["encoder"](**tokens).last_hidden_state).float()
    return torch.nn.functional.normalize(projected, dim=-1) * tokens["attention_mask"][..., None].float()


def max_sim(queries: torch.Tensor, documents: torch.Tensor, document_mask: torch.Tensor) -> torch.Tensor:
    """Scores (queries, documents) of token vectors (texts, tokens, dim); the mask is (documents, tokens).

    >>> import torch
    >>> queries = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    >>> documents = torch.tensor([[[0.6, 0.8], [0.0, -1.0]]])
    >>> round(max_sim(queries, documents, torch.tensor([[1, 1]])).item(), 3)    # 0.6 + 0.8
    1.4
    """
    import torch

    with torch.autocast(queries.device.type, enabled=False):
        flat = queries.reshape(-1, queries.shape[-1]) @ documents.reshape(-1, documents.shape[-1]).T
    cosines = flat.view(*queries.shape[:2], *documents.shape[:2])
    # finfo.min rather than -inf: a query's padding would otherwise turn 0 x inf into NaN in the gradient
    cosines = cosines.masked_fill(document_mask[None, None] == 0, torch.finfo(cosines.dtype).min)
    return cosines.amax(-1).sum(1)


def train_late_interaction(
    start: str | Path,
    triples: Sequence[Triple],
    folder: str | Path,
    settings: TrainingSettings,
    *,
    dim: int | None = None,
    scale: float = 1.0,
    negatives: int = 1,
    max_query_tokens: int = 24,
    max_document_tokens: int = 96,
    trained_layers: int | None = None,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> TrainingLog:
    """Train with InfoNCE over in-batch and hard negatives, and write the folder that `LateInteraction` opens.

    Scores are sums of cosines, so `scale` is 1 as in ColBERT. Raises `InputError` as `train_dense` does.
    """

    check_triples(triples, negatives)
    module, tokenizer = make_module(start, dim)
    freeze_lower_layers(module["encoder"], trained_layers)

    def score(queries: Sequence[str], passages: Sequence[str]) -> torch.Tensor:
        left = tokenise(tokenizer, queries, max_query_tokens, settings.device)
        right = tokenise(tokenizer, passages, max_document_tokens, settings.device)
        vectors = token_vectors(module, left), token_vectors(module, right)
        return max_sim(*vectors, right["attention_mask"])

    loss = batch_loss(score, InfoNCE(negatives, scale))
    log = train(module, loss, triples, settings, checkpoint_folder=checkpoint_folder, progress=progress)
    save_late_interaction(module, tokenizer, folder)
    return log


def save_late_interaction(
    module: torch.nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    folder: str | Path,
    *,
    max_query_tokens: int = 32,
    max_document_tokens: int = 256,
) -> None:
    """Write the encoder, the projection beside it, and `reprise.json`."""
    from safetensors.torch import save_file

    save_transformer(
        module["encoder"],
        tokenizer,
        folder,
        {
            "kind": "late-interaction",
            "max_query_tokens": max_query_tokens,
            "max_document_tokens": max_document_tokens,
        },
    )
    save_file(
        {"weight": module["projection"].weight.detach().cpu().contiguous()},
        Path(folder) / "projection.safetensors",
    )


@dataclass(frozen=True)
class LateInteraction:
    """A trained late-interaction ranker."""

    module: torch.nn.Module
    tokenizer: PreTrainedTokenizerBase
    max_query_tokens: int = 32
    max_document_tokens: int = 256
    precision: str = "float32"
    threads: int | None = None
    batch_size: int = 32
    device: str = "cpu"

    @classmethod
    def open(
        cls,
        folder: str | Path,
        *,
        precision: str = "float32",
        threads: int | None = None,
        batch_size: int = 32,
        max_query_tokens: int | None = None,
        max_document_tokens: int | None = None,
        device: str = "cpu",
    ) -> LateInteraction:
        """Open a folder that `train_late_interaction` wrote; `InputError` for another kind of checkpoint.

        Token limits are the folder's own unless given; a teacher does well to read what its student reads.
        """
        import torch
        from safetensors.torch import load_file

        description = read_description(folder, "late-interaction")
        weight = load_file(Path(folder) / "projection.safetensors")["weight"]
        module, tokenizer = make_module(folder, len(weight))
        with torch.no_grad():
            module["projection"].weight.copy_(weight)
        return cls(
            module.eval().to(device),
            tokenizer,
            max_query_tokens or description["max_query_tokens"],
            max_document_tokens or description["max_document_tokens"],
            precision,
            threads,
            batch_size,
            device,
        )

    def score_pairs(self, queries: Sequence[str], documents: Sequence[str]) -> np.ndarray:
        """The score of query i with document i: float32 (pairs,); `InputError` when the lengths differ."""
        import torch

        check_texts(queries, "query")
        check_texts(documents, "document")
        if len(queries) != len(documents):
            raise InputError("as many queries as documents make pairs", given=(len(queries), len(documents)))
        scores = np.zeros(len(queries), dtype=np.float32)
        for begin in range(0, len(queries), self.batch_size):
            end = begin + self.batch_size
            with torch.inference_mode(), use_threads(self.threads):
                left, right, mask = self._vectors(queries[begin:end], documents[begin:end])
                cosines = left @ right.transpose(1, 2)  # (pairs, query tokens, document tokens)
                cosines = cosines.masked_fill(mask[:, None] == 0, torch.finfo(cosines.dtype).min)
                scores[begin:end] = cosines.amax(-1).sum(-1).cpu().numpy()
        return scores

    def score_all(self, queries: Sequence[str], documents: Sequence[str]) -> np.ndarray:
        """Scores of every query with every document of one batch: float32 (queries, documents)."""
        import torch

        check_texts(queries, "query")
        check_texts(documents, "document")
        with torch.inference_mode(), use_threads(self.threads):
            return max_sim(*self._vectors(queries, documents)).cpu().numpy()

    def _vectors(self, queries: Sequence[str], documents: Sequence[str]) -> tuple:
        query_tokens = tokenise(self.tokenizer, queries, self.max_query_tokens, self.device)
        document_tokens = tokenise(self.tokenizer, documents, self.max_document_tokens, self.device)
        with autocast(self.device, self.precision):
            return (
                token_vectors(self.module, query_tokens),
                token_vectors(self.module, document_tokens),
                document_tokens["attention_mask"],
            )
