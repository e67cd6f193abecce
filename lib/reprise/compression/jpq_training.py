"""Training JPQ: a step encodes queries only, searches the index as it is, and moves encoder and centroids.

See `jpq` for the method and its losses. The index is live because it *is* the centroids: candidates of a step
come from an exhaustive search with the centroids of that step. Encoder and centroids have learning rates
of their own (5e-6 and 1e-4 in the paper), and centroids do not decay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprise.compression.jpq import add_missed, decode, margin_loss, rank_weighted_loss, with_centroids
from reprise.compression.pooling import check_pooling, pooled_vectors, save_pooled
from reprise.compression.product import ProductCode
from reprise.compression.pseudo_labels import PairTeacher
from reprise.errors import InputError, ParameterError
from reprise.retrieval.checkpoint import load_transformer
from reprise.retrieval.contrastive import inner_products
from reprise.retrieval.tower import freeze_lower_layers, tokenise
from reprise.retrieval.training import Progress, TrainingLog, train
from reprise.retrieval.training_settings import TrainingSettings

if TYPE_CHECKING:
    import torch

CODEBOOKS = {"initial": "initial.npz", "trained": "trained.npz"}


class JudgedQuery(NamedTuple):
    """A training query and the positions of its positives in the corpus."""

    query: str
    positives: tuple[int, ...]


@dataclass(frozen=True)
class JpqSettings:
    """The method's own settings; `ParameterError` for one that is out of range.

    `depth` documents are searched a query; `scale` multiplies scores. `pooling` and `norm` are those of the
    encoder that made the documents' vectors.
    """

    depth: int = 200
    rank_cut: int = 200
    centroid_rate: float = 1e-4
    scale: float = 20.0
    teacher_scale: float = 1.0
    norm: float | None = 1.0
    pooling: str = "mean"

    def __post_init__(self) -> None:
        if min(self.depth, self.rank_cut) < 1:
            raise ParameterError("depth and rank_cut must be at least 1", given=(self.depth, self.rank_cut))
        if min(self.centroid_rate, self.scale, self.teacher_scale) <= 0:
            raise ParameterError(
                "rates and scales must be above 0",
                given=(self.centroid_rate, self.scale, self.teacher_scale),
            )
        check_pooling(self.pooling, self.norm)


class Corpus(NamedTuple):
    """What JPQ needs of a corpus: its codes (documents, sub-spaces), and texts where a teacher reads them."""

    codes: np.ndarray
    texts: Sequence[str] = ()


def train_jpq(
    start: str | Path,
    judged: Sequence[JudgedQuery],
    corpus: Corpus,
    initial: ProductCode,
    folder: str | Path,
    settings: TrainingSettings,
    *,
    method: JpqSettings | None = None,
    teacher: PairTeacher | None = None,
    max_query_tokens: int = 32,
    trained_layers: int | None = None,
    checkpoint_folder: str | Path | None = None,
    progress: Progress | None = None,
) -> tuple[ProductCode, TrainingLog]:
    """Train the query encoder `start` and the centroids; write both codebooks and the encoder in the folder.

    Without a `teacher` the loss is JPQ's own (with generated queries: JPQ+GenQ); with one it is GPL's, on the
    current top `method.depth`, and the teacher is asked once for every pair of texts. Raises `InputError`,
    before anything is loaded, for a query without text or positive, and for positions beyond the corpus.
    """
    import torch

    method = method or JpqSettings()
    _check(judged, corpus, initial, teacher)
    model, tokenizer = load_transformer(start)
    freeze_lower_layers(model, trained_layers)
    module = torch.nn.ModuleDict({"encoder": model})
    module.centroids = torch.nn.Parameter(torch.from_numpy(initial.centroids.copy()))
    rotation = torch.from_numpy(initial.rotation).to(settings.device)
    codes = torch.from_numpy(corpus.codes.astype(np.int64)).to(settings.device)
    remembered: dict[tuple[str, int], float] = {}

    def loss(batch: Sequence[JudgedQuery], generator: np.random.Generator) -> torch.Tensor:
        tokens = tokenise(tokenizer, [q.query for q in batch], max_query_tokens, settings.device)
        queries = inner_products(pooled_vectors(model, tokens, method.pooling, method.norm), rotation)
        candidates, positive = add_missed(
            _search(queries.detach(), module.centroids.detach(), codes, method.depth),
            [q.positives for q in batch],
        )
        there = candidates >= 0
        chosen = codes[torch.from_numpy(np.maximum(candidates, 0)).to(settings.device)]
        with torch.autocast(torch.device(settings.device).type, enabled=False):
            vectors = decode(module.centroids, chosen)
            scores = method.scale * torch.einsum("qd,qnd->qn", queries, vectors)
        masks = [torch.from_numpy(mask).to(settings.device) for mask in (positive, there)]
        if teacher is None:
            return rank_weighted_loss(scores, *masks, method.rank_cut)
        labels = _ask(teacher, batch, candidates, corpus.texts, remembered)
        goal = torch.from_numpy(method.teacher_scale * labels).float().to(settings.device)
        return margin_loss(scores, goal, *masks)

    def optimiser(module: torch.nn.Module, settings: TrainingSettings) -> torch.optim.Optimizer:
        weights = [p for p in model.parameters() if p.requires_grad]
        return torch.optim.AdamW(
            [
                {"params": weights, "weight_decay": settings.weight_decay},
                {"params": [module.centroids], "lr": method.centroid_rate, "weight_decay": 0.0},
            ],
            lr=settings.learning_rate,
        )

    log = train(
        module,
        loss,
        judged,
        settings,
        optimiser=optimiser,
        checkpoint_folder=checkpoint_folder,
        progress=progress,
    )
    save_pooled(model, tokenizer, folder, method.pooling, method.norm)
    trained = with_centroids(initial, module.centroids.detach().cpu().numpy())
    for name, code in {"initial": initial, "trained": trained}.items():
        code.save(Path(folder) / CODEBOOKS[name])
    return trained, log


def open_codebooks(folder: str | Path) -> Mapping[str, ProductCode]:
    """The "initial" and "trained" codes that `train_jpq` wrote; `InputError` when one is missing."""
    return {name: ProductCode.open(Path(folder) / file) for name, file in CODEBOOKS.items()}


def _search(queries: torch.Tensor, centroids: torch.Tensor, codes: torch.Tensor, depth: int) -> np.ndarray:
    """Positions (queries, depth) of the best documents, best first."""
    scores = inner_products(queries, decode(centroids, codes))
    return scores.topk(min(depth, len(codes)), dim=1).indices.cpu().numpy()


def _ask(
    teacher: PairTeacher,
    batch: Sequence[JudgedQuery],
    candidates: np.ndarray,
    texts: Sequence[str],
    remembered: dict[tuple[str, int], float],
) -> np.ndarray:
    """The teacher's scores (queries, width); a pair is asked for once, padding counts as 0."""
    wanted = [
        (judged.query, int(place))
        for judged, row in zip(batch, candidates, strict=True)
        for place in row
        if place >= 0
    ]
    new = [pair for pair in dict.fromkeys(wanted) if pair not in remembered]
    if new:
        scores = np.asarray(teacher([(query, texts[place]) for query, place in new]), dtype=float)
        # rounded: last bits depend on which texts share a batch, and that on where a run was resumed
        remembered.update(zip(new, scores.round(3).tolist(), strict=True))
    return np.array(
        [
            [remembered[judged.query, int(place)] if place >= 0 else 0.0 for place in row]
            for judged, row in zip(batch, candidates, strict=True)
        ]
    )


def _check(
    judged: Sequence[JudgedQuery], corpus: Corpus, initial: ProductCode, teacher: PairTeacher | None
) -> None:
    if not len(corpus.codes) or corpus.codes.shape[1] != initial.subspaces:
        raise InputError(
            "the corpus has no codes of this codebook",
            given=(corpus.codes.shape, initial.subspaces),
            remedy="assign the codes with the initial centroids",
        )
    if teacher is not None and len(corpus.texts) != len(corpus.codes):
        raise InputError(
            "a teacher needs the text of every document", given=(len(corpus.texts), len(corpus.codes))
        )
    for query, positives in judged:
        if not query.strip() or not positives:
            raise InputError("a training query has no text or no positive", given=(query, positives))
        if not all(0 <= place < len(corpus.codes) for place in positives):
            raise InputError(f"query {query!r} has a positive beyond the corpus", given=positives)
