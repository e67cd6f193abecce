"""The study's units at toy size: parameters refused, measures by hand, slopes, wins, and one image unit."""

import gzip

import numpy as np
import pytest
from pydantic import ValidationError

from reprise.claims.ledger import ledger_path, load_ledger
from reprise.claims.published import load_published
from reprise.data.corruptions import KINDS
from reprise.errors import EnvironmentNotReady, ParameterError
from reprise.experiment.context import Context
from reprise.experiment.parameters import load_parameters
from reprise.experiment.project import find_root
from reprise.studies.lasso_task_selection import STUDY
from reprise.studies.lasso_units.images import ImageSet, disjoint_parts, one_against_rest, prepare_images
from reprise.studies.lasso_units.linear import run_linear
from reprise.studies.lasso_units.mnist_test import prepare_mnist_test
from reprise.studies.lasso_units.parameters import ImageTasks, LassoParameters, Model
from reprise.studies.lasso_units.recovery import _buy
from reprise.studies.lasso_units.scaling import fit_slopes, needed_budget
from reprise.studies.lasso_units.summary import summarise_images
from reprise.studies.lasso_units.tasks import describe_choice, judge_scores, spread_relevance

from ..idx_files import idx


class Told:
    """A context that knows the values of other units."""

    def __init__(self, values, seed=0):
        self.values, self.seed = values, seed

    def value(self, role):
        return self.values[role]


@pytest.fixture
def mnist_test(tmp_path, monkeypatch):
    """MNIST's test part, of 400 images."""
    folder = tmp_path / "images" / "mnist"
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    parts = {"images-idx3": generator.integers(0, 256, (400, 28, 28)), "labels-idx1": np.arange(400) % 10}
    for what, array in parts.items():
        (folder / f"t10k-{what}-ubyte.gz").write_bytes(gzip.compress(idx(array)))
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))


def test_the_open_profile_leaves_out_what_is_not_here(mnist_test, monkeypatch, tmp_path):
    parameters = load_parameters(STUDY, "open", find_root())
    prepared = {u.name.split("/")[1] for u in STUDY.units(parameters) if u.name.startswith("images/")}
    assert prepared == {"mnist-test-C"}
    assert {r.name: r.present() for r in STUDY.requirements(parameters)} == {
        "mnist-C": False,
        "mnist-test-C": True,
        "fashion-C": False,
    }
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "elsewhere"))
    with pytest.raises(EnvironmentNotReady, match="none of the image sets"):
        STUDY.units(parameters)


@pytest.mark.parametrize("components", [None, 5])
def test_mnists_test_images_are_split_into_pools_that_share_none(mnist_test, tmp_path, components):
    folder = tmp_path / "unit"
    folder.mkdir()
    context = Context(folder, tmp_path, {}, seed=3)
    asked = {"name": "mnist-test-C", "size": 7, "components": components, "train": 250, "test": 100}
    value = prepare_mnist_test(context, kinds=["identity", "fog"], **asked)
    made = ImageSet.open(Context(tmp_path, tmp_path, {"images": folder}))
    inputs = (components or 49) + 1
    assert made.train.shape == (2, 250, inputs) and made.test.shape == (2, 100, inputs)
    assert made.train_pixels.shape == (2, 250, 49) and made.test_labels.shape == (100,)
    assert (value["train"], value["test"], value["inputs"]) == (250, 100, inputs)
    clean = {row.tobytes() for row in made.train_pixels[0]}
    assert len(clean) == 250 and not clean & {row.tobytes() for row in made.test_pixels[0]}
    if components is None:
        assert np.array_equal(made.train[..., :-1], made.train_pixels)
    else:
        assert np.allclose(made.train[..., :-1].mean(axis=(0, 1)), 0, atol=1e-5)
    with pytest.raises(ParameterError, match="too few images"):
        prepare_mnist_test(context, kinds=["identity"], **{**asked, "test": 200})


@pytest.mark.parametrize("profile", ["smoke", "default", "open", "paper"])
def test_every_profile_is_valid_and_its_units_are_whole(profile, mnist_test):
    units = STUDY.units(load_parameters(STUDY, profile, find_root()))
    names = [unit.name for unit in units]
    assert len(set(names)) == len(names)
    for place, unit in enumerate(units):
        assert set(unit.needs.values()) <= set(names[:place]), unit.name


def test_the_default_covers_all_targets_with_five_seeds():
    units = STUDY.units(LassoParameters())
    for representation in ("linear", "convnet"):
        mine = [u for u in units if u.name.startswith(f"{representation}/digits-C/")]
        for seed in range(5):
            kinds = [k for u in mine if u.name.split("/")[2] == str(seed) for k in u.parameters["kinds"]]
            assert sorted(kinds) == list(range(16))
        # a seed draws the same streams whatever batch a kind is in
        assert len({u.seed for u in mine}) == 5


def test_the_ledger_and_the_published_design_are_read():
    assert len(load_ledger(ledger_path(STUDY.name, find_root()))) >= 20
    published = load_published(STUDY.name, find_root()).select(dataset="design")
    assert {c.measure: c.value for c in published} == {"corruptions": 15, "tasks": 160}


def test_parameters_that_cannot_work_are_refused():
    with pytest.raises(ValidationError, match="at most the number of sources, 10"):
        ImageTasks(kinds=("identity", "fog"), k=11)
    with pytest.raises(ValidationError, match="no kind of corruption 'snow'"):
        ImageTasks(kinds=("identity", "snow"))
    with pytest.raises(ValidationError, match="at least 4 for one a source"):
        ImageTasks(samples=3, epochs=3)
    with pytest.raises(ValidationError, match="at most the inputs and the sources, 4"):
        Model(d=4, k=5)
    with pytest.raises(ParameterError, match=r"'images\.k': must be at most"):
        load_parameters(STUDY, "smoke", find_root(), {"images.k": 99})


def test_what_lies_outside_is_required(monkeypatch, tmp_path):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    assert STUDY.requirements(LassoParameters()) == []
    wanted = STUDY.requirements(LassoParameters(image_sets=[{"name": "mnist-C", "components": 32}]))
    assert [r.name for r in wanted] == ["mnist-C"] and not wanted[0].present()


def test_measures_by_hand():
    """Scores 3, 1, -1, -2 for labels +, -, +, -: one of two missed, one of two false, 3 of 4 pairs right."""
    found = judge_scores(np.array([[3.0, 1.0, -1.0, -2.0]]), np.array([[1.0, -1.0, 1.0, -1.0]]))
    assert {name: v[0] for name, v in found.items()} == {"balanced error": 50, "error": 50, "AUC": 75}
    rare = judge_scores(np.full((1, 10), -1.0), np.array([[1.0] + [-1.0] * 9]))
    assert rare["balanced error"][0] == 50 and rare["error"][0] == 10 and rare["AUC"][0] == 50


def test_choices_by_hand():
    """Counts 6, 2, 0: 64 / 40 effective sources; no preference names all."""
    found = describe_choice(np.array([[0.9, -0.3, 1e-5], [0, 0, 0]]), np.array([[6, 2, 0], [4, 4, 4]]))
    assert found["sources chosen"].tolist() == [2, 3]
    assert np.allclose(found["effective sources"], [1.6, 3])
    shares = spread_relevance(np.array([1.0, -3.0]), [0, 15], 2)
    assert shares[0][0] == 0.25 and shares[1][5] == 0.75 and np.sum(shares) == 1


def test_tasks_are_one_against_the_rest_and_parts_are_disjoint():
    labels, group = one_against_rest(np.array([0, 3, 3, 9]), 2)
    assert labels.shape == (20, 4) and labels[13].tolist() == [-1, 1, 1, -1] and group[13] == 1
    parts = disjoint_parts(np.zeros(95), 2, np.random.default_rng(0))
    assert (parts.reshape(2, 10, 95).sum(axis=1) == 1).all() and set(parts.sum(axis=1)) == {9, 10}


def test_needed_budgets_and_slopes_of_exact_powers():
    """Risk 1 / N: 0.02 needs 50. A need that doubles with the axis has slope 1, a constant one 0."""
    budgets = np.array([[10, 10], [40, 40], [100, 100]])
    assert np.allclose(needed_budget(budgets, 1 / budgets, 0.02), 50)
    points = {
        f"p/{v}": {
            "value": v,
            "budgets": {
                "L1": {"needed": [100.0, 110.0], "expected": [90.0, 90.0]},
                "uniform": {"needed": [100.0 * v, 110.0 * v], "expected": [90.0 * v, 90.0 * v]},
            },
        }
        for v in (2, 4, 8)
    }
    cells = fit_slopes(Told(points), experiment="e", axis="sources", roles=list(points), seeds=[1, 2])[
        "cells"
    ]
    found = {
        (c["measure"], c["factors"]["strategy"], c["factors"]["kind"], c["factors"].get("sources")): c
        for c in cells
    }
    assert found["slope", "uniform", "measured", None]["value"] == pytest.approx(1)
    assert found["slope", "L1", "measured", None]["value"] == pytest.approx(0)
    assert found["needed samples over L1", "uniform", "expected", "8"]["value"] == pytest.approx(8)


def test_summaries_are_means_over_seeds_and_wins_are_counted():
    """Two seeds of a kind with three targets: L1 errs 1, 2, 3 and 3, 2, 1; uniform 2, 3, 1; all 9 on another.

    What is tested are the two kinds: differences of 0 and of 0.
    """

    def seed(l1, uniform):
        all_wrong = {"balanced error": [9, 9, 9]}
        fog = {
            "L1": [all_wrong, {"balanced error": l1}],
            "uniform": [all_wrong, {"balanced error": uniform}],
        }
        return {"outcome": {"0": {s: [all_wrong, all_wrong] for s in fog}, "1": fog}}

    told = Told({"a": seed([1, 2, 3], [2, 3, 1]), "b": seed([3, 2, 1], [2, 3, 1])})
    found = summarise_images(
        told,
        dataset="toy",
        factors={"representation": "linear"},
        kinds=["identity", "fog"],
        runs={"0": ["a"], "1": ["b"]},
        strategies=["uniform", "L1"],
        pairs=[("L1", "uniform")],
    )
    cells = {c["factors"]["strategy"]: c for c in found["cells"]}
    assert [cells["L1"]["samples"][f"fog/{i}"] for i in range(3)] == [2, 2, 2] and cells["L1"]["value"] == 5.5
    assert [w["value"] for w in found["wins"]] == [1, 4, 1]
    assert len(found["curves"]) == 4 and found["comparisons"][0]["n"] == 2


def test_an_image_unit_gives_every_strategy_and_repeats_itself(tmp_path):
    """All seven rules on two kinds; the same seed gives the same numbers."""
    kinds = list(KINDS)[:2]
    (tmp_path / "images").mkdir()
    made = Context(tmp_path / "images", tmp_path / "c", {}, seed=1)
    prepared = prepare_images(made, name="digits-C", kinds=kinds, size=8, components=12, train=200, test=100)
    assert prepared["inputs"] == 13 and [(g["kind"], len(g["images"])) for g in prepared["grid"]] == [
        (k, 10) for k in kinds
    ]
    strategies = ["target only", "uniform", "L2", "L1", "gradient", "embedding", "shared", "shuffled"]

    def once():
        (tmp_path / "run").mkdir(exist_ok=True)
        context = Context(tmp_path / "run", tmp_path / "c", {"images": tmp_path / "images"}, seed=2)
        return run_linear(
            context, kinds=[1], strategies=strategies, k=3, samples=24, target_samples=20, epochs=3,
            penalty=0.1, ridge=1.0, disjoint=False, shown=[12],
        )  # fmt: skip

    first = once()
    assert first == once()
    assert list(first["outcome"]["1"]) == strategies
    for name, epochs in first["outcome"]["1"].items():
        assert len(epochs) == (1 if name == "target only" else 3)
        assert all(0 <= v <= 100 for v in epochs[-1]["balanced error"]) and len(epochs[-1]["AUC"]) == 10
    shares = np.array(first["relevance"]["12"]["L1"])
    assert shares.shape == (2, 10) and not shares[1].any() and shares.sum() == pytest.approx(1, abs=1e-4)


def test_unknown_image_sets_and_too_many_images_are_refused(tmp_path):
    context = Context(tmp_path, tmp_path / "c", {}, seed=1)
    with pytest.raises(ParameterError, match="unknown image set"):
        prepare_images(
            context, name="letters", kinds=["identity"], size=8, components=None, train=100, test=50
        )
    with pytest.raises(ParameterError, match="1,797"):
        prepare_images(
            context, name="digits-C", kinds=["identity"], size=8, components=None, train=1700, test=98
        )


def test_money_opens_only_sources_that_give_samples():
    """100 for shares .5, .499, .001 at 1 a sample and 20 a source: the third gives none, so 60 samples."""
    counts = _buy(np.array([0.5, 0.499, 0.001]), np.ones(3), 20.0, 100.0)
    assert counts[2] == 0 and counts[:2].sum() == 60
    assert _buy(np.array([0.5, 0.5]), np.array([1.0, 3.0]), 0.0, 100.0).tolist() == [25, 25]
