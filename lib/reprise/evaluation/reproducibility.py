"""How closely a re-run matches an original experiment: scores and effects.

After Breuer et al., "How to Measure the Reproducibility of System-oriented IR Experiments" (SIGIR
2020, doi 10.1145/3397271.3401036): RMSE and normalised RMSE of the scores by topic, effect ratio
(ER), delta relative improvement (Delta RI), and the p of a t-test. Agreement of the rankings
themselves (Kendall's tau union, RBO) is in `reprise.evaluation.rankings`.

Topic rule: scores by topic are compared on the topics that both sides have; the rest is listed.
Guards: an original without effect has no effect ratio, a baseline of zero no relative improvement
(None, never an infinity). The measures are taken to lie in 0..1, which nRMSE needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from reprise.errors import InputError
from reprise.evaluation.cells import Cell

Samples = Mapping[str, float]


@dataclass(frozen=True)
class Reproducibility:
    """How well an effect (advanced over baseline) was reproduced.

    `basis` is "per topic" or "means only"; from means only, RMSE, nRMSE and p are None. Values are
    for the advanced system where they speak of one system. `left_out` lists topics that not all have.
    """

    basis: str
    effect_ratio: float | None
    delta_relative_improvement: float | None
    rmse: float | None
    nrmse: float | None
    p: float | None
    n: int | None
    left_out: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """As plain values."""
        return {**asdict(self), "left_out": list(self.left_out)}


def shared_topics(*samples: Samples) -> tuple[list[str], tuple[str, ...]]:
    """Topics that all have, in the first one's order, and the others, sorted; `InputError` if none is shared.

    >>> shared_topics({"q2": 0.1, "q1": 0.2}, {"q1": 0.3, "q3": 0.4})
    (['q1'], ('q2', 'q3'))
    """
    everywhere = set.intersection(*(set(s) for s in samples))
    if not everywhere:
        raise InputError("the original and the re-run have no topic in common")
    return (
        [t for t in samples[0] if t in everywhere],
        tuple(sorted(set.union(*(set(s) for s in samples)) - everywhere)),
    )


def rmse(original: Samples, ours: Samples) -> float:
    """Root mean square difference of the scores by topic.

    >>> rmse({"q1": 0.5, "q2": 0.2}, {"q1": 0.8, "q2": 0.6})  # sqrt((0.3**2 + 0.4**2) / 2)
    0.3535533905932738
    """
    topics, _ = shared_topics(original, ours)
    return float(np.sqrt(np.mean([(original[t] - ours[t]) ** 2 for t in topics])))


def normalised_rmse(original: Samples, ours: Samples) -> float:
    """RMSE over the largest that the original allows, where each topic is as far off as 0..1 lets it be.

    >>> round(normalised_rmse({"q1": 0.5, "q2": 0.2}, {"q1": 0.8, "q2": 0.6}), 6)  # largest: 0.5 and 0.8
    0.529999
    """
    topics, _ = shared_topics(original, ours)
    if not all(0 <= s[t] <= 1 for s in (original, ours) for t in topics):
        raise InputError("nRMSE needs scores between 0 and 1")
    largest = np.sqrt(np.mean([max(original[t], 1 - original[t]) ** 2 for t in topics]))
    return float(rmse(original, ours) / largest)


def effect_ratio(original_effect: float, our_effect: float) -> float | None:
    """Our mean improvement over the original's: 1 is the same effect, below 0 the opposite one.

    >>> effect_ratio(0.2, 0.1), effect_ratio(0.0, 0.1)
    (0.5, None)
    """
    return None if abs(original_effect) < 1e-12 else our_effect / original_effect


def delta_relative_improvement(
    original_baseline: float, original_advanced: float, our_baseline: float, our_advanced: float
) -> float | None:
    """The original's relative improvement minus ours: 0 is the same, below 0 ours is larger.

    >>> delta_relative_improvement(0.5, 0.75, 0.5, 0.625)  # 0.5 - 0.25
    0.25
    """
    if min(abs(original_baseline), abs(our_baseline)) < 1e-12:
        return None
    return (original_advanced - original_baseline) / original_baseline - (
        our_advanced - our_baseline
    ) / our_baseline


def t_test_p(original: Samples, ours: Samples, *, same_topics: bool = True) -> float:
    """p of the t-test that original and re-run score alike: paired when re-run on the same topics.

    On another collection (a replication) the test is unpaired, with equal variances as in repro_eval. A low
    p says that they differ; a high one is no proof that they agree.

    >>> t_test_p({"q1": 0.5, "q2": 0.2}, {"q1": 0.5, "q2": 0.2})
    1.0
    """
    from scipy import stats

    from reprise.evaluation.intervals import finite_sample
    from reprise.evaluation.significance import paired_differences, paired_t_test

    if same_topics:
        topics, _ = shared_topics(original, ours)
        pairs = {t: original[t] for t in topics}, {t: ours[t] for t in topics}
        return paired_t_test(paired_differences(*pairs))
    return float(stats.ttest_ind(*(finite_sample(list(s.values())) for s in (original, ours))).pvalue)


def measure_reproducibility(original: Sequence[Cell], ours: Sequence[Cell]) -> Reproducibility:
    """Compare two (baseline, advanced) pairs of cells, from scores by topic where all four have them.

    >>> cells = [Cell("dl19", "MAP", {}, v) for v in (0.371, 0.3831)]
    >>> found = measure_reproducibility(cells, cells)
    >>> found.basis, found.effect_ratio, found.delta_relative_improvement
    ('means only', 1.0, 0.0)
    """
    four = [*original, *ours]
    if len(original) != 2 or len(ours) != 2 or len({c.measure for c in four}) > 1:
        raise InputError(
            "reproducibility is measured on a baseline and an advanced system by one measure",
            given=[c.measure for c in four],
        )
    means = [c.value for c in four]
    per_topic = all(c.samples for c in four)
    left_out: tuple[str, ...] = ()
    if per_topic:
        topics, left_out = shared_topics(*(c.samples for c in four))
        means = [float(np.mean([c.samples[t] for t in topics])) for c in four]
    was, is_now = original[1].samples, ours[1].samples
    return Reproducibility(
        basis="per topic" if per_topic else "means only",
        effect_ratio=effect_ratio(means[1] - means[0], means[3] - means[2]),
        delta_relative_improvement=delta_relative_improvement(*means),
        rmse=rmse(was, is_now) if per_topic else None,
        nrmse=normalised_rmse(was, is_now) if per_topic else None,
        p=t_test_p(was, is_now) if per_topic and len(topics) > 1 else None,
        n=len(topics) if per_topic else None,
        left_out=left_out,
    )
