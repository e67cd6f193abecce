"""JPQ: query encoder and PQ centroids trained together on what the index returns (Zhan et al., CIKM 2021).

arXiv 2108.00644. The start is OPQ+PQ on the vectors of a frozen document encoder. Trained are the query
encoder and the centroids; rotation, codes and document encoder stay. A score is (R e_q) . concat of the
centroids that a document's codes name. At each step the index as it is now is searched for the top
`depth` documents, missed positives are appended, and the loss is the mean over (positive, negative) pairs of

    |1 / rank+ - 1 / rank-| * log(1 + exp(s- - s+)),     1 / rank being 0 beyond `rank_cut`.

A new corpus without training: codes are assigned with the *initial* centroids and scored with the *trained*
ones. Adaptation (arXiv 2205.11498): GenQ is the same loss on generated queries; GPL replaces it with the
mean squared difference of margins s+ - s- and the cross-encoder's, on the index's current top 25. As in the
authors' scripts an adaptation starts from the encoder before hashing and from OPQ fitted to the new corpus.

Deviations: softplus for log(1 + exp(x)), which overflows; scores of unit vectors are multiplied by `scale`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reprise.compression.index import check_search, merge_ranked
from reprise.compression.product import ProductCode
from reprise.errors import InputError
from reprise.texts import check_ids, check_texts

if TYPE_CHECKING:
    import torch

_BLOCK = 262_144  # documents scored at once


@dataclass(frozen=True)
class JpqIndex:
    """Codes (documents, sub-spaces) of documents, and the code whose centroids score them.

    `corpus` is a fingerprint of the documents that were coded; `search` refuses another one.
    """

    codes: np.ndarray
    code: ProductCode
    corpus: str = ""

    @classmethod
    def from_vectors(
        cls, vectors: np.ndarray, initial: ProductCode, trained: ProductCode | None = None, corpus: str = ""
    ) -> JpqIndex:
        """Assign codes with the initial centroids; score with the trained ones where there are any."""
        if trained is not None and not np.array_equal(trained.rotation, initial.rotation):
            raise InputError(
                "the trained centroids belong to another rotation than the initial ones",
                remedy="take both from one training",
            )
        return cls(initial.assign(vectors), trained or initial, corpus)

    def __len__(self) -> int:
        """Number of documents."""
        return len(self.codes)

    @property
    def dim(self) -> int:
        """Length of a query vector."""
        return len(self.code.rotation)

    @property
    def code_bytes(self) -> float:
        """Size of one document's code."""
        return float(self.codes.shape[1])

    @property
    def stored_bytes(self) -> int:
        """Bytes of codes, centroids and rotation, as the arrays that are kept."""
        return self.codes.nbytes + self.code.centroids.nbytes + self.code.rotation.nbytes

    def nearest(
        self, queries: np.ndarray, depth: int, *, threads: int = 1, corpus: str | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Positions and scores (queries, depth); `threads` is there for the interface, numpy's are used.

        Raises `InputError` when `corpus` is given and is not the one that the codes were made from.
        """
        if corpus is not None and corpus != self.corpus:
            raise InputError(
                "the corpus has changed since its codes were made",
                given=(self.corpus[:12], corpus[:12]),
                remedy="assign the codes anew",
            )
        queries = self.code.rotate(check_search(queries, self.dim, depth, threads))
        places = np.zeros((len(queries), 0), np.int64)
        scores = np.zeros((len(queries), 0), np.float32)
        for begin in range(0, len(self), _BLOCK):
            part = queries @ self.code.decode(self.codes[begin : begin + _BLOCK]).T
            at = np.broadcast_to(np.arange(begin, begin + part.shape[1]), part.shape)
            places, scores = merge_ranked(np.hstack([scores, part]), np.hstack([places, at]), depth)
        return places, scores

    def save(self, path: str | Path) -> None:
        """Write codes, centroids and rotation as a numpy archive."""
        np.savez(
            path,
            codes=self.codes,
            rotation=self.code.rotation,
            centroids=self.code.centroids,
            corpus=np.array(self.corpus),
        )

    @classmethod
    def open(cls, path: str | Path) -> JpqIndex:
        """What `save` wrote; `InputError` when something is missing."""
        code = ProductCode.open(path)
        with np.load(path, allow_pickle=False) as saved:
            return cls(saved["codes"], code, str(saved["corpus"]))


def corpus_fingerprint(doc_ids: Sequence[str], texts: Sequence[str]) -> str:
    """A hash of ids and texts, in their order.

    >>> corpus_fingerprint(["a"], ["text"]) == corpus_fingerprint(["a"], ["Text"])
    False
    """
    check_ids(doc_ids, "document id")
    check_texts(texts, "document")
    digest = hashlib.sha256()
    for part in (*doc_ids, "\0", *texts):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def with_centroids(code: ProductCode, centroids: np.ndarray) -> ProductCode:
    """The code with other centroids of the same shape."""
    if centroids.shape != code.centroids.shape:
        raise InputError("the centroids have another shape", given=(centroids.shape, code.centroids.shape))
    return replace(code, centroids=np.asarray(centroids, np.float32))


def decode(centroids: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Rotated vectors (..., dim) of codes (..., sub-spaces), differentiable in the centroids."""
    import torch

    spaces = torch.arange(centroids.shape[0], device=codes.device)
    return centroids[spaces, codes].flatten(-2)


def add_missed(found: np.ndarray, positives: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Candidates (queries, width) with the missed positives appended, and which of them are positive.

    Rows with fewer missed positives than others end in -1, which stands for no document.

    >>> add_missed(np.array([[4, 2], [1, 3]]), [[2], [0]])[0].tolist()
    [[4, 2, -1], [1, 3, 0]]
    """
    missed = [
        [p for p in right if p not in row] for row, right in zip(found.tolist(), positives, strict=True)
    ]
    width = max(map(len, missed))
    added = np.array([row + [-1] * (width - len(row)) for row in missed], np.int64).reshape(len(found), width)
    candidates = np.hstack([found, added])
    positive = np.array([np.isin(row, right) for row, right in zip(candidates, positives, strict=True)])
    return candidates, positive


def rank_weighted_loss(
    scores: torch.Tensor, positive: torch.Tensor, there: torch.Tensor, rank_cut: int
) -> torch.Tensor:
    """JPQ's loss over candidates in the order of the index: scores, `positive` and `there` (queries, width).

    Column i has rank i + 1; `there` is False where a row has ended.

    >>> import torch
    >>> second, there = torch.tensor([[False, True]]), torch.ones(1, 2).bool()
    >>> round(rank_weighted_loss(torch.zeros(1, 2), second, there, 200).item(), 4)    # |1/2 - 1| * log 2
    0.3466
    """
    import torch

    ranks = torch.arange(1, scores.shape[1] + 1, device=scores.device)
    gain = torch.where(ranks <= rank_cut, 1 / ranks, 0.0)
    weights = (gain[:, None] - gain[None, :]).abs()
    pairs = (positive & there)[:, :, None] & (~positive & there)[:, None, :]
    surprise = torch.nn.functional.softplus(scores[:, None, :] - scores[:, :, None])
    return (weights * surprise * pairs).sum() / pairs.sum().clamp(min=1)


def margin_loss(
    scores: torch.Tensor, teacher: torch.Tensor, positive: torch.Tensor, there: torch.Tensor
) -> torch.Tensor:
    """Mean over queries of the mean squared difference of margins, over all (positive, negative) pairs.

    All pairs are formed explicitly: subtracting the two vectors, as the released code does, is right only for
    queries with one positive.

    >>> import torch
    >>> first, there = torch.tensor([[True, False]]), torch.ones(1, 2).bool()
    >>> margin_loss(torch.tensor([[3.0, 1.0]]), torch.tensor([[5.0, 2.0]]), first, there).item()
    1.0
    """
    pairs = (positive & there)[:, :, None] & (~positive & there)[:, None, :]
    difference = (scores - teacher)[:, :, None] - (scores - teacher)[:, None, :]
    squares = (difference.square() * pairs).sum((1, 2)) / pairs.sum((1, 2)).clamp(min=1)
    return squares.mean()
