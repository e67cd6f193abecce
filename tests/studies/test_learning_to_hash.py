"""The study of learning-to-hash: its plan, what of a target it sees, its averages and its published table."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from reprise.claims.judge import judge
from reprise.claims.ledger import ledger_path, load_ledger
from reprise.claims.published import load_published
from reprise.claims.verdict import BORNE_OUT, NOT_BORNE_OUT, NOT_TESTABLE
from reprise.evaluation.cells import Cell
from reprise.experiment.keys import make_recipes
from reprise.experiment.parameters import load_parameters
from reprise.studies.hash_units.plan import HashPlan
from reprise.studies.hash_units.spec import (
    HashMethod,
    HashTraining,
    LearningToHashParameters,
    group_of,
    pydocs_domain,
)
from reprise.studies.hash_units.summary import GAIN, MEASURE, POINTS, RELATIVE, averages
from reprise.studies.learning_to_hash import STUDY

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def units():
    return {unit.name: unit for unit in STUDY.units(LearningToHashParameters())}


def behind(units, name):
    """The names of all units that a unit rests on."""
    found = set(units[name].needs.values())
    return found.union(*(behind(units, needed) for needed in found)) if found else found


def test_the_defaults_are_the_default_profile():
    assert load_parameters(STUDY, "default", ROOT) == LearningToHashParameters()


def test_every_system_is_there_before_and_after_adaptation(units):
    for target in ("pandas", "sklearn"):
        for seed in (0, 1, 2):
            for system in ("bpr", "jpq", "bpr+gpl", "jpq+gpl"):
                assert f"evaluate/{system}/{target}/{seed}" in units
        for system in ("bpr+genq", "jpq+genq", "bpr+gpl-defect", "dense+genq", "dense+gpl"):
            assert f"evaluate/{system}/{target}/0" in units
            assert f"evaluate/{system}/{target}/1" not in units
    assert "evaluate/bpr/source/0" in units and "evaluate/bpr+gpl/source/0" not in units


def test_nothing_that_is_trained_for_one_target_rests_on_another(units):
    for name in units:
        if name.startswith(("train/", "labels/", "queries/", "codebook/")):
            rest = behind(units, name)
            assert not ("collection/pandas" in rest and "collection/sklearn" in rest), name
    for name in ("train/base", "train/teacher", "train/generator", "train/bpr/0", "train/jpq/0"):
        assert {n for n in behind(units, name) if n.startswith("collection/")} == {"collection/source"}


def test_a_teacher_is_mined_at_least_the_negatives_that_a_step_asks_for():
    training = HashTraining(teacher_negatives=30)
    units = {u.name: u for u in STUDY.units(LearningToHashParameters(training=training))}
    assert units["train/teacher"].parameters["mined"] == 30


def test_margins_are_brought_to_the_students_scale_where_the_teacher_is_ours_only(units):
    scale = {name: u.parameters["student_scale"] for name, u in units.items() if name.startswith("labels/")}
    assert scale == {"labels/pandas": HashMethod().jpq_scale, "labels/sklearn": HashMethod().jpq_scale}
    assert "labels/pandas" in behind(units, "train/jpq+gpl/pandas/0")
    assert not load_parameters(STUDY, "paper", ROOT).adaptation.calibrate


def test_adaptation_opens_no_topics_of_the_target():
    """The only splits that units of adaptation read by name are the source's."""
    source = (ROOT / "lib/reprise/studies/hash_units/adaptation.py").read_text()
    assert ".split(" not in source and "qrels" not in source and "topics-" not in source


def test_adaptation_starts_from_the_retriever_before_hashing_and_jpq_from_the_targets_codebook(units):
    assert units["train/bpr+gpl/pandas/0"].needs["model"] == "train/base"
    assert units["train/jpq+gpl/pandas/0"].needs["codebook"] == "codebook/pandas"
    assert units["train/jpq/0"].needs["codebook"] == "codebook/source"
    assert units["evaluate/jpq/pandas/0"].needs["model"] == "train/jpq/0"
    assert units["train/bpr+gpl/pandas/1"].seed != units["train/bpr+gpl/pandas/0"].seed


def test_a_setting_of_bpr_leaves_jpq_alone():
    p = LearningToHashParameters()
    changed = p.model_copy(update={"method": HashMethod(alpha=0.1)})
    keys = {r.name: r.key for r in make_recipes(STUDY.units(p))}
    differ = {r.name for r in make_recipes(STUDY.units(changed)) if keys[r.name] != r.key}
    assert differ and not {name for name in differ if "jpq" in name or name.startswith(("vectors", "labels"))}


def test_released_checkpoints_stand_in_for_training():
    p = load_parameters(STUDY, "paper", ROOT)
    plan = HashPlan(p.model_copy(update={"targets": {"scifact": pydocs_domain("numpy")}}))
    plan.domains["source"] = plan.domains["scifact"]
    for system, how in (("bpr", "none"), ("bpr", "gpl"), ("jpq", "gpl"), ("dense", "gpl")):
        plan.system(system, how, "scifact", 42)
    units = {unit.name: unit for unit in plan.units}
    assert not [name for name in units if name.startswith(("train", "queries", "labels"))]
    assert units["evaluate/bpr+gpl/scifact/42"].parameters["encoder"].startswith("income/bpr-gpl-scifact-")
    assert units["evaluate/jpq+gpl/scifact/42"].parameters["towers"] == [
        f"income/jpq-gpl-scifact-{side}_encoder-base-msmarco-distilbert-tas-b"
        for side in ("question", "document")
    ]
    assert units["evaluate/bpr/scifact/42"].parameters["reading"]["pooling"] == "cls"


def cell(dataset, method, how, value):
    return {
        "dataset": dataset,
        "measure": MEASURE,
        "factors": {"method": method, "adaptation": how},
        "value": value,
    }


def test_averages_changes_and_gains_by_hand():
    cells = [
        cell("a", "dense", "none", 0.5),
        cell("b", "dense", "none", 0.3),
        cell("a", "bpr", "none", 0.4),
        cell("b", "bpr", "none", 0.24),
        cell("a", "bpr", "gpl", 0.48),
        cell("b", "bpr", "gpl", 0.24),
        cell("a", "jpq", "gpl", 0.9),  # not on b: no average
        cell("source", "bpr", "none", 0.9),  # no target
    ]
    found = {
        (c["measure"], c["factors"]["method"], c["factors"]["adaptation"]): c["value"]
        for c in averages(cells, ["a", "b"], [MEASURE])
    }
    assert found == pytest.approx(
        {
            (MEASURE, "dense", "none"): 0.4,
            (MEASURE, "bpr", "none"): 0.32,
            (RELATIVE, "bpr", "none"): -20.0,
            (POINTS, "bpr", "none"): -8.0,
            (MEASURE, "bpr", "gpl"): 0.36,
            (RELATIVE, "bpr", "gpl"): -10.0,
            (POINTS, "bpr", "gpl"): -4.0,
            (GAIN, "bpr", "gpl"): 12.5,
        }
    )


def test_parts_of_a_set_are_averaged_first():
    cells = [
        cell("a", "dense", "none", 0.5),
        cell("forums/x", "dense", "none", 0.1),
        cell("forums/y", "dense", "none", 0.3),
        cell("a", "bpr", "none", 0.4),  # not on the forums: no average
    ]
    (found,) = averages(cells, ["a", "forums/x", "forums/y"], [MEASURE])
    assert found["value"] == pytest.approx((0.5 + 0.2) / 2)
    assert found["n"] == 2 and found["samples"] == pytest.approx({"a": 0.5, "forums": 0.2})


def test_the_paper_profile_has_the_eighteen_sets_of_beir():
    targets = load_parameters(STUDY, "paper", ROOT).targets
    assert len({group_of(target) for target in targets}) == 18
    assert sum(group_of(target) == "cqadupstack" for target in targets) == 12


def test_parts_of_a_set_share_its_released_checkpoints():
    plan = HashPlan(load_parameters(STUDY, "paper", ROOT))
    plan.domains |= dict.fromkeys(("cqadupstack/gis", "cqadupstack/tex"), pydocs_domain("numpy"))
    plan.domains["source"] = pydocs_domain("numpy")
    for part in ("gis", "tex"):
        plan.system("bpr", "gpl", f"cqadupstack/{part}", 42)
    encoders = {u.parameters["encoder"] for u in plan.units if u.name.startswith("evaluate/")}
    assert encoders == {"income/bpr-gpl-cqadupstack-base-msmarco-distilbert-tas-b"}


def test_computed_percentages_follow_from_the_published_averages():
    published = load_published("learning_to_hash", ROOT)
    published = published.select(backbone="")
    whole = published.get(dataset="BEIR-18", measure=MEASURE, method="dense", adaptation="none").value
    for printed in published.select(dataset="BEIR-18", measure=[RELATIVE, POINTS, GAIN]):
        own = {"dataset": "BEIR-18", "measure": MEASURE, "method": printed["method"]}
        value = published.get(**own, adaptation=printed["adaptation"]).value
        before = published.get(**own, adaptation="none").value
        expected = {
            RELATIVE: 100 * (value / whole - 1),
            POINTS: 100 * (value - whole),
            GAIN: 100 * (value / before - 1),
        }[printed.measure]
        assert printed.value == pytest.approx(expected, abs=0.0501), printed


def test_what_the_papers_own_numbers_say():
    """The abstract's percentages follow from the averages, its speeds (1.63 rounds to 2) from Table 2."""
    ledger = load_ledger(ledger_path("learning_to_hash", ROOT))
    verdicts = {v.id: v for v in judge(ledger, None, load_published("learning_to_hash", ROOT), "paper")}
    assert not [i for i, v in verdicts.items() if v.verdict == NOT_BORNE_OUT]
    assert (verdicts["bpr-14x-faster"].shown, verdicts["jpq-2x-faster"].shown) == ("2 of 2", "2 of 2")
    untold = {i for i, v in verdicts.items() if v.verdict == NOT_TESTABLE}
    assert untold == {
        "pca-suffers-from-its-offset",
        "jpq-gpl-beats-its-own-codebook",
        "new-domains-lie-in-few-orthants",
        "untrained-signs-are-less-even-too",
        "adaptation-spreads-codes",
        "released-loss-adapts-less",
    }
    assert verdicts["gpl-lifts-bpr"].verdict == BORNE_OUT


def test_codes_are_counted_and_would_be_others_after_another_training():
    def trained(measure, method, adaptation="none"):
        cell = Cell("average", measure, {"method": method, "adaptation": adaptation}, 0.7)
        return STUDY.sampling(cell).of, STUDY.sampling(cell).trained

    assert trained("bit balance", "bpr", "gpl") == trained("bit entropy", "bpr") == ("count", True)
    assert trained("bit balance", "signs") == trained("index bytes", "bpr") == ("count", False)


def test_parameters_that_cannot_be():
    with pytest.raises(ValidationError, match="at least 1 item"):
        LearningToHashParameters(targets={})
    with pytest.raises(ValidationError, match="called source or average"):
        LearningToHashParameters(targets={"average": pydocs_domain("numpy")})
    with pytest.raises(ValidationError, match="by which figures and tests go"):
        LearningToHashParameters(measures=("MAP",))
