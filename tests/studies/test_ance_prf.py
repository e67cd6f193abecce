"""The ANCE-PRF study: its plan, its tables, published numbers, and the paper's way with small stand-ins."""

import json
from pathlib import Path

import numpy as np
import pytest

from reprise.bench.ance_prf import make_ance_checkpoint
from reprise.claims.comparison import gather
from reprise.claims.judge import judge
from reprise.claims.ledger import ledger_path, load_ledger
from reprise.claims.published import load_published
from reprise.data.collection import Collection, Document, Split, Topic
from reprise.data.formats import write_beir
from reprise.errors import InputError, ParameterError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.context import Context
from reprise.experiment.keys import make_recipes
from reprise.experiment.parameters import load_parameters, validate
from reprise.studies.ance_prf import STUDY, AncePrfParameters
from reprise.studies.ance_prf_units import analyse, evaluate, examples, models
from reprise.studies.ance_prf_units.spec import PrfTraining

ROOT = Path(__file__).parents[2]


class Outcome:
    """As much of results as the tables and figures look at."""

    def __init__(self, cells):
        self.cells, self.body, self.datasets, self.parameters = cells, {}, {}, {"main_k": 3}


@pytest.fixture(scope="module")
def defaults():
    return load_parameters(STUDY, "default", ROOT)


def test_the_default_profile_is_what_the_study_says(defaults):
    assert defaults == AncePrfParameters()
    assert (defaults.ks, defaults.main_k, defaults.seeds) == ((1, 2, 3, 4, 5), 3, 3)
    assert (defaults.prf.negatives, defaults.prf.mined, defaults.prf.depth) == (20, 100, 1000)


def test_the_default_plan_crosses_k_and_retrievers(defaults):
    recipes = {r.name: r for r in make_recipes(STUDY.units(defaults))}
    for retriever in ("minilm", "minilm-hn", "minilm-kd"):
        for k in defaults.ks:
            seeds = range(defaults.seeds if k == 3 else 1)
            trained = [recipes[f"train/ance-prf/{retriever}/pydocs/k{k}/seed{s}"] for s in seeds]
            assert len({r.unit.seed for r in trained}) == len(trained)
            assert all(r.unit.parameters["k"] == k for r in trained)
    for name in defaults.variants:
        changed = recipes[f"train/ance-prf/minilm-hn/pydocs/k3/{name}/seed0"].unit
        base = recipes["train/ance-prf/minilm-hn/pydocs/k3/seed0"].unit
        assert changed.seed == base.seed and changed.parameters != base.parameters
        tested = f"evaluate/pydocs/test/minilm-hn/pydocs/k3/{name}/seed0" in recipes
        assert tested == (name in defaults.tested), "settings are chosen on dev topics"
        assert f"evaluate/pydocs/dev/minilm-hn/pydocs/k3/{name}/seed0" in recipes


@pytest.mark.parametrize("profile", ["smoke", "default"])
def test_the_plan_measures_both_sides_of_the_ledgers_gate_on_dev(profile):
    """Else no claim that requires it could ever be judged."""
    units = STUDY.units(load_parameters(STUDY, profile, ROOT))
    dev = Cells(
        Cell(u.parameters["judged"]["dataset"], measure, u.parameters["factors"], 0.0)
        for u in units
        if u.name.startswith("evaluate/") and u.name.split("/")[2] == "dev"
        for measure in ("nDCG@10", "MAP")
    )
    (gate,) = load_ledger(ledger_path("ance_prf", ROOT)).gates
    found = gather(gate, dev, Cells([]))
    assert found.comparisons and not found.incomplete
    assert all(c.cells[0].dataset.endswith("-dev") for c in found.comparisons)


def test_the_retrievers_are_those_of_the_study_of_interpolation(defaults):
    from reprise.studies.prf_interpolation import STUDY as OTHER

    theirs = {r.name: r.key for r in make_recipes(OTHER.units(load_parameters(OTHER, "default", ROOT)))}
    ours = {r.name: r.key for r in make_recipes(STUDY.units(defaults))}
    shared = [
        name for name in ours if name.startswith(("train/minilm", "index/", "topics/")) and name in theirs
    ]
    assert len(shared) >= 9
    assert all(ours[name] == theirs[name] for name in shared)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"main_k": 7}, r"'main_k': must be among ks, \[1, 2, 3, 4, 5\] \(given: 7\)"),
        ({"ks": [3, 40], "depth": 30}, "'ks': must be at most depth"),
        ({"variants_on": "ance"}, "'variants_on': dense has no 'ance'"),
        (
            {"variants": {"x": {"stepz": 3}}, "tested": []},
            "'variants.x.stepz': there is no such parameter .did you mean 'steps'",
        ),
        ({"variants": {"x": {"steps": True}}, "tested": []}, "'variants.x.steps': must be a whole number"),
        ({"variants": {"x": {"accumulate": 3}}, "tested": []}, "'variants.x.accumulate': must divide"),
        ({"checkpoints": {"ance": {3: "x"}}}, "'checkpoints': dense has no 'ance'"),
        ({"prf": {"negatives": 200}}, "'prf.negatives': are drawn from those mined"),
        ({"prf": {"processes": 3}}, "'prf.processes': must divide the 16 examples"),
        ({"tested": ["in-bach"]}, "'tested': variants has no 'in-bach'.*did you mean 'in-batch'"),
        ({"trained_on_own": ["nope"]}, "'trained_on_own': collections has no 'nope'"),
        ({"dev_split": "devel"}, "'dev_split'.*no split 'devel'.*did you mean 'dev'"),
        ({"sparse": ["bm25", "unicoil"]}, "'sparse': must have at most 1"),
        ({"prf": {"step": 3}}, "did you mean 'prf.steps'|steps"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(given, said):
    with pytest.raises(ParameterError, match=said):
        validate(STUDY, given, "the test")


def test_published_numbers():
    cells = load_published("ance_prf", ROOT)
    assert len(cells) == 9 * 7 + 4 * 5 + 2 * 7
    released = cells.select(training="released", reported="")
    assert released.get(dataset="dl20", measure="nDCG@10", case="lower").value == 0.695
    assert released.get(dataset="dl20", measure="nDCG@10", case="mixed").value == 0.674
    assert sum("significant" in c.marks for c in cells) == 6
    for table in STUDY.tables(Outcome(cells)):
        for _, factors in table.rows:
            for measure in table.measures if factors else ():
                found = cells.select(measure=measure, **factors)
                assert len(found) == len(found.values("dataset")), (table.name, factors)


def test_verdicts_on_the_papers_own_numbers():
    verdicts = judge(
        load_ledger(ledger_path("ance_prf", ROOT)), None, load_published("ance_prf", ROOT), "paper"
    )
    assert {v.id: (v.verdict, v.shown) for v in verdicts if v.contrast != "value"} == {
        "inference-reproduces": ("borne out by its table", "7 of 7"),
        "lower-case-matters": ("borne out by its table", "4 of 4"),
        "prf-beats-retriever": ("borne out by its table", "7 of 7"),
        "training-reproduces": ("borne out by its table", "7 of 7"),
        "training-matters": ("not testable", ""),
        "head-must-be-inherited": ("borne out by its table", "5 of 5"),
        "new-head-below-retriever": ("borne out by its table", "5 of 5"),
        "in-batch-no-effect": ("partly", "4 of 5"),
        "smaller-rate-worse": ("borne out by its table", "1 of 1"),
        "carries-over": ("borne out by its table", "9 of 14"),
        "carries-over-significantly": ("borne out by its table", "6 of 14"),
        "costs-twice": ("not testable", ""),
    }


# -- units, on a collection of a few documents ------------------------------------------------------


class Folders:
    """Runs units by hand: each gets the folders of those it needs."""

    def __init__(self, root):
        self.root, self.made = root, {}

    def run(self, unit, function, needs=None, seed=1, /, **parameters):
        folder = self.root / unit
        folder.mkdir()
        places = {role: self.made[name] for role, name in (needs or {}).items()}
        context = Context(folder, folder / "checkpoints", places, seed, threads=1)
        value = function(context, **parameters)
        (folder / "value.json").write_text(json.dumps(value))
        self.made[unit] = folder
        return json.loads(json.dumps(value))


THINGS = ["matrix", "vector", "array", "tree", "graph", "mean", "sum", "sort"]


@pytest.fixture(scope="module")
def ance(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stand-in")
    make_ance_checkpoint(folder, size=16, layers=1)
    return folder


@pytest.fixture(scope="module")
def paper(tmp_path_factory, ance):
    """A stand-in for MS MARCO: a random ANCE, a flat index with docid file, topics with judgements."""
    from reprise.retrieval.dense import DenseIndex
    from reprise.retrieval.paper_encoders import load_paper_encoder
    from reprise.studies.retrieval_units.collections import prepare_collection

    root = tmp_path_factory.mktemp("paper")
    documents = tuple(
        Document(f"d{i}", f"A {thing} of {other}S")
        for i, (thing, other) in enumerate(zip(THINGS, THINGS[1:] + THINGS[:1], strict=True))
    )
    topics = tuple(Topic(f"q{i}", f"find the {thing}") for i, thing in enumerate(THINGS))
    qrels = {f"q{i}": {f"d{i}": 2, f"d{(i + 1) % 8}": 1} for i in range(8)}
    collection = Collection("toy", documents, {"test": Split(topics, qrels), "train": Split(topics, qrels)})
    write_beir(collection, root / "toy")
    encoder = load_paper_encoder("ance", str(ance))
    folders = Folders(root)
    folders.run(
        "collection",
        prepare_collection,
        name=str(root / "toy"),
        options={"relevance_threshold": 2},
        splits=["test"],
    )
    made = {
        "index": lambda folder: DenseIndex.from_vectors(
            collection.doc_ids, encoder.encode_documents(collection.texts)
        ).save(folder / "index"),
        "topics": lambda folder: np.save(
            folder / "vectors.npy", encoder.encode_queries([t.text for t in topics])
        ),
    }
    for name, make in made.items():
        (root / name).mkdir()
        make(root / name)
        folders.made[name] = root / name
    run = DenseIndex.open(root / "index" / "index").search(
        [t.id for t in topics], np.load(root / "topics" / "vectors.npy"), 8
    )
    (root / "first").mkdir()
    run.save(root / "first" / "run.npz")
    folders.made["first"] = root / "first"
    return folders


NEEDS = {"collection": "collection", "index": "index", "topics": "topics"}
EXAMPLES = {"split": "train", "feedback": 3, "depth": 8, "mined": 4, "max_queries": None, "prebuilt": None}


def test_examples_hold_feedback_positives_and_negatives_of_the_frozen_retriever(paper):
    from reprise.retrieval.ance_prf_passages import PassagesInMemory
    from reprise.retrieval.run import Run

    for shard in (0, 1):
        value = paper.run(
            f"examples{shard}", examples.make_examples, NEEDS, **EXAMPLES, shard=shard, shards=2
        )
        assert (value["queries"], value["examples"]) == (4, 8)  # two positives a query
    first = Run.load(paper.made["first"] / "run.npz")
    texts = PassagesInMemory({f"d{i}": f"text {i}" for i in range(8)})
    read = examples.read_examples([paper.made["examples0"], paper.made["examples1"]], texts, 2)
    assert len(read) == 16
    by_query = {e.query: e for e in read}
    for i, thing in enumerate(THINGS):
        example = by_query[f"find the {thing}"]
        assert example.passages == tuple(f"text {d[1:]}" for d in first.top(2)[i])
        assert len(set(example.negatives)) == 4 and not {f"d{i}", f"d{(i + 1) % 8}"} & set(example.negatives)
    with pytest.raises(InputError, match="fewer passages than feedback needs"):
        paper.run("deep", examples.make_examples, NEEDS, **{**EXAMPLES, "feedback": 9}, shard=0, shards=1)


def test_the_papers_way_from_examples_to_cells(paper, ance):
    """Train the stand-in for ANCE with LAMB, read topics with it and with a checkpoint, evaluate, analyse."""
    paper.run("all-examples", examples.make_examples, NEEDS, **EXAMPLES, shard=0, shards=1)
    source = {"start": "ance", "checkpoint": str(ance)}
    training = PrfTraining(optimiser="lamb", scale=1.0, steps=3, batch_size=4, negatives=2, mined=4, depth=8)
    trained = paper.run(
        "trained",
        models.train_query_encoder,
        {**NEEDS, "examples/0": "all-examples"},
        source=source,
        k=2,
        form={},
        loop=training.loop(),
        objective=training.objective(),
        shards=1,
        processes=1,
        prebuilt=None,
        texts=None,
    )
    assert trained["examples"] == 16
    reading = {"source": source, "split": "test", "k": 2, "precision": "float32", "texts": None}
    needs = {"collection": "collection", "first": "first"}
    paper.run("read", models.encode_with_feedback, {**needs, "trained": "trained"}, **reading, form={})
    for case in ("lower", "mixed"):
        form = {} if case == "lower" else {"lower_case": False}
        paper.run(case, models.encode_with_feedback, needs, **reading, form=form)
    vectors = {name: np.load(paper.made[name] / "vectors.npy") for name in ("read", "lower", "mixed")}
    assert np.abs(vectors["read"] - vectors["lower"]).max() > 1e-4, "training changes the encoder"
    assert np.abs(vectors["mixed"] - vectors["lower"]).max() > 1e-4, "the passages have capitals"

    judged = {"split": "test", "dataset": "toy", "measures": ["nDCG@10", "R@1000"]}
    searched = {"prebuilt": None, "depth": 8, "normalisation": "min-max", "missing": "zero"}
    shared = {"judged": judged, "searched": searched}
    base, prf = {"dense": "ance", "system": "base"}, {"dense": "ance", "system": "ance-prf", "k": "2"}
    found = paper.run(
        "evaluated", evaluate.evaluate_vectors, {**NEEDS, "queries": "read"}, **shared, factors=prf
    )
    assert [c["factors"] for c in found["cells"]] == [prf, prf]
    paper.made["sparse"] = paper.made["first"]
    baselines = paper.run(
        "baselines",
        evaluate.evaluate_baselines,
        {**NEEDS, "sparse": "sparse"},
        **shared,
        factors={"dense": "ance"},
        k=2,
        vector_prf={"rocchio": {"alpha": 0.4, "beta": 0.6}},
        weight=0.5,
        sparse="bm25",
    )
    assert len(baselines["cells"]) == 2 * 6  # alone, fused, Rocchio, and Rocchio at three stages
    analysed = paper.run(
        "analysed",
        analyse.analyse_feedback,
        {"collection": "collection", "first": "first", "evaluated": "evaluated", "baselines": "baselines"},
        judged=judged,
        evaluated=["baselines", "evaluated"],
        base=base,
        measure="nDCG@10",
        k=2,
    )
    groups = [
        c
        for c in analysed["by_relevant"]
        if c["factors"].items() >= base.items() and "stage" not in c["factors"]
    ]
    assert sum(c["n"] for c in groups) == 8
    compared = paper.run(
        "compared",
        analyse.compare_systems,
        {"evaluated": "evaluated", "baselines": "baselines"},
        evaluated=["baselines", "evaluated"],
        pairs=[(prf, base)],
    )
    assert [c["measure"] for c in compared["comparisons"]] == ["nDCG@10", "R@1000"]


def test_shares_and_groups_by_hand(tmp_path):
    """Of four topics one falls, one rises, two stay; two have a relevant passage in the feedback of one."""
    from reprise.retrieval.run import Run
    from reprise.studies.retrieval_units.collections import prepare_collection

    folders = Folders(tmp_path)
    topics = tuple(Topic(f"q{i}", "words") for i in range(4))
    qrels = {f"q{i}": {f"d{i}": 1} for i in range(4)}
    documents = tuple(Document(f"d{i}", "words") for i in range(4))
    write_beir(Collection("toy", documents, {"test": Split(topics, qrels)}), tmp_path / "toy")
    folders.run("collection", prepare_collection, name=str(tmp_path / "toy"), options={}, splits=["test"])
    first = Run.from_dict("first", {f"q{i}": {f"d{i if i < 2 else 0}": 1.0} for i in range(4)})
    (tmp_path / "first").mkdir()
    first.save(tmp_path / "first" / "run.npz")
    folders.made["first"] = tmp_path / "first"
    base, prf = {"system": "base"}, {"system": "ance-prf"}
    cells = [
        {"dataset": "toy", "measure": "nDCG@10", "factors": factors, "value": sum(v) / 4, "n": 4,
         "samples": {f"q{i}": x for i, x in enumerate(v)}}
        for factors, v in ((base, [0.5, 0.5, 0.5, 0.5]), (prf, [0.4, 0.9, 0.5, 0.5]))
    ]  # fmt: skip
    folders.run("cells", lambda context: {"cells": cells})
    found = folders.run(
        "analysed",
        analyse.analyse_feedback,
        {"collection": "collection", "first": "first", "cells": "cells"},
        judged={"split": "test"},
        evaluated=["cells"],
        base=base,
        measure="nDCG@10",
        k=1,
    )
    assert [(c["measure"], c["value"]) for c in found["cells"]] == [
        (analyse.HURT, 0.25),
        (analyse.HELPED, 0.25),
    ]
    groups = {(c["factors"]["system"], c["factors"]["relevant"]): c for c in found["by_relevant"]}
    assert groups["ance-prf", "1"]["samples"] == {"q0": 0.4, "q1": 0.9}
    assert groups["ance-prf", "0"]["value"] == 0.5 and groups["base", "0"]["n"] == 2


def test_seeds_are_averaged_topic_by_topic(tmp_path):
    folders = Folders(tmp_path)
    for name, values in (("a", [0.2, 0.4]), ("b", [0.4, 0.8])):
        samples = dict(zip(("q1", "q2"), values, strict=True))
        cell = {"dataset": "toy", "measure": "MAP", "factors": {"seed": name}, "n": 2, "samples": samples}
        cell["value"] = sum(values) / 2
        folders.run(name, lambda context, cell=cell: {"cells": [cell]})
    mean = folders.run(
        "mean", analyse.average_seeds, {"a": "a", "b": "b"}, evaluated=["a", "b"], factors={"k": "3"}
    )
    [cell] = mean["cells"]
    assert cell["samples"] == pytest.approx({"q1": 0.3, "q2": 0.6}) and cell["value"] == pytest.approx(0.45)
    assert cell["factors"] == {"k": "3"}
    assert [c["factors"]["seed"] for c in mean["seeds"]] == ["0", "1"]


def test_settings_on_dev_stand_below_the_encoder_before_training():
    found = Outcome(Cells([]))
    changed = [{"factors": {"training": "retrained", "variant": v}} for v in ("unchanged", "in-batch")]
    found.body = {"dev": [{"factors": {"training": "untrained"}}, *changed]}
    (table,) = [t for t in STUDY.tables(found) if t.name == "settings"]
    assert [factors for _, factors in table.rows] == [
        {"training": "untrained"},
        {"variant": "unchanged"},
        {"variant": "in-batch"},
    ]


def test_nothing_is_shown_where_there_is_nothing():
    assert STUDY.tables(Outcome(Cells([]))) == []
