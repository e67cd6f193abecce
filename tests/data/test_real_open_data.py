"""Every set that lies under REPRISE_DATA is read, whatever it is; the counts that its README gives are
found."""

import os

import pytest

from reprise.data.interactions import load_interactions
from reprise.data.open_sets import open_sets
from reprise.data.questions import load_questions
from reprise.data.segments import load_segments
from reprise.data.text_sets import load_texts

pytestmark = pytest.mark.skipif(not os.environ.get("REPRISE_DATA"), reason="REPRISE_DATA is not set")

LOADERS = {
    "text": lambda s: {part: len(load_texts(s.name, part).documents) for part in s.files},
    "questions": lambda s: {part: len(load_questions(s.name, part).questions) for part in s.files},
    "segments": lambda s: {
        part: sum(len(d.segments) for d in load_segments(s.name, part).documents) for part in s.files
    },
    "interactions": lambda s: {
        "train": len((found := load_interactions(s.name)).train),
        "test": len(found.test),
    },
}

COUNTS = {
    "text/lambada": {"lambada_test": 5153},
    "questions/arc-easy": {"test": 2376},
    "questions/boolq": {"validation": 3270},
    "questions/mmlu": {"dev": 285, "validation": 1531, "test": 14042},
    "questions/nq-open": {"test": 3610},
    "questions/truthfulqa": {"test": 817},
    "segments/choi": {"documents": 7000},
    "segments/qmsum": {"documents": 1114},
    "segments/btc-transcripts": {"documents": 1280},
    "interactions/gowalla": {"train": 810128, "test": 217242},
}
"""As the READMEs of the copies here say; a set that is not there is not looked for."""


@pytest.mark.parametrize("kind", LOADERS)
def test_every_set_is_read_and_says_its_licence(kind):
    for found in open_sets(kind):
        counts = LOADERS[kind](found)
        assert all(counts.values()), found.name
        assert found.licence != "not stated", found.name
        assert counts == COUNTS.get(f"{kind}/{found.name}", counts)
