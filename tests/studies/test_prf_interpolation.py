"""The study of interpolation and feedback: its plan, its table and what it needs, without running it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from reprise.claims.published import load_published
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.keys import make_recipes
from reprise.experiment.parameters import load_parameters
from reprise.studies.prf_interpolation import STUDY, Feedback, PrfInterpolationParameters

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def defaults():
    return load_parameters(STUDY, "default", ROOT)


class Outcome:
    """As much of results as the tables and figures look at."""

    def __init__(self, cells):
        self.cells = cells


def test_the_defaults_are_the_papers_settings(defaults):
    assert defaults == PrfInterpolationParameters()
    assert defaults.feedback["stated"] == Feedback(alpha=0.4, beta=0.6, k=3)
    assert defaults.feedback["defaults"] == Feedback(alpha=0.9, beta=0.1, k=3)
    assert (defaults.weight, defaults.normalisation, defaults.missing, defaults.depth) == (
        0.5,
        "min-max",
        "zero",
        1000,
    )
    assert (defaults.k1, defaults.b) == (0.9, 0.4)


def test_every_factor_of_the_paper_is_crossed(defaults):
    names = [unit.name for unit in STUDY.units(defaults)]
    for retriever in ("minilm", "minilm-hn", "minilm-kd"):
        for kind in ("evaluate", "depth", "weight"):
            assert f"{kind}/pydocs/{retriever}" in names
    assert {"evaluate/pydocs/bm25", "evaluate/pydocs/unicoil", "compare/pydocs"} <= set(names)
    assert len(names) == len(set(names)) == len(make_recipes(STUDY.units(defaults)))


def test_a_setting_of_feedback_leaves_training_and_encoding_alone(defaults):
    changed = defaults.model_copy(update={"feedback": {"stated": Feedback(alpha=0.5)}})
    keys = {r.name: r.key for r in make_recipes(STUDY.units(defaults))}
    differing = {r.name for r in make_recipes(STUDY.units(changed)) if keys[r.name] != r.key}
    assert differing and all(
        name.split("/")[0] in ("evaluate", "depth", "weight", "compare") for name in differing
    )


def test_a_retriever_of_ones_own_stands_in_the_table_under_its_name():
    stages = ({"stage": "dense"}, {"stage": "vprf", "prf": "stated"})
    cells = Cells([Cell("toy", "MAP", {"dense": "mine", **stage}, 0.5) for stage in stages])
    table = next(t for t in STUDY.tables(Outcome(cells)) if t.name == "table1-stated")
    assert ("mine", {}) in table.rows


def test_the_published_table_fills_every_row_of_its_layout():
    published = load_published("prf_interpolation", ROOT)
    stated = Cells(c for c in published if c["prf"] in ("", "stated"))
    (table,) = STUDY.tables(Outcome(stated))
    systems = [factors for _, factors in table.rows if factors]
    assert len(systems) == 2 + 3 * (
        2 + 2 * 4
    )  # sparse alone; each dense alone, with feedback, two blocks of four
    for factors in systems:
        wanted = {name: factors.get(name, "") for name in ("dense", "sparse", "stage", "prf")}
        assert len(stated.select(**wanted)) == 2 * 3, factors  # two topic sets, three measures


def test_each_setting_of_feedback_has_a_table_of_its_own():
    cells = [
        Cell("toy", "MAP", {"dense": "minilm", "stage": "vprf", "prf": prf}, 0.5)
        for prf in ("stated", "defaults")
    ]
    assert [t.name for t in STUDY.tables(Outcome(Cells(cells)))] == ["table1-stated", "table1-defaults"]


def test_the_paper_profile_names_all_that_it_needs():
    needed = {r.name for r in STUDY.requirements(load_parameters(STUDY, "paper", ROOT))}
    assert {"msmarco-v1-passage", "msmarco-v1-passage.unicoil", "msmarco-v1-passage.ance",
            "msmarco-v1-passage.tct_colbert-v2-hnp", "msmarco-v1-passage.distilbert-dot-tas_b-b256",
            "castorini/ance-msmarco-passage"} <= needed  # fmt: skip
    assert not STUDY.requirements(load_parameters(STUDY, "default", ROOT))


@pytest.mark.parametrize(
    "wrong",
    [{"weight": 1.5}, {"weight": "heavy"}, {"normalisation": "z-score"}, {"feedback": {"x": {"k": 0}}},
     {"sparse": ["splade"]}, {"dense": [{"name": "x", "recipe": "magic"}]}, {"lambda": 0.5}],
)  # fmt: skip
def test_impossible_parameters_are_refused(wrong):
    with pytest.raises(ValidationError):
        PrfInterpolationParameters.model_validate(wrong)
