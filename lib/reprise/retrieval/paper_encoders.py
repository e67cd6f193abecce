"""The released encoders of the papers, through pyserini's own encoder classes.

| name | checkpoint | paper |
|---|---|---|
| ance | castorini/ance-msmarco-passage | Xiong et al. 2021, arXiv 2007.00808 |
| tct_colbert-v2-hnp | castorini/tct_colbert-v2-hnp-msmarco | Lin et al. 2021, RepL4NLP |
| distilbert-dot-tas_b-b256 | sebastian-hofstaetter/distilbert-dot-tas_b-b256-msmarco | arXiv 2104.06967 |

ANCE was trained on lower-cased text. Its tokeniser keeps capitals; pyserini lower-cases queries by an
attribute that newer tokenisers ignore, and documents not at all. Here text is lower-cased before it is handed
on, which is right with every version. Under transformers 5, pyserini 1.6.0 silently leaves ANCE's head at
random weights (pyserini pull request 2464), so that combination is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from reprise.errors import EnvironmentNotReady, ParameterError
from reprise.retrieval.encoders import refuse_empty
from reprise.retrieval.torch_settings import use_threads
from reprise.retrieval.training import Progress
from reprise.texts import check_texts


class PaperEncoderSpec(NamedTuple):
    """A checkpoint on the hub and the pyserini classes that encode with it."""

    checkpoint: str
    query_class: str
    document_class: str
    max_document_tokens: int
    lower_case: bool = False


SPECS = {
    "ance": PaperEncoderSpec(
        "castorini/ance-msmarco-passage", "AnceQueryEncoder", "AnceDocumentEncoder", 256, lower_case=True
    ),
    "tct_colbert-v2-hnp": PaperEncoderSpec(
        "castorini/tct_colbert-v2-hnp-msmarco", "TctColBertQueryEncoder", "TctColBertDocumentEncoder", 512
    ),
    "distilbert-dot-tas_b-b256": PaperEncoderSpec(
        "sebastian-hofstaetter/distilbert-dot-tas_b-b256-msmarco",
        "AutoQueryEncoder",
        "AutoDocumentEncoder",
        256,
    ),
}


@dataclass(frozen=True)
class PaperEncoder:
    """A pair of pyserini encoders, each loaded when it is first used; made by `load_paper_encoder`."""

    name: str
    checkpoint: str
    device: str = "cpu"
    threads: int | None = None
    batch_size: int = 32

    @property
    def spec(self) -> PaperEncoderSpec:
        """Classes and limits of this kind of encoder."""
        return SPECS[self.name]

    @cached_property
    def query_encoder(self) -> Any:
        """pyserini's query encoder."""
        return self._load(self.spec.query_class)

    @cached_property
    def document_encoder(self) -> Any:
        """pyserini's document encoder."""
        return self._load(self.spec.document_class)

    @cached_property
    def dim(self) -> int:
        """Length of a vector."""
        return self.encode_queries(["length"]).shape[1]

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of the loaded weights and of how text is handed on."""
        import torch

        digest = hashlib.sha256(json.dumps([self.name, *self.spec[1:]]).encode())
        for name, weight in sorted(self.query_encoder.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(weight.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
        return digest.hexdigest()

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Vectors (texts, dim) float32, one query at a time, as pyserini; `InputError` for an empty one."""
        import torch

        refuse_empty(texts, "query")
        texts = self._prepare(texts)
        with torch.inference_mode(), use_threads(self.threads):
            each = progress(range(len(texts)), total=len(texts)) if progress else range(len(texts))
            return np.stack([self.query_encoder.encode(texts[i]) for i in each]).astype(np.float32)

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Vectors (texts, dim) float32; `progress(iterable, total=n)` wraps the batches."""
        import torch

        check_texts(texts, "document")
        texts = self._prepare(texts)
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        starts = range(0, len(order), self.batch_size)
        vectors = np.zeros((len(texts), self.dim), np.float32)
        with torch.inference_mode(), use_threads(self.threads):
            for start in progress(starts, total=len(starts)) if progress else starts:
                batch = order[start : start + self.batch_size]
                vectors[batch] = self.document_encoder.encode(
                    [texts[i] for i in batch], max_length=self.spec.max_document_tokens
                )
        return vectors

    def _prepare(self, texts: Sequence[str]) -> list[str]:
        return [text.lower() for text in texts] if self.spec.lower_case else list(texts)

    def _load(self, class_name: str) -> Any:
        from reprise.retrieval.java import start_java

        start_java()  # pyserini must find a running JVM when it is imported
        from pyserini import encode

        try:
            encoder = getattr(encode, class_name)(self.checkpoint, device=self.device)
        except (OSError, ValueError) as error:
            raise EnvironmentNotReady(
                f"the encoder {self.name!r} cannot be loaded: {error}",
                given=self.checkpoint,
                remedy="connect to the hub once, or give a local checkpoint",
            ) from error
        encoder.model.eval()
        return encoder


def load_paper_encoder(
    name: str,
    checkpoint: str | None = None,
    *,
    device: str = "cpu",
    threads: int | None = None,
    batch_size: int = 32,
) -> PaperEncoder:
    """One of the papers' encoders, from the hub or from a local `checkpoint` of the same kind.

    Raises `ParameterError` for an unknown name and `EnvironmentNotReady` under transformers 5; a checkpoint
    that cannot be loaded raises `EnvironmentNotReady` when it is first used.
    """
    import transformers

    if name not in SPECS:
        raise ParameterError(f"unknown encoder {name!r}", given=sorted(SPECS))
    if int(transformers.__version__.split(".")[0]) >= 5:
        raise EnvironmentNotReady(
            "under transformers 5 pyserini 1.6.0 leaves weights of encoders random",
            given=transformers.__version__,
            remedy="install transformers below 5",
        )
    return PaperEncoder(name, str(checkpoint or SPECS[name].checkpoint), device, threads, batch_size)
