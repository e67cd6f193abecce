"""The verdicts of a study: its ledger judged on the paper's cells and on stored results; nothing is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reprise.claims.claim import Claim
from reprise.claims.judge import judge
from reprise.claims.ledger import ledger_path, load_ledger
from reprise.claims.published import load_published
from reprise.claims.verdict import VERDICTS, Verdict
from reprise.errors import InputError
from reprise.evaluation.cells import Cells
from reprise.experiment.results import Results


@dataclass(frozen=True)
class Judged:
    """A study's ledger, the paper's cells, and the verdicts on them and, when there are results, on ours."""

    study: str
    ledger: Sequence[Claim]
    published: Cells
    results: Results | None

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """In the order of the ledger, published before ours."""
        results = self.results
        return judge(
            self.ledger,
            results.cells if results else None,
            self.published if len(self.published) else None,
            results.profile if results else "default",
            results.comparisons if results else (),
        )

    def on(self, source: str) -> dict[str, Verdict]:
        """The verdicts on one source ("published" or "ours") by claim."""
        return {v.id: v for v in self.verdicts if v.judged_on == source}

    def counts(self, source: str, origin: str = "paper") -> dict[str, int]:
        """How many claims got each of the four verdicts on a source."""
        found = Counter(v.verdict for v in self.on(source).values() if v.origin == origin)
        return {word: found[word] for word in VERDICTS}


def judge_study(study: str, root: Path, results: Results | None = None) -> Judged:
    """Judge a study of the project at `root`; a study without a ledger makes no claims."""
    try:
        ledger = load_ledger(ledger_path(study, root))
    except InputError:
        if (root / "params" / "claims" / f"{study}.yaml").is_file():
            raise
        ledger = []
    return Judged(study, ledger, load_published(study, root), results)
