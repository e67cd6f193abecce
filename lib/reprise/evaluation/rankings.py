"""How far two rankings of the same topic agree: Kendall's tau union and rank-biased overlap.

After Breuer et al. (SIGIR 2020, doi 10.1145/3397271.3401036); RBO after Webber, Moffat and Zobel
(TOIS 2010).

* Tie rule: that of every run here, score descending, then document id ascending.
* Tau union: the union of both lists is numbered as the original ranks it, documents that only ours has
  after it in our order; tau is taken between the two lists of numbers, position by position. The paper's
  own example, (d1, d2, d3) against (d1, d2, d4), gives 1. repro_eval numbers by document *name*, so
  its value changes when documents are renamed; the two agree when names sort as the original ranks.
  Both lists are cut to the depth and then to the shorter of the two; under two documents there is no tau.
* RBO is cut at the depth (or at the longer list, if that is shorter) and divided by its largest value
  there, so that equal lists give 1, as repro_eval does for lists of full depth.
* Topic rule: means are over the topics that both runs have results for; the rest is listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reprise.errors import InputError, ParameterError
from reprise.evaluation.measures import Results, RunLike, rank_documents
from reprise.texts import check_ids


@dataclass(frozen=True)
class RankAgreement:
    """Agreement of two runs: means over topics, values by topic, and the topics left out."""

    tau_union: float | None
    rbo: float
    tau_by_topic: Mapping[str, float | None]
    rbo_by_topic: Mapping[str, float]
    left_out: tuple[str, ...]


def kendall_tau_union(original: Sequence[str], ours: Sequence[str], depth: int = 1000) -> float | None:
    """Kendall's tau union of two ranked lists of document ids; None when a list is shorter than two.

    Raises, as `rank_biased_overlap`, `InputError` for ids that are no texts or stand in a list twice.

    >>> kendall_tau_union(["d1", "d2", "d3"], ["d1", "d2", "d4"])
    1.0
    >>> round(kendall_tau_union(["b", "a", "c"], ["b", "c", "a"]), 3)  # one of three pairs turned round
    0.333
    """
    from scipy import stats

    _check_lists(original, ours)
    length = min(len(original), len(ours), depth)
    if length < 2:
        return None
    number: dict[str, int] = {}
    for document in [*original[:length], *ours[:length]]:
        number.setdefault(document, len(number))
    return float(stats.kendalltau(range(length), [number[d] for d in ours[:length]]).statistic)


def rank_biased_overlap(
    original: Sequence[str], ours: Sequence[str], p: float = 0.8, depth: int = 1000
) -> float:
    """Overlap of the first i documents, averaged over i with weight p**(i - 1): 1 equal, 0 disjoint.

    >>> rank_biased_overlap(["a", "b"], ["b", "a"], p=0.5)  # (1 * 0/1 + 0.5 * 2/2) / (1 + 0.5)
    0.3333333333333333
    """
    if not 0 < p < 1 or depth < 1:
        raise ParameterError("RBO needs 0 < p < 1 and a depth of at least 1", given={"p": p, "depth": depth})
    _check_lists(original, ours)
    seen: set[str] = set()
    shared, score, largest, weight = 0, 0.0, 0.0, 1.0
    for i in range(min(max(len(original), len(ours)), depth)):
        for ranking in (original, ours):
            if i < len(ranking):
                # Lists hold a document once, so the second sight of it is the other list's.
                shared += ranking[i] in seen
                seen.add(ranking[i])
        score += weight * shared / (i + 1)
        largest += weight
        weight *= p
    return score / largest if largest else 0.0


def _check_lists(*rankings: Sequence[str]) -> None:
    for ranking in rankings:
        check_ids(ranking, "document id")
        if len(set(ranking)) < len(ranking):
            twice = sorted({d for d in ranking if list(ranking).count(d) > 1})
            raise InputError("a ranking holds a document twice", given=twice[:5], remedy="keep one of them")


def compare_runs(
    original: RunLike | Results, ours: RunLike | Results, *, p: float = 0.8, depth: int = 1000
) -> RankAgreement:
    """Tau union and RBO of two runs, by topic and in the mean; `InputError` if they share no topic.

    >>> found = compare_runs({"q1": {"a": 2.0, "b": 1.0}}, {"q1": {"a": 9.0, "b": 3.0}, "q2": {"a": 1.0}})
    >>> found.tau_union, found.rbo, found.left_out
    (1.0, 1.0, ('q2',))
    """
    first, second = (run if isinstance(run, Mapping) else run.to_dict() for run in (original, ours))
    topics = [t for t in first if first[t] and second.get(t)]
    if not topics:
        raise InputError("the runs have results for no topic in common")
    tau: dict[str, float | None] = {}
    rbo: dict[str, float] = {}
    for topic in topics:
        lists = rank_documents(first[topic], topic), rank_documents(second[topic], topic)
        tau[topic] = kendall_tau_union(*lists, depth=depth)
        rbo[topic] = rank_biased_overlap(*lists, p=p, depth=depth)
    defined = [value for value in tau.values() if value is not None]
    return RankAgreement(
        tau_union=sum(defined) / len(defined) if defined else None,
        rbo=sum(rbo.values()) / len(rbo),
        tau_by_topic=tau,
        rbo_by_topic=rbo,
        left_out=tuple(sorted((set(first) | set(second)) - set(topics))),
    )
