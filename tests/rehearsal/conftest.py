"""The paper profile, rehearsed: the real command on tiny objects of the kinds and layouts it asks for."""

import json
from functools import partial, reduce
from pathlib import Path

import pytest
import yaml

from reprise import studies
from reprise.bench.ance_prf import make_ance_checkpoint
from reprise.data.yaml_files import read_yaml
from reprise.experiment.checks.files import StudyFiles
from reprise.experiment.checks.outcome import Outcome
from reprise.experiment.checks.outcome_rules import OUTCOME_CHECKS

from ..project_copy import ProjectCopy
from . import catalogue, hub, prebuilt
from .texts import passages, topics

HERE = Path(__file__).parent
MARCO, YEARS = "msmarco-v1-passage", ("trec-dl-2019", "trec-dl-2020")

BY_INDEX = {MARCO, "msmarco-passage/dev/small", "msmarco-passage/train/judged"}
"""The published collections that `marco` stands in for; all others have stand-ins in `published`."""

CACHES = {
    "PYSERINI_CACHE": "pyserini",
    "HF_HOME": "hf",
    "HF_HUB_CACHE": "hf/hub",
    "IR_DATASETS_HOME": "ir",
    "REPRISE_DATA": "data",
}
"""Where each library looks for what it has fetched, as a folder beside the objects of the others."""


class Rehearsal(ProjectCopy):
    """A project whose commands see the objects under `objects` and nothing that this machine has."""

    def __init__(self, root, objects):
        super().__init__(root)
        self.objects = objects

    def reprise(self, *arguments):
        """`reprise ARGUMENTS` offline: (exit code, stdout, stderr)."""
        caches = {name: str(self.objects / folder) for name, folder in CACHES.items()}
        return self.command(*arguments, **caches, HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1")

    def missing(self, *study):
        """What `reprise doctor` finds missing for the paper profile, apart from memory: objects are small."""
        code, out, err = self.reprise("doctor", *study, "--profile", "paper")
        assert code == (3 if "missing: " in err else 0), out + err
        missing = err.strip().partition("missing: ")[2].split(", ") if code else []
        return [name for name in missing if name != "memory"]

    def run(self, study):
        """The study's run on the paper profile, with what `smaller.yaml` sets smaller written into its file.

        Into the file, as the notebook takes few parameters from the command line.
        """
        file = self.root / "params" / "paper" / f"{study}.yaml"
        given = read_yaml(file)
        for name, value in read_yaml(HERE / "smaller.yaml").get(study, {}).items():
            *path, last = name.split(".")
            reduce(lambda place, part: place[part], path, given)[last] = value
        file.write_text(yaml.safe_dump(given))
        code, out, err = self.reprise("run", study, "--profile", "paper", "--jobs", "1")
        assert code == 0, f"{study} ended with {code}\n{out[-2000:]}\n{err[-4000:]}"
        folder = self.root / "results" / "paper" / study
        assert f"{study}: results/paper/{study}" in out
        return Outcome(StudyFiles(studies.load_study(study), self.root), folder)


@pytest.fixture
def rehearsal(tmp_path):
    """Makes a project over a folder of objects."""
    return lambda objects: Rehearsal(tmp_path, objects)


@pytest.fixture(scope="session")
def marco(tmp_path_factory):
    """MS MARCO in small: five prebuilt indexes, the checkpoints that made them, topics with judgements."""
    from ir_datasets.datasets.msmarco_passage import DL_HARD_QIDS

    objects = tmp_path_factory.mktemp("marco")
    texts = passages(160)
    encoders = {
        "ance": ("castorini/ance-msmarco-passage", partial(make_ance_checkpoint, size=32, layers=1)),
        "tct_colbert-v2-hnp": ("castorini/tct_colbert-v2-hnp-msmarco", partial(hub.write_bert, size=64)),
        "distilbert-dot-tas_b-b256": (
            "sebastian-hofstaetter/distilbert-dot-tas_b-b256-msmarco",
            partial(hub.write_distilbert, size=64),
        ),
    }
    models, indexes = hub.Hub(objects / "hf"), objects / "pyserini"
    for name, (repository, write) in encoders.items():
        checkpoint = models.add(repository, write)
        prebuilt.build_vectors(indexes, f"{MARCO}.{name}", texts, name, checkpoint)
    checkpoint = models.add("castorini/unicoil-msmarco-passage", partial(hub.write_unicoil, size=32))
    prebuilt.build_impacts(indexes, f"{MARCO}.unicoil", texts, checkpoint)
    prebuilt.build_texts(indexes, MARCO, texts)
    make_ance_checkpoint(objects / "data" / "ance-prf" / "k3", size=32, layers=1, seed=1)

    hard = sorted(DL_HARD_QIDS)[:4]
    years = {
        year: topics([*hard[i::2], *range(10 * i, 10 * i + 4)], texts, i) for i, year in enumerate(YEARS)
    }
    chosen = {name: topic for year in years.values() for name, topic in year.items() if name in hard}
    catalogue.write_msmarco(
        objects / "ir",
        {
            **years,
            "trec-dl-hard": chosen,
            "dev/small": topics(range(100, 106), texts, 3),
            "train": topics(range(200, 216), texts, 4),
        },
    )
    return objects


@pytest.fixture
def check_rehearsed():
    """What every rehearsal must have left, and that it wanted nothing from elsewhere.

    `known` is all that the rules of a smoke run find fault with.
    """

    def check(project, outcome, known=()):
        assert outcome.results.profile == "paper"
        assert sorted(problem for rule in OUTCOME_CHECKS for problem in rule(outcome)) == sorted(known)
        for part in ("tables", "figures"):
            assert any((outcome.folder / part).iterdir()), part
        written = json.loads((outcome.folder / "verdicts.json").read_text())["verdicts"]
        judged = {verdict["id"] for verdict in written if verdict["judged_on"] == "ours"}
        assert judged == {claim.id for claim in outcome.ledger}
        assert project.reached() == []

    return check
