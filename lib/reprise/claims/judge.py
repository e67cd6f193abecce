"""Judging a ledger: every claim on the paper's own cells, and on ours.

The first needs no run: does the claim follow from the paper's own table? Neither does the second need one
again: it reads cells, so a changed tolerance or published number is judged anew from the same results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reprise.claims.claim import Claim
from reprise.claims.evidence import Evidence
from reprise.claims.verdict import NOT_TESTABLE, Finding, Verdict
from reprise.evaluation.cells import Cells


def judge(
    ledger: Sequence[Claim],
    ours: Cells | None,
    published: Cells | None,
    profile: str,
    comparisons: Sequence[Mapping[str, object]] = (),
) -> list[Verdict]:
    """A verdict for every claim on each source, published first; a source that is None is not judged.

    On the smoke profile everything is computed and marked as not meaningful. `comparisons` are those of
    results.json, for results without values by topic.
    """
    nothing = Cells([])
    verdicts = []
    for claim in ledger:
        if published is not None:
            evidence = Evidence("published", published, ours or nothing)
            verdicts.append(_verdict(claim, evidence, profile, claim.judge(evidence)))
        if ours is not None:
            evidence = Evidence("ours", ours, published or nothing, comparisons)
            if profile in claim.profiles:
                finding = claim.judge(evidence)
            else:
                finding = Finding(NOT_TESTABLE, f"Not testable at the profile {profile}: {claim.elsewhere}")
            verdicts.append(_verdict(claim, evidence, profile, finding))
    return verdicts


def _verdict(claim: Claim, evidence: Evidence, profile: str, finding: Finding) -> Verdict:
    return Verdict(
        id=claim.id,
        claim=claim.claim,
        source=str(claim.source),
        origin=claim.origin,
        kind=claim.kind,
        judged_on=evidence.name,
        profile=profile,
        verdict=finding.verdict,
        meaningful=evidence.published or profile != "smoke",
        text=finding.text,
        shown=finding.shown,
        holds=finding.holds,
        of=finding.of,
        details=tuple(finding.details),
        suspicious=finding.suspicious,
    )
