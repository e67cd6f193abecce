"""What retrieval needs from outside, and how it is looked for."""

import pytest

from reprise.errors import EnvironmentNotReady
from reprise.experiment.requirement import download_size, require
from reprise.studies.prf_interpolation import PrfInterpolationParameters
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.parameters import DenseSpec
from reprise.studies.retrieval_units.requirements import present_collections, retrieval_requirements


def needs(**parameters):
    return {r.name: r for r in retrieval_requirements(PrfInterpolationParameters(**parameters))}


def test_the_embedded_data_needs_nothing():
    assert needs() == {}


def test_a_prebuilt_index_is_found_by_its_whole_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path))
    wanted = needs(collections=(CollectionSpec(name="pydocs", bm25_index="msmarco-v1-passage"),))
    index = wanted["msmarco-v1-passage"]
    assert not index.present()
    assert index.size == 2_170_758_745 and index.checksum == "md5 678876e8c99a89933d553609a0fd8793"
    md5 = "f926bd3e17d210ff041f880d27bdcd6f"
    other = tmp_path / "indexes" / f"lucene-inverted.msmarco-v1-passage.unicoil.20221005.252b5e.{md5}"
    other.mkdir(parents=True)
    (other / "segments_1").write_text("x")
    assert not index.present(), "another index whose name begins alike"
    stem = "lucene-inverted.msmarco-v1-passage.20221004.252b5e"
    half = tmp_path / "indexes" / stem
    half.mkdir()
    (half / "segments_1").write_text("x")
    assert not index.present(), "unpacked, and not yet found to be whole"
    mine = tmp_path / "indexes" / f"{stem}.678876e8c99a89933d553609a0fd8793"
    mine.mkdir()
    assert not index.present(), "an empty folder"
    (mine / "segments_1").write_text("x")
    assert index.present()


def judged(folder):
    """The folder with judgements of a split "test", which is all that is looked at before a run."""
    (folder / "qrels").mkdir(parents=True)
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n")
    return folder


def test_a_folder_of_ones_own_and_a_local_checkpoint_are_there(tmp_path):
    judged(tmp_path)
    wanted = needs(
        collections=(CollectionSpec(name=str(tmp_path)),),
        dense=(DenseSpec(name="mine", encoder=str(tmp_path)),),
    )
    assert all(r.present() for r in wanted.values())


def test_an_id_of_the_catalogue_is_looked_for_where_its_library_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    collection = needs(collections=(CollectionSpec(name="vaswani"),))["vaswani"]
    assert not collection.present()
    (tmp_path / "vaswani").mkdir()
    (tmp_path / "vaswani" / "irds_version.txt").write_text("0.5")
    assert not collection.present(), "looked for before, and never fetched"
    (tmp_path / "vaswani" / "docs.txt").write_text("x")
    assert collection.present()


def test_what_is_neither_an_id_nor_a_folder_cannot_be_fetched():
    collection = needs(collections=(CollectionSpec(name="mine/misspelt"),))["mine/misspelt"]
    assert not collection.present() and collection.fetch is None
    with pytest.raises(EnvironmentNotReady, match="give the path of a folder in BEIR's layout, or an id"):
        require([collection], "a-study", "smoke")


def test_a_set_of_beir_whose_fetching_broke_off_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    collection = needs(collections=(CollectionSpec(name="beir/scifact/test"),))["beir/scifact/test"]
    assert collection.size == 2_816_079 and collection.checksum == "md5 5f7d1de60b170fc8027bb7898e2efca1"
    (tmp_path / "beir" / "scifact").mkdir(parents=True)
    (tmp_path / "beir" / "scifact" / "docs.pklz4").write_text("x")
    assert not collection.present(), "what is made of the archive, without the archive"
    (tmp_path / "beir" / "scifact" / "source.zip").write_text("x")
    assert collection.present()


def test_a_set_of_beir_that_needs_permission_is_got_by_hand(monkeypatch):
    monkeypatch.delenv("REPRISE_DATA", raising=False)
    collection = needs(collections=(CollectionSpec(name="beir/bioasq"),))["beir/bioasq"]
    assert collection.fetch is None and "owners" in collection.how and not collection.present()


def test_parts_that_come_in_one_archive_are_fetched_once():
    names = ("msmarco-passage/dev/small", "msmarco-passage/train/judged", "beir/scifact")
    wanted = needs(collections=tuple(CollectionSpec(name=name) for name in names))
    assert download_size(wanted.values()) == 1_057_717_952 + 2_816_079


def test_what_is_not_here_is_left_out_and_named_where_the_parameters_say_so(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    judged(tmp_path / "ir" / "mine")
    specs = (CollectionSpec(name="ir/mine"), CollectionSpec(name="ir/absent"))
    lenient = PrfInterpolationParameters(collections=specs, skip_missing=True)
    here, left_out = present_collections(lenient.collections, lenient.skip_missing)
    assert ([s.name for s in here], left_out) == (["ir/mine"], ["ir/absent"])
    require(retrieval_requirements(lenient), "toy", "open")  # refuses nothing

    strict = PrfInterpolationParameters(collections=specs)
    assert present_collections(strict.collections, strict.skip_missing) == (list(specs), [])
    with pytest.raises(EnvironmentNotReady, match="collection ir/absent"):
        require(retrieval_requirements(strict), "toy", "open")


def test_a_profile_of_which_nothing_is_here_is_refused(monkeypatch):
    monkeypatch.delenv("REPRISE_DATA", raising=False)
    parameters = PrfInterpolationParameters(
        collections=(CollectionSpec(name="ir/absent"),), skip_missing=True
    )
    with pytest.raises(EnvironmentNotReady, match=r"none of the collections.*REPRISE_DATA"):
        present_collections(parameters.collections, parameters.skip_missing)
