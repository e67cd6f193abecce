"""The sparse network study at toy size: units, exact counts, disturbed timings, matched pairs, its ledger."""

import json
from pathlib import Path

import numpy as np
import pytest

from reprise.claims.ledger import ledger_path, load_ledger
from reprise.claims.published import load_published
from reprise.experiment.context import Context
from reprise.experiment.keys import make_recipes
from reprise.experiment.parameters import load_parameters, profiles_of
from reprise.sparsity.layers import count_cost, pointwise_layers
from reprise.sparsity.models import make_model
from reprise.sparsity.pruning import prunable_layers
from reprise.studies.sparse_convnets import STUDY, TIMED
from reprise.studies.sparse_units import layers, layouts, matched, networks, threads, timing, training
from reprise.studies.sparse_units.patterns import drawn_weights

ROOT = Path(__file__).parents[2]
TIMING = {"repeats": 3, "seconds": 0.1}


def context(tmp_path, seed=1, needs=None):
    folder = tmp_path / "unit"
    folder.mkdir(parents=True, exist_ok=True)
    return Context(folder, tmp_path / "checkpoints", needs or {}, seed=seed)


def test_every_profile_plans_its_units():
    for profile in profiles_of(STUDY.name, ROOT):
        parameters = load_parameters(STUDY, profile, ROOT)
        units = STUDY.units(parameters)
        assert len(make_recipes(units)) == len(units)
        cores = units[0].threads
        # what is timed runs alone; what is trained gives the same on any machine
        alone = ("host", "layers", "network", "threads", "layouts", "latency")
        for unit in (u for u in units if not u.name.startswith("imagenet/")):
            assert unit.threads == (cores if unit.name.split("/")[0] in alone else 1), unit.name


def test_counts_are_exact_and_the_published_ones():
    """MobileNet v1 1.0: 569 million multiply-adds; 90 % of its 1x1 layers' go when they are pruned."""
    import torch

    model = make_model("mobilenet-v1")
    with torch.no_grad():  # a weight that is drawn as exactly 0 would not count
        for weight in model.parameters():
            weight[weight == 0] = 1e-6
    dense = count_cost(model, 224)
    assert round(dense.total / 1e6) == 569 and round(dense.parameters / 1e6, 1) == 4.2
    shapes = pointwise_layers(make_model("mobilenet-v1"), 224)
    assert sum(i * o * s * s for i, o, s in shapes) == dense.macs["pointwise"]
    assert len(pointwise_layers(make_model("efficientnet-b0"), 224)) == 15 + 16 + 1
    sparse = count_cost(networks.drawn_network("mobilenet-v1", 1.0, 0.9, "paper", 0), 224)
    assert sparse.macs["pointwise"] == pytest.approx(0.1 * dense.macs["pointwise"], rel=1e-3)
    assert {k: v for k, v in sparse.macs.items() if k != "pointwise"} == {
        k: v for k, v in dense.macs.items() if k != "pointwise"
    }


def test_released_layouts_of_blocks():
    v1, v2 = make_model("mobilenet-v1"), make_model("mobilenet-v2")
    assert networks.paper_blocks("mobilenet-v1", v1) == {"features.13.1.0": 4}
    blocks = networks.paper_blocks("mobilenet-v2", v2)
    assert set(blocks.values()) == {2} and min(int(path.split(".")[1]) for path in blocks) == 11
    assert networks.paper_blocks("efficientnet-b0", make_model("efficientnet-b0")) == {}


def test_drawn_patterns_have_the_sparsity_exactly():
    for block in (1, 2, 4):
        weights = drawn_weights(16, 50, 0.9, block, np.random.default_rng(0))
        assert (weights != 0).sum() == block * (16 // block * 50 - round(0.9 * (16 // block) * 50))


def test_layers_at_toy_size(tmp_path):
    found = layers.time_layers(
        context(tmp_path), "mobilenet-v1", [0.0, 0.9], [1, 4], ["numpy", "scipy-csr"], **TIMING, most_layers=1
    )
    by = {(c["measure"], *c["factors"].values()): c for c in found["cells"]}
    best = by["milliseconds", "1x1 layers", "best dense", "0"]
    assert best["samples"] == by["milliseconds", "1x1 layers", "numpy", "0"]["samples"]
    ours = by["milliseconds", "1x1 layers", "sparse", "0.9", "1x1"]
    ratio = by["times faster", "1x1 layers", "sparse", "0.9", "1x1"]
    assert ratio["samples"]["0"] == pytest.approx(best["samples"]["0"] / ours["samples"]["0"])
    assert found["timing"]["calls"] >= 3 * 6 and {c["factors"]["layer"] for c in found["layers"]} == {
        "32x64 @ 112x112"
    }


def test_networks_and_threads_at_toy_size(tmp_path):
    variants = [{"sparsity": 0.9, "block": "paper"}, {"sparsity": 0.0, "block": "4x1"}]
    found = networks.time_network(
        context(tmp_path),
        "mobilenet-v1",
        0.25,
        variants,
        ["onednn-packed", "torch", "onnxruntime"],
        **TIMING,
        side=32,
    )
    timed = [c for c in found["cells"] if c["measure"] == "milliseconds"]
    assert [c["factors"]["implementation"] for c in timed] == [
        "onednn-packed",
        "torch",
        "onnxruntime",
        "sparse",
        "sparse",
        "best dense",
    ]
    assert min(c["value"] for c in timed[:3]) == timed[-1]["value"] > 0
    *pair, aside = threads.time_threads(
        context(tmp_path), "mobilenet-v1", 0.9, 2, **TIMING, spells=1, side=32
    )["cells"]
    found = [[c["factors"][f] for f in ("implementation", "threads")] for c in pair]
    kinds = ("sparse", threads.ADDS, threads.PASSING)
    assert found == [[kind, n] for n in "12" for kind in kinds for _ in range(2)]
    assert all(c["value"] > 0 and c["n"] >= 3 for c in pair) and aside["measure"] == "spells set aside"


def test_spells_on_far_cores_are_set_aside(tmp_path, monkeypatch):
    """Two spells are wanted: of N Q N Q two are kept and two set aside; were none quiet, the last is kept."""
    monkeypatch.setattr(threads, "_PAUSE", 0.0)
    about = (context(tmp_path), "mobilenet-v1", 0.9, 2)
    for quiet, aside, kept in (([False, True, False, True], 2, 2), ([False] * 8, 8, 1)):
        answers = iter(quiet)
        monkeypatch.setattr(threads, "is_quiet", lambda *_, answers=answers: next(answers))
        found = threads.time_threads(*about, **TIMING, spells=2, side=32)["cells"]
        assert found[-1]["value"] == aside and found[0]["n"] == 3 * kept


def test_layouts_at_toy_size(tmp_path):
    found = layouts.time_layouts(context(tmp_path), 0.85, 0.35, 64, **TIMING)
    by = {(c["measure"], c["factors"]["layout"], c["factors"]["implementation"]): c for c in found["cells"]}
    kinds, measures = ("sparse", "sparse, no panels"), ("milliseconds", "million multiply-adds")
    assert all(by[m, layout, k]["value"] > 0 for m in measures for layout in layouts.NETWORKS for k in kinds)
    assert len(by) == len(found["cells"]) == 12 and found["timing"]["calls"] >= 12
    work = [by["million multiply-adds", layout, "sparse"]["value"] for layout in layouts.NETWORKS]
    assert work[1] == pytest.approx(work[0], rel=0.1)


def test_a_row_of_calls_is_worth_its_median(monkeypatch):
    """Ten calls of 1 to 10 s after one of 99 s that is not timed: the median is 5.5 s."""
    clock, lengths = [0.0], iter([99, *range(1, 11)])

    def call():
        clock[0] += next(lengths)

    monkeypatch.setattr(timing, "perf_counter", lambda: clock[0])
    rows = timing.interleave_rows({"a": call}, 1, 1e9, 10)
    assert rows == {"a": [5500.0]}


def test_a_disturbed_call_is_made_again(monkeypatch):
    """Wall times 5, 1 and 1 s at 1 s of processor time: the first call was put aside and is not kept."""
    walls, clock, own = iter([5.0, 1.0, 1.0, 1.0]), [0.0], [0.0]
    monkeypatch.setattr(timing, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(timing, "thread_time", lambda: own[0])
    warm = [True]

    def call():
        warm[0] = not warm[0]
        clock[0] += next(walls)
        own[0] += 1.0

    found = timing.Times({"a": []})
    assert [timing._time(call, found, 8) for _ in range(2)] == [1.0, 1.0]
    assert found.about() == {"calls": 3, "disturbed": 1, "kept disturbed": 0}
    walls = iter([5.0, 4.0])
    assert timing._time(call, found, 2) == 1.0 and found.kept_disturbed == 1


@pytest.mark.parametrize("method", ["dense", "gradual", "one-shot", "random"])
def test_training_is_repeatable_and_prunes_exactly(tmp_path, method):
    import torch

    arguments = {"task": "parts", "width": 4, "sparsity": 0.75, "block": 1, "method": method}
    arguments |= {"steps": 12, "batch": 8, "rate": 1e-3, "smoothing": 0.05, "test": 50}
    first = training.train_small(context(tmp_path), **arguments)
    assert training.train_small(context(tmp_path), **arguments) == first
    model = training.make_small("parts", 4)
    model.load_state_dict(torch.load(tmp_path / "unit" / "weights.pt", weights_only=True))
    zeros = [float((x.weight == 0).float().mean()) for x in prunable_layers(model).values()]
    assert zeros == pytest.approx([0.0 if method == "dense" else 0.75] * len(zeros))
    assert 0 <= first["accuracy"] <= 100 and first["macs_1x1"] < first["macs"]
    needs = {"a": tmp_path / "unit"}
    timed = training.time_small(
        context(tmp_path, needs=needs),
        "parts",
        [{"role": "a", "width": 4, "factors": {"width": "4"}}],
        **TIMING,
    )
    assert timed["cells"][0]["value"] > 0


def test_matched_pairs_take_the_time_of_their_networks():
    def cell(measure, value, **factors):
        about = {"part": "network", **factors}
        return {
            "dataset": "mobilenet-v1",
            "measure": measure,
            "factors": about,
            "value": value,
            "samples": {"0": value},
        }

    cells = [
        cell("milliseconds", 6.0, width="0.5", implementation="best dense"),
        cell("milliseconds", 3.0, width="0.75", implementation="sparse", sparsity="0.9", block="paper"),
    ]
    counts = [
        cell("million multiply-adds", 150.0, width="0.5", sparsity="0"),
        cell("million multiply-adds", 50.0, width="0.75", sparsity="0.9", block="paper"),
    ]
    pair = matched.Pair(name="p", dense=(0.5, 63.3), sparse=(0.75, 64.4), block="paper")
    missing = matched.Pair(name="q", dense=(2.0, 63.3), sparse=(0.75, 64.4), block="paper")
    found = {
        (c["measure"], c["factors"]["network"]): c["value"]
        for c in matched.matched_cells([pair, missing], cells, counts)
    }
    assert found["times faster", "sparse"] == 2.0 and found["published top-1", "dense"] == 63.3
    assert found["million multiply-adds", "sparse"] == 50.0 and len(found) == 7


def test_published_numbers_and_the_ledger_fit_together():
    cells, claims = load_published(STUDY.name, ROOT), load_ledger(ledger_path(STUDY.name, ROOT))
    released = cells.select(measure="top-1", recipe="")
    assert len([c for c in released if c["sparsity"] != "0"]) == 11
    assert len({claim.id for claim in claims}) == len(claims) >= 20
    asked = json.dumps([claim.where for claim in claims])
    assert "milliseconds" in asked and "milliseconds" in TIMED


def test_open_profile_says_what_it_needs_and_leaves_out_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    parameters = load_parameters(STUDY, "open", ROOT)
    needs = STUDY.requirements(parameters)
    assert {r.name for r in needs} == {"mnist-test", "fashion-mnist", "cifar-10"}
    assert all(r.optional and not r.present() for r in needs)
    assert not [u.name for u in STUDY.units(parameters) if u.name.startswith(("train/", "latency/"))]
    (tmp_path / "images" / "mnist").mkdir(parents=True)
    for file in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        (tmp_path / "images" / "mnist" / file).write_bytes(b"x")
    trained = {u.name.split("/")[1] for u in STUDY.units(parameters) if u.name.startswith("train/")}
    assert trained == {"mnist"}
    assert STUDY.requirements(load_parameters(STUDY, "default", ROOT)) == []


def test_mnists_test_images_are_trained_on_and_timed_by_the_network_of_their_size(monkeypatch, tmp_path):
    from reprise.data import mnist_test
    from reprise.studies.sparse_units import outside

    images = np.random.default_rng(0).random((60, 28, 28))
    monkeypatch.setattr(mnist_test, "load_mnist_test", lambda: (images, np.arange(60) % 10))
    made = tmp_path / "made"
    made.mkdir()
    about = {"task": "mnist", "width": 4, "sparsity": 0.0, "block": 1, "method": "dense"}
    loop = {"steps": 2, "batch": 8, "rate": 1e-3, "smoothing": 0.0, "test": 20}
    found = outside.train_outside(Context(made, tmp_path, {}), **about, **loop)
    assert 0 <= found["accuracy"] <= 100 and found["macs"] > 0
    networks = [{"role": "net", "width": 4, "factors": {"width": "4"}}]
    timed = outside.time_outside(
        Context(tmp_path, tmp_path, {"net": made}), task="mnist", networks=networks, repeats=3, seconds=0.1
    )
    assert [c["dataset"] for c in timed["cells"]] == ["mnist"]


def test_imagenet_goes_on_after_a_kill(tmp_path, monkeypatch):
    """Two epochs, killed after the first and begun again, give the weights of two epochs in one go."""
    import torch
    from PIL import Image

    from reprise.studies.sparse_units import imagenet

    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    generator = np.random.default_rng(0)
    for part in ("train", "val"):
        for name in ("a", "b"):
            (tmp_path / "images" / "imagenet" / part / name).mkdir(parents=True)
            for i in range(4):
                pixels = generator.integers(0, 256, (40, 40, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / "images" / "imagenet" / part / name / f"{i}.png")
    arguments = {
        "network": "mobilenet-v1",
        "width": 0.25,
        "sparsity": 0.5,
        "block": "paper",
        "epochs": 2,
        "batch": 4,
    }
    arguments |= {"rate": 0.01, "decay": 0.0, "smoothing": 0.1, "workers": 0, "side": 32}
    whole = imagenet.train_imagenet(context(tmp_path / "whole"), **arguments)
    weights = torch.load(tmp_path / "whole" / "unit" / "weights.pt", weights_only=True)

    class Killed(Exception):
        pass

    def once(items, **_):
        yield next(iter(items))
        raise Killed

    cut = context(tmp_path / "cut")
    monkeypatch.setattr(cut, "progress", once)
    with pytest.raises(Killed):
        imagenet.train_imagenet(cut, **arguments)
    assert imagenet.train_imagenet(context(tmp_path / "cut"), **arguments) == whole
    again = torch.load(tmp_path / "cut" / "unit" / "weights.pt", weights_only=True)
    assert all(torch.equal(weights[k], again[k]) for k in weights)
    assert whole["cells"][0]["factors"] == {
        "network": "mobilenet-v1",
        "width": "0.25",
        "sparsity": "0.5",
        "block": "paper",
    }
