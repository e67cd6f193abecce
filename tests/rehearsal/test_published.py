"""Every collection that the parameter files name, with its quirks, is read as a study reads it.

The catalogue says what they are; that it has every one of them is tested with it (tests/data).
"""

import json
import os
import subprocess
import sys

import pytest

from reprise.data.catalogue import read_catalogue

from .conftest import BY_INDEX, CACHES
from .published import TOPICS, write_stand_ins
from .texts import passages

READ = {name: about for name, about in read_catalogue().items() if "by_index" not in about.quirks}
"""Those whose documents are read; topics and judgements of the others are in the studies' rehearsals."""


def test_no_collection_is_without_a_stand_in():
    assert set(read_catalogue()) - set(READ) == BY_INDEX


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What is read of each, in a process that sees the stand-ins alone and has no network."""
    objects = tmp_path_factory.mktemp("published")
    write_stand_ins(objects, READ, passages(60))
    code = (
        "import json\nfrom tests.rehearsal.published import read_back\n"
        f"print('=>' + json.dumps({{n: json.loads(read_back(n)) for n in {list(READ)!r}}}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            **{name: str(objects / folder) for name, folder in CACHES.items()},
            "PYTHONPATH": os.pathsep.join(filter(None, [os.getcwd(), *sys.path])),
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.rpartition("=>")[2])


@pytest.mark.parametrize("name", READ)
def test_it_is_read_with_its_quirks(found, name):
    about, read = READ[name], found[name]
    assert read["remove_query"] == ("remove_query" in about.quirks)
    assert read["prefixes"] == [about.prefix]
    assert about.evaluated in read["splits"]
    for split, facts in about.splits.items():
        assert read["splits"][split] == {"topics": TOPICS, "grades": sorted(facts.grades)}
    expected = {}
    if missing := about.quirks.get("missing_documents"):
        expected["judgements of documents that the corpus lacks, never found"] = missing.count
    if empty := about.quirks.get("documents_without_text"):
        expected["documents without text, kept and never found"] = empty.count or 3
    if "remove_query" in about.quirks:
        expected["topics that are documents, removed from their own lists"] = TOPICS
    assert read["oddities"] == expected
