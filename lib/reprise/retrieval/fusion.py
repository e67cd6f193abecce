"""Fusion of ranked lists: score interpolation and reciprocal rank fusion.

Interpolation (Wang et al., ICTIR 2021; Li et al., SIGIR 2022, arXiv 2205.00235, section 2):
weight * sparse score + (1 - weight) * dense score, after which the union of both lists is cut. Neither paper
says all that is needed to compute it; what is inferred from the former's code is a parameter with that
default: both lists scaled to 0..1 a query by their smallest and largest score (a list of equal scores
becomes all 1), 0 for a document that a list lacks, the whole of each list used, 1,000 documents kept.

pyserini's hybrid search with normalisation ranks the same as weight 0.5 with alpha 1, and in general with
alpha = weight / (1 - weight); its fusion method "normalize" ranks as weight 0.5.
"""

from __future__ import annotations

import numpy as np

from reprise.errors import ParameterError
from reprise.retrieval.ranked_rows import rank_rows
from reprise.retrieval.run import Run, align

NORMALISATIONS = ("min-max", "none")
NORMALISED = ("both", "sparse")
MISSING = ("zero", "minimum")


def normalise_scores(run: Run, normalisation: str = "min-max") -> np.ndarray:
    """Scores (queries, depth) in float64, 0 where a row has ended: scaled to 0..1 a query, or as they are.

    >>> run = Run.from_dict("r", {"q": {"a": 5.0, "b": 3.0, "c": 1.0}, "p": {"a": 7.0}})
    >>> normalise_scores(run).tolist()
    [[1.0, 0.5, 0.0], [1.0, 0.0, 0.0]]
    """
    _check("normalisation", normalisation, NORMALISATIONS)
    found = run.docs >= 0
    scores = np.where(found, run.scores, 0).astype(np.float64)
    if normalisation == "none":
        return scores
    largest = scores[:, :1]
    smallest = _minimum(run, scores)
    span = largest - smallest
    scaled = np.where(span > 0, (scores - smallest) / np.where(span > 0, span, 1), 1.0)
    return np.where(found, scaled, 0.0)


def interpolate(
    sparse: Run,
    dense: Run,
    weight: float = 0.5,
    *,
    normalisation: str = "min-max",
    normalised: str = "both",
    missing: str = "zero",
    fusion_depth: int | None = None,
    depth: int = 1000,
) -> Run:
    """weight * sparse + (1 - weight) * dense over the union of two lists, cut at `depth`.

    `normalisation` "min-max" or "none", of "both" lists or (as the paper's formula can be read) of the
    "sparse" one only; a `missing` document scores "zero" or the "minimum" of the list that lacks it, and
    zero from an empty list; `fusion_depth` documents of each list are used, all when it is None. Fused
    scores are rounded to float32 before they are ranked. Raises `ParameterError` for anything else.

    >>> sparse = Run.from_dict("s", {"q": {"a": 9.0, "b": 5.0, "c": 1.0}})
    >>> dense = Run.from_dict("d", {"q": {"c": 0.8, "d": 0.6, "b": 0.3}})
    >>> interpolate(sparse, dense).to_dict()["q"]  # c: (0 + 1) / 2, d: (0 + 0.6) / 2
    {'a': 0.5, 'c': 0.5, 'd': 0.30000001192092896, 'b': 0.25}
    """
    if not 0 <= weight <= 1:
        raise ParameterError("the weight of the sparse list must be from 0 to 1", given=weight)
    _check("normalised", normalised, NORMALISED)
    _check("missing", missing, MISSING)
    lists = align(*(run.cut(fusion_depth) if fusion_depth is not None else run for run in (sparse, dense)))
    methods = normalisation, normalisation if normalised == "both" else "none"
    scores = [normalise_scores(run, method) for run, method in zip(lists, methods, strict=True)]
    absent = [
        _minimum(run, s) if missing == "minimum" else np.zeros((len(s), 1))
        for run, s in zip(lists, scores, strict=True)
    ]
    # A document's score is what both lists give to the absent, plus what it has above that in each list.
    above = [w * (s - a) for w, s, a in zip((weight, 1 - weight), scores, absent, strict=True)]
    base = weight * absent[0] + (1 - weight) * absent[1]
    name = f"{sparse.name}+{dense.name}"
    return _add_lists(name, lists, above, base, depth)


def reciprocal_rank_fusion(*runs: Run, k: int = 60, depth: int = 1000) -> Run:
    """Sum of 1 / (k + rank) over the lists that hold a document (Cormack et al., SIGIR 2009), cut at `depth`.

    >>> fused = reciprocal_rank_fusion(Run.from_dict("a", {"q": {"x": 2.0, "y": 1.0}}),
    ...                                Run.from_dict("b", {"q": {"y": 5.0}}), k=1)
    >>> fused.to_dict()["q"]  # y: 1/3 + 1/2, x: 1/2
    {'y': 0.8333333134651184, 'x': 0.5}
    """
    if len(runs) < 2 or k < 0:
        raise ParameterError("rank fusion needs at least two runs and k of at least 0", given=(len(runs), k))
    lists = align(*runs)
    scores = [np.broadcast_to(1.0 / (k + np.arange(1, run.depth + 1)), run.docs.shape) for run in lists]
    return _add_lists("+".join(run.name for run in runs), lists, scores, 0.0, depth)


def _minimum(run: Run, scores: np.ndarray) -> np.ndarray:
    """The score at the end of each list: (queries, 1); 0 for an empty one."""
    return np.take_along_axis(scores, np.maximum(run.lengths - 1, 0)[:, None], axis=1)


def _add_lists(
    name: str, runs: tuple[Run, ...], scores: list[np.ndarray], base: np.ndarray | float, depth: int
) -> Run:
    """Sum the scores of each document over aligned runs, add `base` (queries, 1), rank and cut.

    All lists of a query are laid side by side and sorted by document, which brings a document's scores
    together. Sorting numbers that hold both document and place is what makes this fast.
    """
    if depth < 1:
        raise ParameterError("fusion must keep at least one document a query", given=depth)
    docs = np.hstack([run.docs for run in runs])
    values = np.hstack(scores)
    keys = docs.astype(np.int64) << 32 | np.arange(docs.shape[1])
    keys.sort(axis=1)
    docs = (keys >> 32).astype(np.int32)
    values = np.take_along_axis(values, keys & 0xFFFF_FFFF, axis=1)
    total = values + base
    for step in range(1, len(runs)):  # the last copy of a document collects the scores of those before it
        total[:, step:] += np.where(docs[:, step:] == docs[:, :-step], values[:, :-step], 0)
    docs[:, :-1][docs[:, :-1] == docs[:, 1:]] = -1
    docs, ranked = rank_rows(docs, total.astype(np.float32))
    return Run.from_ranked(name, runs[0].query_ids, runs[0].doc_ids, docs[:, :depth], ranked[:, :depth])


def _check(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ParameterError(f"{name} must be one of {', '.join(allowed)}", given=value)
