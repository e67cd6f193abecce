"""Cuts keep what is judged and do not exceed what was asked."""

import pytest

from reprise.data.collection import Collection, Document, Split, Topic
from reprise.data.cut import cut_collection
from reprise.errors import ParameterError


@pytest.fixture
def collection():
    documents = tuple(Document(f"d{i}", "text") for i in range(100))

    def split(name, first, count):
        topics = tuple(Topic(f"{name}{i}", "text") for i in range(count))
        return Split(topics, {f"{name}{i}": {f"d{first + i}": 3, f"d{99 - i}": 1} for i in range(count)})

    return Collection(
        "toy",
        documents,
        {"dev": split("dev", 0, 10), "test": split("test", 10, 20), "train": split("train", 30, 20)},
    )


def test_no_limit_is_the_collection_itself(collection):
    assert cut_collection(collection) is collection


def test_limits_hold_and_judged_documents_stay(collection):
    cut = cut_collection(collection, max_documents=40, max_topics=4, max_train=3)
    assert len(cut.documents) == 40
    assert {name: len(s.topics) for name, s in cut.splits.items()} == {"dev": 4, "test": 4, "train": 3}
    for name, split in cut.splits.items():
        for topic in split.topics:
            assert split.qrels[topic.id] == collection.splits[name].qrels[topic.id]


def test_few_documents_leave_fewer_topics_and_never_more_documents(collection):
    cut = cut_collection(collection, max_documents=12)
    assert len(cut.documents) == 12
    judged = {d for name in ("dev", "test") for j in cut.splits[name].qrels.values() for d in j}
    assert 0 < len(judged) <= 6  # half of the documents
    assert cut.splits["dev"].topics and cut.splits["test"].topics


def test_the_order_of_the_input_does_not_matter(collection):
    turned = Collection(
        "toy",
        collection.documents[::-1],
        {n: Split(s.topics[::-1], s.qrels) for n, s in collection.splits.items()},
    )
    one, other = (
        cut_collection(c, max_documents=30, max_topics=3, max_train=2) for c in (collection, turned)
    )
    assert set(one.documents) == set(other.documents)
    assert set(one.splits["test"].topics) == set(other.splits["test"].topics)


@pytest.mark.parametrize(
    "limit", [{"max_documents": 0}, {"max_topics": -1}, {"max_train": 1.5}, {"max_topics": True}]
)
def test_impossible_limits_are_refused(collection, limit):
    with pytest.raises(ParameterError, match=next(iter(limit))):
        cut_collection(collection, **limit)
