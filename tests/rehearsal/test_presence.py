"""What the doctor takes for present, against what the libraries then look for."""

from reprise.studies.prf_interpolation import PrfInterpolationParameters
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.requirements import retrieval_requirements

from . import catalogue
from .texts import passages, topics

TEXTS = passages(6)


def is_present(name):
    parameters = PrfInterpolationParameters(collections=(CollectionSpec(name=name),))
    return next(r for r in retrieval_requirements(parameters) if r.name == name).present()


def test_a_collection_of_beir_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    assert not is_present("beir/scifact")
    catalogue.write_beir(tmp_path, "scifact", TEXTS, {"test": topics([1], TEXTS)})
    assert is_present("beir/scifact")


def test_a_part_of_a_collection_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    catalogue.write_beir(tmp_path, "scifact", TEXTS, {"test": topics([1], TEXTS)})
    assert is_present("beir/scifact/test")


def test_topics_that_are_not_here_are_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    catalogue.write_msmarco(tmp_path, {"trec-dl-2019": topics([1], TEXTS), "trec-dl-hard": {}})
    assert not is_present("msmarco-passage/train/judged")
