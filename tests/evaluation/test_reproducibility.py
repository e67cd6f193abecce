"""Reproducibility measures by hand, their guards, and repro_eval as a second opinion."""

import math

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.evaluation import reproducibility as measures
from reprise.evaluation.cells import Cell

ORIGINAL = {"base": {"q1": 0.2, "q2": 0.4}, "adv": {"q1": 0.5, "q2": 0.5}}  # means 0.3 and 0.5
OURS = {"base": {"q1": 0.3, "q2": 0.5}, "adv": {"q1": 0.4, "q2": 0.6}}  # means 0.4 and 0.5


def pair(table, samples=True):
    return [
        Cell(
            "toy",
            "MAP",
            {"stage": name},
            float(np.mean(list(scores.values()))),
            samples=scores if samples else {},
        )
        for name, scores in table.items()
    ]


def test_by_hand_per_topic():
    found = measures.measure_reproducibility(pair(ORIGINAL), pair(OURS))
    assert found.basis == "per topic" and found.n == 2
    assert found.effect_ratio == pytest.approx(0.1 / 0.2)
    assert found.delta_relative_improvement == pytest.approx(0.2 / 0.3 - 0.1 / 0.4)
    assert found.rmse == pytest.approx(0.1)  # the advanced system: off by -0.1 and +0.1
    assert found.nrmse == pytest.approx(0.1 / 0.5)  # every topic could be off by 0.5 at most
    assert found.p == pytest.approx(1.0)  # the two differences cancel


def test_means_only_is_labelled_and_gives_the_same_effects():
    found = measures.measure_reproducibility(pair(ORIGINAL, samples=False), pair(OURS))
    whole = measures.measure_reproducibility(pair(ORIGINAL), pair(OURS))
    assert found.basis == "means only" and (found.rmse, found.nrmse, found.p, found.n) == (None,) * 4
    assert found.effect_ratio == pytest.approx(whole.effect_ratio)
    assert found.delta_relative_improvement == pytest.approx(whole.delta_relative_improvement)


def test_topics_that_not_all_have_are_left_out_and_listed():
    ours = {name: {**scores, "q9": 1.0} for name, scores in OURS.items()}
    found = measures.measure_reproducibility(pair(ORIGINAL), pair(ours))
    assert found.left_out == ("q9",) and found.effect_ratio == pytest.approx(0.5)


def test_guards():
    assert measures.effect_ratio(0.0, 0.1) is None
    assert measures.delta_relative_improvement(0.0, 0.1, 0.2, 0.3) is None
    assert measures.delta_relative_improvement(0.2, 0.1, 0.0, 0.3) is None
    assert measures.effect_ratio(0.1, -0.05) == pytest.approx(-0.5)
    with pytest.raises(InputError, match="no topic in common"):
        measures.rmse({"a": 0.1}, {"b": 0.1})
    with pytest.raises(InputError, match="between 0 and 1"):
        measures.normalised_rmse({"a": 1.5}, {"a": 0.1})


def test_effect_ratio_is_antisymmetric_in_the_roles():
    assert measures.effect_ratio(0.2, 0.1) == measures.effect_ratio(-0.2, -0.1)


def test_repro_eval_agrees():
    overall = pytest.importorskip("repro_eval.measure.overall_effects")
    effectiveness = pytest.importorskip("repro_eval.measure.effectiveness")
    statistics = pytest.importorskip("repro_eval.measure.statistics")
    generator = np.random.default_rng(6)
    topics = [f"q{i}" for i in range(20)]
    tables = [{t: float(v) for t, v in zip(topics, generator.random(20), strict=True)} for _ in range(4)]
    theirs = [{t: {"AP": v} for t, v in table.items()} for table in tables]
    base, adv, our_base, our_adv = tables
    found = measures.measure_reproducibility(
        pair({"base": base, "adv": adv}), pair({"base": our_base, "adv": our_adv})
    )
    # repro_eval takes the advanced run first.
    order = theirs[1], theirs[0], theirs[3], theirs[2]
    assert found.effect_ratio == pytest.approx(overall.ER(*order)["AP"])
    assert found.delta_relative_improvement == pytest.approx(overall.DRI(*order)["AP"])
    assert found.rmse == pytest.approx(effectiveness.RMSE(theirs[1], theirs[3])["AP"])
    assert found.nrmse == pytest.approx(effectiveness.nRMSE(theirs[1], theirs[3])["AP"])
    assert found.p == pytest.approx(statistics.ttest(theirs[1], theirs[3])["AP"])
    unpaired = measures.t_test_p(adv, our_adv, same_topics=False)
    assert unpaired == pytest.approx(statistics.ttest(theirs[1], theirs[3], rpd=False)["AP"])
    assert not math.isclose(unpaired, found.p)
