import ir_datasets
import pytest

from reprise.data import msmarco
from reprise.errors import EnvironmentNotReady, InputError


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An ir_datasets home that holds three topics of DL 2019, two of them judged."""
    folder = tmp_path / "msmarco-passage" / "trec-dl-2019"
    folder.mkdir(parents=True)
    (folder / "queries.tsv").write_text("1\tfirst topic\n2\tsecond topic\n3\tunjudged topic\n")
    (folder / "qrels").write_text("1 0 101 3\n1 0 102 0\n2 0 103 1\n")
    monkeypatch.setenv("IR_DATASETS_HOME", str(tmp_path))
    monkeypatch.setattr(ir_datasets, "registry", type(ir_datasets.registry)())
    from ir_datasets.datasets import msmarco_passage

    monkeypatch.setattr(msmarco_passage.ir_datasets, "registry", ir_datasets.registry)
    msmarco_passage._init()
    return tmp_path


def test_only_judged_topics_are_read_and_the_documents_stay_in_the_index(home):
    collection = msmarco.msmarco_passages(("dl19",))
    assert [t.text for t in collection.split("dl19").topics] == ["first topic", "second topic"]
    assert collection.split("dl19").qrels == {"1": {"101": 3, "102": 0}, "2": {"103": 1}}
    assert collection.documents == () and collection.relevance_threshold == 2


def test_a_split_that_cannot_be_had_is_one_clear_line(monkeypatch):
    def unreachable(name):
        raise RuntimeError("All download sources failed")

    monkeypatch.setattr(ir_datasets, "load", unreachable)
    with pytest.raises(EnvironmentNotReady, match=r"neither here nor to be had.*IR_DATASETS_HOME"):
        msmarco.msmarco_passages(("dl20",))


@pytest.mark.parametrize("splits, message", [(("dl21",), "no split 'dl21'"), (("dev", "dl19"), "binary")])
def test_bad_splits_are_refused(splits, message):
    with pytest.raises(InputError, match=message):
        msmarco.msmarco_passages(splits)
