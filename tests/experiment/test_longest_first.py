"""The order in which ready units start."""

import json

from reprise.experiment.keys import Recipe
from reprise.experiment.longest_first import longest_first, seconds_of_last_run
from reprise.experiment.unit import Unit


def function(context):
    return None


def recipe(name, *needs):
    made = Unit(name, function, needs={n: n for n in needs})
    return Recipe(made, f"key-{name}", {}, {n: f"key-{n}" for n in needs}, {})


def names(recipes, seconds=()):
    return [r.name for r in longest_first(recipes, dict(seconds))]


def test_without_times_the_longest_chain_of_units_goes_first():
    chain = [recipe("alone"), recipe("a"), recipe("b", "a"), recipe("c", "b")]
    assert names(chain) == ["a", "b", "alone", "c"]


def test_with_times_the_longest_way_goes_first():
    chains = [recipe("quick"), recipe("then", "quick"), recipe("slow"), recipe("end", "then", "slow")]
    assert names(chains, {"quick": 1, "then": 2, "slow": 10, "end": 1}) == ["slow", "quick", "then", "end"]


def test_the_longest_of_several_ways_counts_and_unknown_units_take_the_usual_time():
    fork = [recipe("root"), recipe("short", "root"), recipe("long", "root"), recipe("other"), recipe("new")]
    times = {"root": 1, "short": 1, "long": 8, "other": 4}
    assert names(fork, times) == ["root", "long", "other", "new", "short"]


def test_equal_units_and_twins_keep_their_order():
    twins = [recipe("a"), recipe("b"), recipe("a")]
    assert names(twins) == ["a", "b", "a"]


def test_times_are_read_from_the_manifest_of_results(tmp_path):
    assert seconds_of_last_run(tmp_path) == {}
    units = {"a": {"key": "k", "wall_seconds": 2.5}, "b": {"key": "l"}}
    manifest = {"files": {}, "parts": {}, "units": units}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert seconds_of_last_run(tmp_path) == {"a": 2.5}
