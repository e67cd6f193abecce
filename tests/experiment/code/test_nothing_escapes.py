"""Stale is never called fresh: what really runs is in the closure, and what is changed of it changes keys.

A sample, on units that take a second together. The whole proof traced the smoke profile of seven studies.
"""

import random
from pathlib import Path

import pytest

import reprise
from reprise import studies
from reprise.experiment.code.graph import Node
from reprise.experiment.code.reach import WHOLE, Code, read_code
from reprise.experiment.context import Context
from reprise.experiment.parameters import load_parameters

from .mutating import moved, mutated, places, with_more
from .tracing import definitions_in, watched

ROOT = Path(reprise.__file__).parents[2]


@pytest.fixture(scope="module")
def code():
    return read_code()


@pytest.fixture(scope="module")
def ran(code, tmp_path_factory):
    """The definitions that ran, by the unit function that ran them."""
    study = studies.load_study("lasso_task_selection")
    kinds = ("synthetic/", "recovery/", "costs/", "budgets/")
    units = study.units(load_parameters(study, "smoke", ROOT))
    chosen = {u.function: u for u in units if u.name.startswith(kinds) and not u.needs}
    assert len(chosen) > 2
    found = {}
    for function, unit in chosen.items():
        folder = tmp_path_factory.mktemp("unit")
        with watched() as seen:
            function(Context(folder, folder / "checkpoints", {}, unit.seed), **unit.parameters)
        found[code.function(function)] = definitions_in(seen, code.graph)
    return found


def test_what_runs_is_in_the_closure(code, ran):
    for function, definitions in ran.items():
        assert len(definitions) > 10
        reached = code.reach([function]).definitions
        assert [d for d in definitions if not {d[1], WHOLE} & set(reached.get(d[0], ()))] == []


def test_a_changed_constant_or_operator_makes_every_unit_stale_that_ran_it(code, ran):
    choose, tried = random.Random(0), 0
    definitions = sorted(set().union(*ran.values()))
    while tried < 25:
        module, name = choose.choice(definitions)
        text = code.graph.sources.text(module).decode()
        found = places(text, name)
        edited = mutated(text, choose.choice(found)) if found else None
        if edited is None:
            continue
        changed = Code(code.graph.edited({module: edited.encode()}))
        for function in (f for f, used in ran.items() if (module, name) in used):
            assert changed.reach([function]).digest != code.reach([function]).digest, (module, name)
        tried += 1


def test_additions_and_moves_make_nothing_stale(code, ran):
    choose = random.Random(0)
    definitions = choose.sample(sorted(set().union(*ran.values())), 10)
    for number, (module, name) in enumerate(definitions):
        text, place = code.graph.sources.text(module).decode(), f"reprise.moved_{number}"
        here, there = moved(text, module, name, place)
        more = Code(code.graph.edited({module: with_more(text, number).encode()}))
        gone = Code(code.graph.edited({module: here.encode(), place: there.encode()}))
        for function in ran:
            before = code.reach([function]).digest
            start = Node("definition", place, name) if function == ("definition", module, name) else function
            assert more.reach([function]).digest == before
            assert gone.reach([start]).digest == before, (module, name)
