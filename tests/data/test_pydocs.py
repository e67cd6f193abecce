"""The collection as a whole: no leak anywhere; and that it is the same however it is built."""

import gc
import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from reprise.data import pydocs as module
from reprise.data.pydocs import DUPLICATE, MIN_WORDS, build_collection, pydocs
from reprise.data.pydocs_dedup import find_duplicates
from reprise.data.pydocs_source import SOURCES, Source, find_package, read_modules
from reprise.data.pydocs_text import split_summary, stands_in, words
from reprise.errors import ParameterError

EVALUATED = ("dev", "test")


@pytest.fixture(scope="module")
def whole():
    return pydocs()


@pytest.fixture(scope="module")
def bags(whole):
    return {d.id: words(d.text) for d in whole.documents}


@pytest.fixture(scope="module")
def sources():
    """The docstrings as they stand in the packages."""
    gc.disable()  # as the module does: it halves the time
    try:
        modules = [m for source in SOURCES for m in read_modules(source, find_package(source))]
    finally:
        gc.enable()
    return {d.name: d.text for m in reversed(modules) for d in m.docstrings}


def targets(split, topic):
    return {d for d, grade in split.qrels[topic.id].items() if grade == 3}


def test_size_and_domains(whole):
    assert whole.domains == tuple(sorted(s.domain for s in SOURCES))
    documents = Counter(d.domain for d in whole.documents)
    assert len(whole.documents) > 5000
    assert min(documents.values()) > 100
    assert len(whole.splits["test"].topics) > 500
    assert len(whole.splits["dev"].topics) > 150
    assert len(whole.splits["train"].topics) > 3000
    assert {t.domain for t in whole.splits["train"].topics} == set(whole.domains)
    # transformers writes no See Also that describes: it gives documents and training queries only
    assert {t.domain for t in whole.splits["test"].topics} >= set(whole.domains) - {"transformers"}


def test_documents_have_enough_words_no_title_and_are_sorted(whole, bags):
    assert whole.doc_ids == sorted(whole.doc_ids)
    assert not any(d.title for d in whole.documents)
    assert min(map(len, bags.values())) >= MIN_WORDS


def test_no_two_documents_are_near_duplicates(whole):
    assert find_duplicates([d.text for d in whole.documents], DUPLICATE) == {}


def test_no_document_holds_see_also(whole):
    left = [d.id for d in whole.documents if re.search(r"\bsee also\b|seealso::", d.text, re.IGNORECASE)]
    assert left == []


def test_documents_are_what_follows_the_summary(whole, sources):
    for document in whole.documents:
        source = words(sources[document.id])
        summary, _ = split_summary(sources[document.id])
        assert len(words(document.text)) + len(words(summary)) <= len(source), document.id


def test_no_topic_stands_in_its_target(whole, bags):
    for name, split in whole.splits.items():
        for topic in split.topics:
            for target in targets(split, topic):
                assert not stands_in(words(topic.text), bags[target]), (name, topic)


def test_no_topic_is_the_summary_of_its_target(whole, sources):
    for name in EVALUATED:
        split = whole.splits[name]
        for topic in split.topics:
            for target in targets(split, topic):
                assert words(split_summary(sources[target])[0]) != words(topic.text), topic


def test_no_target_and_no_text_is_in_two_splits(whole):
    seen: dict[str, set[str]] = {}
    texts: dict[str, set[str]] = {}
    for name, split in whole.splits.items():
        seen[name] = set().union(*(targets(split, t) for t in split.topics))
        texts[name] = {" ".join(words(t.text)) for t in split.topics}
        assert len(texts[name]) == len(split.topics)
    for one, other in (("train", "dev"), ("train", "test"), ("dev", "test")):
        assert seen[one].isdisjoint(seen[other]), (one, other)
        assert texts[one].isdisjoint(texts[other]), (one, other)


def test_each_evaluated_topic_has_its_own_targets_and_grades_of_1_and_3(whole):
    for name in EVALUATED:
        split = whole.splits[name]
        found = [d for t in split.topics for d in targets(split, t)]
        assert len(found) == len(set(found))
        assert {g for judged in split.qrels.values() for g in judged.values()} == {1, 3}
        assert set(split.qrels) == {t.id for t in split.topics}
        assert all(targets(split, t) for t in split.topics)


def test_every_training_query_has_one_document(whole):
    assert all(list(judged.values()) == [3] for judged in whole.splits["train"].qrels.values())


def test_no_test_vendored_or_private_object(whole):
    for name in whole.doc_ids:
        parts = name.split(".")
        assert not {"tests", "_vendor", "externals"} & set(parts), name
        assert not parts[-1].startswith("_"), name


TOY = '''
def svd(a):
    """Singular value decomposition.

    {filler}

    See Also
    --------
    eig : Values and vectors of square input.
    """

def eig(a):
    """Eigenvalues.

    {other}

    See Also
    --------
    svd : Factorise a rectangular matrix.
    """
'''


def toy(folder, files):
    filler = " ".join(f"word{i}" for i in range(40))
    other = " ".join(f"other{i}" for i in range(40))
    folder.mkdir()
    for name in files:
        (folder / name).write_text(
            TOY.replace("{filler}", filler).replace("{other}", other) if name == "core.py" else ""
        )
    return build_collection({Source("toy", "toy", "toy"): folder})


def test_a_toy_package_from_end_to_end(tmp_path):
    collection = toy(tmp_path / "one", ["__init__.py", "core.py"])
    assert [d.id for d in collection.documents] == ["toy.core.eig", "toy.core.svd"]
    assert collection.documents[1].text == " ".join(f"word{i}" for i in range(40))
    judged = {t.text: s.qrels[t.id] for s in collection.splits.values() for t in s.topics}
    assert judged == {
        "Factorise a rectangular matrix.": {"toy.core.svd": 3, "toy.core.eig": 1},
        "Values and vectors of square input.": {"toy.core.eig": 3, "toy.core.svd": 1},
    }


def test_the_order_of_files_does_not_matter(tmp_path, monkeypatch):
    one = toy(tmp_path / "one", ["__init__.py", "a.py", "core.py"])
    found = Path.rglob
    monkeypatch.setattr(Path, "rglob", lambda self, pattern: reversed(sorted(found(self, pattern))))
    assert toy(tmp_path / "two", ["core.py", "a.py", "__init__.py"]).fingerprint == one.fingerprint


def test_hash_randomisation_does_not_matter(tmp_path):
    code = "from reprise.data.pydocs import pydocs; print(pydocs(domains=['networkx', 'numpy']).fingerprint)"
    prints = set()
    for seed in ("0", "1"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "REPRISE_CACHE": str(tmp_path / seed),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        prints.add(done.stdout.strip())
    assert len(prints) == 1


def test_the_cache_is_read_and_a_damaged_one_is_built_again(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path))
    module._cached.cache_clear()
    built = pydocs(domains="networkx")
    (path,) = tmp_path.glob("pydocs-*.json.gz")
    content = path.read_bytes()

    module._cached.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(module, "build_collection", lambda *_: pytest.fail("built again"))
        assert pydocs(domains=["networkx"]).fingerprint == built.fingerprint

    for damaged in (content[:1000], b"", gzip.compress(json.dumps([]).encode())):
        path.write_bytes(damaged)
        module._cached.cache_clear()
        assert pydocs(domains=["networkx"]).fingerprint == built.fingerprint
        assert path.read_bytes() == content
    module._cached.cache_clear()


def test_a_cut_keeps_what_is_judged(whole):
    cut = pydocs(max_documents=500, max_topics=20, max_train=50)
    assert len(cut.documents) == 500
    assert {n: len(s.topics) for n, s in cut.splits.items()} == {"train": 50, "dev": 20, "test": 20}
    for name, split in cut.splits.items():
        assert all(split.qrels[t.id] == whole.splits[name].qrels[t.id] for t in split.topics)


@pytest.mark.parametrize("options", [{"domains": ["scikit"]}, {"domains": []}, {"max_documents": 0}])
def test_wrong_options_are_refused_before_any_work(options, monkeypatch):
    monkeypatch.setattr(module, "_cached", lambda *_: pytest.fail("worked"))
    with pytest.raises(ParameterError):
        pydocs(**options)
