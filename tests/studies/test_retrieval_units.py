"""The units that studies of retrieval share, on four documents whose rankings are worked out by hand.

Vectors are (1, 0), (.8, .6), (0, 1) and (-1, 0) for d1 to d4; the queries are (1, 0) and (0, 1). Dense ranks
d1 d2 d3 d4 and d3 d2 d1 d4 (d1 and d4 tie at 0). Relevant are d2 for q1 and d1 for q2.
"""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from reprise.errors import InputError
from reprise.experiment.context import Context
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.run import Run
from reprise.studies.prf_interpolation import PrfInterpolationParameters
from reprise.studies.retrieval_units import stages
from reprise.studies.retrieval_units.collections import (
    CollectionSpec,
    describe_dataset,
    open_collection,
    prepare_collection,
)
from reprise.studies.retrieval_units.compare import FUSED_PAIRS, compare_stages
from reprise.studies.retrieval_units.judge import Judge
from reprise.studies.retrieval_units.parameters import DenseSpec
from reprise.studies.retrieval_units.plan import RetrievalPlan

VECTORS = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]], dtype=np.float32)
DENSE_MAP = (1 / 2 + 1 / 3) / 2  # d2 is second for q1, d1 third for q2
JUDGED = {"split": "test", "dataset": "toy", "measures": ["MAP"]}
SEARCHED = {
    "dense": "two",
    "sparse": ["bm25"],
    "prebuilt": None,
    "normalisation": "min-max",
    "missing": "zero",
    "depth": 10,
}
NOTHING = {"alpha": 1.0, "beta": 0.0, "k": 1}
"""Feedback that leaves the query as it was."""


def write_lines(path, records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


@pytest.fixture
def folder(tmp_path):
    """The collection in BEIR's layout."""
    root = tmp_path / "toy"
    write_lines(
        root / "corpus.jsonl", [{"_id": f"d{i}", "title": "", "text": f"text {i}"} for i in range(1, 5)]
    )
    write_lines(root / "queries.jsonl", [{"_id": f"q{i}", "text": f"query {i}"} for i in (1, 2)])
    (root / "qrels").mkdir()
    (root / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td2\t1\nq2\td1\t1\n")
    return root


@pytest.fixture
def unit(tmp_path, folder):
    """Runs a unit's function with the toy's collection, index, topic vectors and sparse run."""
    needs = {name: tmp_path / "needs" / name for name in ("collection", "index", "topics", "run")}
    for place in needs.values():
        place.mkdir(parents=True)
    prepared = prepare_collection(None, name=str(folder), options={}, splits=["test"])
    (needs["collection"] / "value.json").write_text(json.dumps(prepared))
    DenseIndex.from_vectors(["d1", "d2", "d3", "d4"], VECTORS).save(needs["index"] / "index")
    np.save(needs["topics"] / "vectors.npy", np.array([[1, 0], [0, 1]], dtype=np.float32))
    sparse = {"q1": {"d2": 5.0, "d1": 1.0}, "q2": {"d1": 4.0, "d4": 2.0}}
    Run.from_dict("bm25", sparse).save(needs["run"] / "run.npz")
    needs["run/bm25"] = needs["run"]

    def run(function, more=(), seed=1, **parameters):
        here = tmp_path / "here"
        here.mkdir(exist_ok=True)
        return function(Context(here, tmp_path / "checkpoints", {**needs, **dict(more)}, seed), **parameters)

    return run


def values(cells):
    """Value by the factors that tell the systems apart."""
    return {" ".join(v for k, v in cell["factors"].items() if k != "dense"): cell["value"] for cell in cells}


def test_a_collection_is_prepared_once_and_opened_again(unit, folder):
    collection = unit(open_collection)
    assert (collection.doc_ids, len(collection.split("test").topics)) == (["d1", "d2", "d3", "d4"], 2)
    with (folder / "corpus.jsonl").open("a") as file:
        file.write('{"_id": "d5", "title": "", "text": "new"}\n')
    with pytest.raises(InputError, match="has changed since its results were begun"):
        unit(open_collection)


def prepare(folder, **options):
    return prepare_collection(None, name=str(folder), options=options, splits=["test"])


def test_what_is_odd_goes_with_the_dataset(folder):
    with (folder / "corpus.jsonl").open("a") as file:
        file.write('{"_id": "d5", "title": "", "text": ""}\n')
    described = describe_dataset(prepare(folder), {"vocabulary": {"outside": 3, "of": 20}})
    assert described["oddities"] == [
        "documents without text, kept and never found: 1 of 5 (d5)",
        "documents mostly outside the encoder's vocabulary: 3 of 20 looked at",
    ]
    few = {
        "vocabulary": {"outside": 2, "of": 20}
    }  # a tenth, as English texts full of names and numbers may be
    assert len(describe_dataset(prepare(folder), few)["oddities"]) == 1
    assert described["statistics"]["splits"]["test"]["with_relevant"] == 2


@pytest.mark.parametrize(
    ("qrels", "options", "message"),
    [
        ("q1\td2\t0\nq2\td1\t0\n", {}, "none of its 2 topics has a relevant document"),
        ("q1\td2\t1\nq2\td1\t1\n", {"relevance_threshold": 2}, "grade of at least 2"),
        ("q1\td2\t1\n", {}, "toy/test has too few topics"),
    ],
)
def test_a_split_that_can_tell_nothing_apart_ends_the_first_unit(folder, qrels, options, message):
    (folder / "qrels" / "test.tsv").write_text(qrels)
    with pytest.raises(InputError, match=message):
        prepare(folder, **options)


def test_a_split_that_there_is_not_ends_the_first_unit(folder):
    with pytest.raises(InputError, match=r"has no split 'tset'.*\['test'\]"):
        prepare_collection(None, name=str(folder), options={}, splits=["tset"])


def test_a_split_is_named_after_its_collection_unless_there_are_several():
    assert CollectionSpec(name="beir/scifact").dataset("test") == "scifact"
    assert CollectionSpec(name="msmarco-v1-passage", splits=("dl19", "dl20")).dataset("dl20") == "dl20"
    assert CollectionSpec(name="beir/fiqa/test").dataset("test") == "fiqa", "an id that ends in its split"
    assert CollectionSpec(name="a/b", label="mine").dataset("test") == "mine"
    assert CollectionSpec(name="a/b", label="mine", splits=("x", "y")).dataset("y") == "mine/y"


def test_ids_that_end_in_their_split_have_labels_of_their_own():
    """Both were called "test": the second was searched and never evaluated, under the first's numbers."""
    specs = [CollectionSpec(name=f"beir/{name}/test") for name in ("nfcorpus", "fiqa")]
    found = PrfInterpolationParameters(collections=specs)
    assert [spec.dataset("test") for spec in found.collections] == ["nfcorpus", "fiqa"]


@pytest.mark.parametrize(
    ("collections", "message"),
    [
        (
            [{"name": "ir/cacm"}, {"name": "mine/cacm"}],
            "'cacm' in the results: ir/cacm, split test and mine/cacm",
        ),
        (
            [{"name": "a", "splits": ["x", "y"]}, {"name": "b", "splits": ["x", "y"]}],
            "a, split x and b, split x",
        ),
        ([{"name": "a"}, {"name": "a", "splits": ["x"]}], "'a' stands twice"),
        (
            [{"name": "pydocs", "options": {"domains": ["numpy"]}}],
            "must be those of collections.0, which has the same name",
        ),
        ([{"name": "pydocs", "language": "de"}], "that of collections.0, which has the same name: de"),
    ],
)
def test_two_collections_that_would_be_taken_for_each_other_are_named(collections, message):
    with pytest.raises(ValidationError, match=message):
        PrfInterpolationParameters(collections=collections)


def test_a_label_tells_them_apart():
    specs = [{"name": "ir/cacm"}, {"name": "mine/cacm", "label": "my cacm"}]
    found = PrfInterpolationParameters(collections=specs)
    assert [spec.dataset("test") for spec in found.collections] == ["cacm", "my cacm"]


def test_a_judge_makes_a_cell_a_measure_with_a_value_a_topic(unit):
    def judge(context):
        judge = Judge(context, split="test", dataset="toy", measures=["MAP", "R@1"])
        run = Run.from_dict("r", {"q1": {"d2": 2.0, "d1": 1.0}, "q2": {"d3": 2.0, "d1": 1.0}})
        return judge.topics, judge.texts, judge.cells(run, {"sparse": "bm25"})

    topics, texts, (ap, recall) = unit(judge)
    assert (topics, texts) == (["q1", "q2"], {"q1": "query 1", "q2": "query 2"})
    assert ap["samples"] == {"q1": 1.0, "q2": 0.5} and ap["value"] == 0.75
    assert recall["samples"] == {"q1": 1.0, "q2": 0.0}
    assert (ap["n"], ap["dataset"], ap["factors"]) == (2, "toy", {"sparse": "bm25"})


def test_a_judge_refuses_own_documents_where_the_collection_is_measured_without(unit, tmp_path):
    path = tmp_path / "needs" / "collection" / "value.json"

    def judge(context):
        run = Run.from_dict("r", {"q1": {"q1": 2.0, "d2": 1.0}, "q2": {"d1": 1.0}})
        return Judge(context, split="test", dataset="toy", measures=["MAP"]).cells(run, {"sparse": "bm25"})

    assert unit(judge)[0]["samples"] == {"q1": 0.5, "q2": 1.0}
    prepared = prepare(json.loads(path.read_text())["name"], remove_query=True)
    path.write_text(json.dumps(prepared))
    with pytest.raises(InputError, match="holds topics' own documents"):
        unit(judge)


def test_the_sparse_list_alone(unit):
    found = unit(stages.evaluate_sparse, judged=JUDGED, sparse="bm25")
    assert found["topics"] == {"q1": "query 1", "q2": "query 2"}
    (cell,) = found["cells"]
    assert (cell["value"], cell["factors"]) == (1.0, {"sparse": "bm25", "stage": "sparse"})


def test_every_stage_at_every_feedback_setting(unit):
    """With feedback that changes nothing: Pre is dense again, Post and Both are fusion without feedback.

    Fused (min-max, half and half): q1 d2 .95, d1 .5; q2 d1 .5, d3 .5, d2 .3: the relevant one is first twice.
    """
    found = unit(
        stages.evaluate_stages,
        judged=JUDGED,
        searched=SEARCHED,
        weight=0.5,
        feedback={"none": NOTHING, "twin": NOTHING},
    )
    expected = {"dense": DENSE_MAP, "bm25 no-prf": 1.0}
    for setting in ("none", "twin"):
        expected |= {
            f"vprf {setting}": DENSE_MAP,
            f"bm25 pre-prf {setting}": DENSE_MAP,
            f"bm25 post-prf {setting}": 1.0,
            f"bm25 both-prf {setting}": 1.0,
        }
    assert values(found["cells"]) == pytest.approx(expected)
    assert {cell["factors"]["dense"] for cell in found["cells"]} == {"two"}


def test_feedback_moves_the_query(unit):
    """Pre-PRF with k 1 and the whole weight on feedback: q1 becomes d2 , first after fusion."""
    only = {"alpha": 0.0, "beta": 1.0, "k": 1}
    found = unit(
        stages.evaluate_stages, judged=JUDGED, searched=SEARCHED, weight=0.5, feedback={"only": only}
    )
    samples = {c["factors"]["stage"]: c["samples"] for c in found["cells"]}
    assert samples["pre-prf"]["q1"] == 1.0
    assert samples["vprf"]["q1"] == 0.5, "fed by the dense list it becomes d1, as it was"
    assert samples["pre-prf"]["q2"] == 1.0, "fused, d1 comes before d3 of equal score: the query becomes d1"


def test_sweeps_name_what_they_vary(unit):
    found = unit(
        stages.sweep_depth, judged=JUDGED, searched=SEARCHED, weight=0.5, feedback=NOTHING, depths=[1, 3]
    )
    assert set(values(found["cells"])) == {
        f"{stage} {k}" for stage in ("vprf", "bm25 pre-prf", "bm25 post-prf", "bm25 both-prf") for k in (1, 3)
    }
    found = unit(stages.sweep_weight, judged=JUDGED, searched=SEARCHED, weights=[0.0, 1.0], feedback=NOTHING)
    assert values(found["cells"]) == pytest.approx(
        {
            "bm25 no-prf 0.0": DENSE_MAP,  # nothing of the sparse list
            "bm25 no-prf 1.0": 1.0,  # nothing of the dense one
            "bm25 both-prf 0.0": DENSE_MAP,
            "bm25 both-prf 1.0": 1.0,
        }
    )


def test_comparisons_are_one_family_a_measure_and_setting(unit, tmp_path):
    found = unit(
        stages.evaluate_stages,
        judged={**JUDGED, "measures": ["MAP", "R@1"]},
        searched=SEARCHED,
        weight=0.5,
        feedback={"none": NOTHING, "twin": NOTHING},
    )
    place = tmp_path / "needs" / "evaluated"
    place.mkdir()
    (place / "value.json").write_text(json.dumps(found))
    compared = unit(compare_stages, {"evaluated": place}, evaluated=["evaluated"], settings=["none", "twin"])[
        "comparisons"
    ]
    per_family = 1 + len(FUSED_PAIRS)  # feedback against dense, and the pairs of the only sparse retriever
    assert len(compared) == 2 * 2 * per_family
    assert {c["family"].rpartition(" (")[2] for c in compared} == {f"{per_family} comparisons)"}
    assert {(c["correction"], c["n"]) for c in compared} == {("holm", 2)}
    for c in compared:
        sides = {c[side].get("prf", "") for side in ("left", "right")}
        assert len(sides - {""}) <= 1, "settings of feedback are never compared with each other"
    first = next(c for c in compared if c["left"]["stage"] == "no-prf" and c["right"]["stage"] == "dense")
    assert first["difference"] == pytest.approx(1.0 - DENSE_MAP)


class TestPlan:
    """Which units a plan makes, and that what is asked for twice is made once."""

    @staticmethod
    def plan(**parameters):
        return RetrievalPlan(PrfInterpolationParameters(**parameters))

    def test_a_unit_is_added_with_what_it_needs_and_once(self):
        plan, spec = self.plan(), CollectionSpec(name="pydocs")
        assert plan.sparse_run(spec, "test", "bm25") == plan.sparse_run(spec, "test", "bm25")
        assert [u.name for u in plan.units] == [
            "collection/pydocs",
            "index/bm25/pydocs",
            "run/bm25/pydocs/test",
        ]

    def test_units_stand_after_those_they_need(self):
        plan, spec = self.plan(), CollectionSpec(name="pydocs")
        for retriever in plan.parameters.dense:
            plan.dense_run(spec, "test", retriever)
        plan.sparse_run(spec, "test", "unicoil")
        seen = set()
        for unit in plan.units:
            assert set(unit.needs.values()) <= seen, unit.name
            seen.add(unit.name)

    def test_a_prebuilt_index_and_a_released_checkpoint_train_and_encode_no_document(self):
        plan = self.plan(unicoil_checkpoint="castorini/unicoil-msmarco-passage")
        spec = CollectionSpec(name="toy/x", bm25_index="b", unicoil_index="u")
        plan.sparse_run(spec, "test", "bm25")
        plan.sparse_run(spec, "test", "unicoil")
        plan.dense_run(spec, "test", DenseSpec(name="ance", encoder="ance", index="i"))
        kinds = {unit.name.split("/")[0] for unit in plan.units}
        assert kinds == {"collection", "topics", "run"}

    def test_each_round_mines_from_the_model_before_it(self):
        plan = self.plan(training={"rounds": 3})
        plan.dense_run(CollectionSpec(name="pydocs"), "test", DenseSpec(name="hn", recipe="hard-negatives"))
        needs = {u.name: dict(u.needs) for u in plan.units if u.name.startswith("train/")}
        assert list(needs) == ["train/hn-round1", "train/hn-round2", "train/hn"]
        assert needs["train/hn-round1"] == {
            "run": "run/minilm/pydocs/train",
            "collection": "collection/pydocs",
        }
        assert needs["train/hn-round2"]["model"] == "train/hn-round1"
        assert needs["train/hn"]["run"] == "run/hn-round2/pydocs/train"

    def test_the_students_teacher_is_trained_on_bm25s_negatives(self):
        plan = self.plan()
        plan.dense_run(CollectionSpec(name="pydocs"), "test", DenseSpec(name="kd", recipe="distillation"))
        units = {u.name: u for u in plan.units}
        assert units["train/kd"].needs["teacher"] == "train/late-interaction"
        assert units["train/late-interaction"].needs["run"] == "run/bm25/pydocs/train"

    def test_another_starting_point_is_not_taken_for_minilm(self):
        plan, spec = self.plan(), CollectionSpec(name="pydocs")
        plan.dense_run(spec, "test", DenseSpec(name="minilm"))
        plan.dense_run(spec, "test", DenseSpec(name="hn", recipe="hard-negatives", encoder="ance"))
        encoders = {u.parameters["encoder"] for u in plan.units if u.function.__name__ == "encode_collection"}
        assert "ance" in encoders, "the negatives of the first round come from the starting point's index"

    def test_shards_are_encoded_by_units_of_their_own_and_joined_under_the_same_name(self):
        plan, spec = self.plan(shards=3), CollectionSpec(name="pydocs")
        assert plan.dense_index(spec, DenseSpec(name="minilm")) == {"index": "index/minilm/pydocs"}
        units = {u.name: u for u in plan.units}
        shards = [f"index/minilm/pydocs/shard-{i}-of-3" for i in range(3)]
        assert list(units) == ["collection/pydocs", "passages/pydocs", *shards, "index/minilm/pydocs"]
        assert list(units["index/minilm/pydocs"].needs.values()) == shards
        assert [units[name].parameters["shard"] for name in shards] == [0, 1, 2]
        assert all(units[name].needs == {"passages": "passages/pydocs"} for name in shards)
        assert plan.dense_index(spec, DenseSpec(name="hn", recipe="hard-negatives"))
        assert units.keys() < {u.name for u in plan.units}


def test_encoding_in_shards_gives_the_vectors_of_encoding_at_once(unit, tmp_path):
    from reprise.studies.retrieval_units import dense, shards

    settings = {"encoder": "all-MiniLM-L6-v2", "precision": "float32", "max_document_tokens": 16}
    folders = {
        name: tmp_path / "made" / name for name in ("passages", "shard/0", "shard/1", "joined", "whole")
    }

    def made(name, function, **parameters):
        here = folders[name]
        here.mkdir(parents=True)
        needs = {"collection": tmp_path / "needs" / "collection", **folders}
        value = function(Context(here, tmp_path / "checkpoints", needs), **parameters)
        (here / "value.json").write_text(json.dumps(value))
        return value

    made("passages", shards.store_passages)
    for number in (0, 1):
        made(f"shard/{number}", shards.encode_shard, shard=number, shards=2, **settings)
    joined = made("joined", shards.join_shards, shards=2)
    whole = made("whole", dense.encode_collection, **settings)
    assert joined == whole
    ids = ["d1", "d2", "d3", "d4"]
    found = [DenseIndex.open(folders[name] / "index") for name in ("joined", "whole")]
    assert [index.doc_ids.tolist() for index in found] == [ids, ids]
    assert np.allclose(found[0].vectors(ids), found[1].vectors(ids), atol=1e-6)
