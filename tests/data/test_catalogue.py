"""The catalogue of published collections: complete, sourced, and true where a collection is here."""

import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from reprise import studies
from reprise.data.catalogue import known_quirks, read_catalogue
from reprise.data.load import load_collection
from reprise.experiment.parameters import load_parameters, profiles_of
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.requirements import EMBEDDED

ROOT = Path(__file__).parents[2]


def specs_in(value):
    """Every collection that some parameters ask for."""
    if isinstance(value, CollectionSpec):
        yield value
    elif isinstance(value, BaseModel):
        yield from specs_in(dict(value))
    elif isinstance(value, dict):
        yield from specs_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from specs_in(inner)


def asked_collections():
    """The collections that a `paper` or `open` parameter file names, apart from the embedded one."""
    for name in studies.names():
        study = studies.load_study(name)
        for profile in {"paper", "open"} & set(profiles_of(name, ROOT)):
            yield from (s for s in specs_in(load_parameters(study, profile, ROOT)) if s.name not in EMBEDDED)


def test_every_collection_that_a_parameter_file_names_is_in_it():
    asked = {spec.name for spec in asked_collections()}
    assert len(asked) > 30
    assert asked - set(read_catalogue()) == set()


def test_parameters_evaluate_the_split_that_values_are_published_for():
    for spec in asked_collections():
        about = read_catalogue()[spec.name]
        assert about.evaluated in spec.splits, spec.name
        assert not about.splits or set(spec.splits) <= set(about.splits), spec.name


def test_every_source_is_an_address():
    for name, about in read_catalogue().items():
        for source in (about.source, *(quirk.source for quirk in about.quirks.values())):
            assert source.startswith("https://"), name


def test_quirks_are_known_by_name_by_part_and_by_path(tmp_path):
    assert known_quirks("beir/arguana")["missing_documents"].count == 1
    assert known_quirks("beir/fiqa/test") == known_quirks("beir/fiqa")
    assert known_quirks(f"{tmp_path}/beir/arguana") == known_quirks("beir/arguana")
    assert known_quirks("arguana") == {}, "a folder of that name may be anything"


@pytest.mark.skipif(not os.environ.get("REPRISE_DATA"), reason="REPRISE_DATA names no folder of collections")
@pytest.mark.parametrize("name", [n for n in read_catalogue() if n.startswith("ir/")])
def test_what_is_said_of_a_collection_that_is_here_is_true(name):
    if not (Path(os.environ["REPRISE_DATA"]) / name).exists():
        pytest.skip(f"{name} is not under REPRISE_DATA")
    about, found = read_catalogue()[name], load_collection(name)
    assert about.documents == len(found.documents)
    for split, facts in about.splits.items():
        judged = [grade for of_one in found.split(split).qrels.values() for grade in of_one.values()]
        assert (facts.topics, facts.judgements) == (len(found.split(split).topics), len(judged))
        assert facts.grades == tuple(sorted(set(judged)))
    said = {"documents_without_text": "documents without text, kept and never found"}
    counted = {oddity.what: oddity.count for oddity in found.oddities}
    assert counted == {said[kind]: quirk.count for kind, quirk in about.quirks.items()}
