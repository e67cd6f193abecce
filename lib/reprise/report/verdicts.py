"""The verdicts of a study: its ledger judged on the paper's cells and on stored results; nothing is run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reprise import studies
from reprise.claims.judge import judge
from reprise.claims.ledger import Ledger, ledger_path, load_ledger
from reprise.claims.published import load_published
from reprise.claims.verdict import PRINTED_VERDICTS, VERDICTS, Verdict
from reprise.errors import InputError
from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results
from reprise.experiment.sampled_cells import sampled_cells

WORDS = {"ours": VERDICTS, "published": PRINTED_VERDICTS}
APART = {
    "by construction": "checks of the code",
    "second-hand": "second-hand",
    "ours": "findings of ours",
}
"""What is counted apart, and what a reader is told that it is."""


@dataclass(frozen=True)
class Judged:
    """A study's ledger, the paper's cells, and the verdicts on them and, when there are results, on ours."""

    study: str
    ledger: Ledger
    published: Cells
    results: Results | None

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """In the order of the ledger, published before ours."""
        results = self.results
        mine = sampled_cells(studies.load_study(self.study), results) if results else None
        return judge(
            self.ledger,
            mine.cells if mine else None,
            self.published if len(self.published) else None,
            results.profile if results else "default",
            mine.others if mine else None,
        )

    @property
    def unread(self) -> tuple[str, ...]:
        """Why numbers that stand in the paper were not read, each reason once."""
        return tuple(dict.fromkeys(claim.unread for claim in self.ledger if claim.unread))

    def on(self, source: str) -> dict[str, Verdict]:
        """The verdicts on one source ("published" or "ours") by claim."""
        return {v.id: v for v in self.verdicts if v.judged_on == source}

    def counts(self, source: str) -> dict[str, int]:
        """How many claims of the paper got each of the words of a source; what counts apart is left out."""
        found = Counter(v.verdict for v in self.on(source).values() if v.counted == "paper")
        return {word: found[word] for word in WORDS[source]}

    @property
    def apart(self) -> dict[str, int]:
        """How many rows are no claims of the paper: checks of the code, second-hand, findings of ours."""
        found = Counter(claim.counted for claim in self.ledger)
        return {name: found[name] for name in APART if found[name]}


def judge_study(study: str, root: Path, results: Results | None = None) -> Judged:
    """Judge a study of the project at `root`; a study without a ledger makes no claims."""
    try:
        ledger = load_ledger(ledger_path(study, root))
    except InputError:
        if (root / "params" / "claims" / f"{study}.yaml").exists():
            raise
        ledger = Ledger([])
    return Judged(study, ledger, load_published(study, root), results)
