"""What retrieval needs from outside, and how it is looked for."""

from reprise.studies.prf_interpolation import PrfInterpolationParameters
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.plan import DenseSpec
from reprise.studies.retrieval_units.requirements import retrieval_requirements


def needs(**parameters):
    return {r.name: r for r in retrieval_requirements(PrfInterpolationParameters(**parameters))}


def test_the_embedded_data_needs_nothing():
    assert needs() == {}


def test_a_prebuilt_index_is_found_by_its_whole_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PYSERINI_CACHE", str(tmp_path))
    wanted = needs(collections=(CollectionSpec(name="pydocs", bm25_index="msmarco-v1-passage"),))
    index = wanted["msmarco-v1-passage"]
    assert not index.present()
    assert index.size == 2_170_758_745
    other = tmp_path / "indexes" / "lucene-inverted.msmarco-v1-passage.unicoil.20221005.252b5e.f926"
    other.mkdir(parents=True)
    (other / "segments_1").write_text("x")
    assert not index.present(), "another index whose name begins alike"
    mine = tmp_path / "indexes" / "lucene-inverted.msmarco-v1-passage.20221004.252b5e.6788"
    mine.mkdir()
    assert not index.present(), "an empty folder"
    (mine / "segments_1").write_text("x")
    assert index.present()


def test_a_folder_of_ones_own_and_a_local_checkpoint_are_there(tmp_path):
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
    (tmp_path / "vaswani" / "docs.txt").write_text("x")
    assert collection.present()
