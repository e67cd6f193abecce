"""A folder of one's own through a study and its notebook, by the command that README gives.

The folder is German and has ArguAna's quirks: topics are documents, and one judged document is missing. It is
called as ArguAna is, so the catalogue knows that own documents are left out.
"""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from reprise.experiment.results import Results

ROOT = Path(__file__).parents[2]
NAME = "beir/arguana"
PLACES = ["im Wald", "am Hafen", "auf dem Markt", "hinter dem Haus", "an der Brücke", "unter der Linde"]
PEOPLE = ["Die Imkerin", "Der Fischer", "Die Bäckerin", "Der Uhrmacher", "Das Mädchen"]
DEEDS = [
    "zählt die vielen kleinen Vögel",
    "verkauft frisches Brot und Honig",
    "flickt alte Netze und Seile",
    "wartet lange auf das nächste Schiff",
    "erzählt den Kindern eine Geschichte",
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """`REPRISE_DATA` with the folder: 30 documents of three sentences, twelve of which are topics."""
    root = tmp_path_factory.mktemp("data")
    generator = np.random.default_rng(0)

    def sentence():
        return " ".join(str(generator.choice(words)) for words in (PEOPLE, DEEDS, PLACES)) + "."

    texts = {f"arg-{i:02}": " ".join(sentence() for _ in range(3)) for i in range(30)}
    judged = {f"arg-{i:02}": f"arg-{i + 12:02}" for i in range(12)} | {"arg-03": "arg-99"}
    (root / NAME / "qrels").mkdir(parents=True)
    for file, names in (("corpus.jsonl", texts), ("queries.jsonl", judged)):
        lines = (json.dumps({"_id": name, "text": texts[name]}) + "\n" for name in names)
        (root / NAME / file).write_text("".join(lines))
    rows = [f"{topic}\t{document}\t1\n" for topic, document in judged.items()]
    (root / NAME / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(rows))
    return root


def test_readmes_command_runs_the_study_and_its_notebook_on_a_folder(smoke, data):
    """On the smoke profile, whose trained encoders the smoke run of this session has made."""
    given = r"^reprise (run prf_interpolation --set 'collections=.*my/folder.*)$"
    (command,) = re.findall(given, (ROOT / "README.md").read_text(), re.MULTILINE)
    smoke.outcome("prf_interpolation")
    words = [*shlex.split(command.replace("my/folder", NAME)), "--profile", "smoke", "--jobs", "1"]
    code, _, err = smoke.command(*words, REPRISE_DATA=str(data))
    assert code == 0 and smoke.reached() == [], err[-3000:]
    (folder,) = smoke.cache.glob("trials/*/smoke/prf_interpolation")
    results, notebook = Results.load(folder), (folder / "notebook.ipynb").read_text()
    about = results.datasets["arguana"]
    assert about["remove_query"] and about["statistics"]["documents"] == 30
    first, second, third = about["oddities"]
    assert first.startswith("test: judgements of documents that the corpus lacks, never found: 1 of 12")
    assert second.startswith("test: topics that are documents, removed from their own lists: 12 of 12")
    assert third.startswith("documents mostly outside the encoder's vocabulary:")
    for said in (first, second):
        assert said in notebook, "the card says it"
    assert results.manifest["data"]["test collection"]["arguana"]["oddities"] == about["oddities"]
    for cell in results.cells.select(measure="R@1000"):
        assert cell.samples["arg-03"] == 0.0, "judged and not there: it counts and is never found"
        assert cell.n == 12
