"""Judging a ledger: every claim on the paper's own cells, and on ours.

The first needs no run: does the claim follow from the paper's own table? Neither does the second need one
again: it reads cells, so that a changed margin or published number is judged anew from the same results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reprise.claims.claim import Claim, Gate, Row
from reprise.claims.evidence import Evidence
from reprise.claims.ledger import Ledger
from reprise.claims.printed import judge_printed
from reprise.claims.sampled import Sampled, unit_of
from reprise.claims.sentences import say
from reprise.claims.share import verdict_on_share
from reprise.claims.together import take_together, verdict_on_all
from reprise.claims.verdict import (
    CHECK,
    CHECK_FAILS,
    CHECK_HOLDS,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    PARTLY,
    REPRODUCED,
    Finding,
    Verdict,
    not_testable,
)
from reprise.evaluation.cells import Cells

EQUAL_FROM = 3
"""Fewer equal values than this can be chance: one in ten agrees in its last digit by luck."""


def judge(
    ledger: Ledger | Sequence[Claim],
    ours: Cells | None,
    published: Cells | None,
    profile: str,
    others: Mapping[str, Cells] | None = None,
) -> list[Verdict]:
    """A verdict for every claim on each source, published first; a source that is None is not judged.

    `others` are the further lists of results.json by name. On the smoke profile everything is computed and
    marked as not meaningful.
    """
    nothing = Cells([])
    ink = Evidence("published", nothing if published is None else published, ours or nothing)
    mine = Evidence("ours", nothing if ours is None else ours, published or nothing, others or {})
    gates: dict[str, Gate] = {gate.id: gate for gate in getattr(ledger, "gates", ())}
    verdicts = []
    for claim in ledger:
        if published is not None:
            verdicts.append(_verdict(claim, ink, profile, judge_printed(claim, ink)))
        if ours is not None:
            verdicts.append(_verdict(claim, mine, profile, _judge_ours(claim, mine, profile, gates)))
    return verdicts


def judge_samples(row: Row, evidence: Evidence) -> tuple[Finding, set[str]]:
    """What our results say of a row by itself, and the draws that it rests on."""
    sampled = Sampled(row, evidence)
    if sampled.why_not:
        return replace(not_testable(sampled.why_not), lines=tuple(sampled.lines())), set()
    joints, share = take_together(sampled), None
    if row.needs == "all":
        verdict, rule = verdict_on_all(sampled, joints)
    else:
        verdict, rule, share = verdict_on_share(sampled)
    unit, region = unit_of(row, sampled.counted[0].comparison)
    text, shown = say(sampled, joints, share, verdict)
    found = Finding(
        verdict=verdict,
        text=text,
        rule=rule,
        shown=shown,
        lines=tuple(sampled.lines()),
        joint=tuple(joint.line() for joint in joints),
        unit=unit,
        joint_unit="relative" if all(joint.stratum.relative for joint in joints) else unit,
        region=region,
        share=share,
        suspicious=_suspicious(row, sampled),
    )
    return found, sampled.draws


def _judge_ours(claim: Claim, evidence: Evidence, profile: str, gates: Mapping[str, Gate]) -> Finding:
    if profile not in claim.profiles:
        reason = claim.elsewhere.rstrip(".")
        return not_testable(f"not testable at the profile {profile}: {reason}", "profile")
    if claim.audit is not None:
        return not_testable("the count under audit is that of the published table", "audit")
    found, draws = judge_samples(claim, evidence)
    if claim.by_construction:
        return _checked(claim, found)
    for name in claim.requires:
        if profile not in gates[name].profiles:
            continue
        gate, looked_at = judge_samples(gates[name], evidence)
        if looked_at & draws:
            reason = f"its gate {name} looks at the samples that the claim itself is judged on"
            return _not_said(found, reason, "gate")
        if gate.verdict != REPRODUCED:
            return _not_said(found, f"it requires {name}, which is {gate.verdict}: {gate.text[:-1]}", "gate")
    return found


def _checked(claim: Claim, found: Finding) -> Finding:
    """The finding of a check of the code, in words of its own; what is undecided or untestable stays so."""
    told = {REPRODUCED: CHECK_HOLDS, PARTLY: CHECK_FAILS, NOT_REPRODUCED: CHECK_FAILS}
    return replace(
        found,
        verdict=told.get(found.verdict, found.verdict),
        rule=CHECK,
        text=f"By construction ({claim.by_construction}). {found.text[:1].upper()}{found.text[1:]}",
        suspicious="a check of the code does not hold" if told.get(found.verdict) == CHECK_FAILS else "",
    )


def _not_said(found: Finding, why: str, rule: str) -> Finding:
    """The finding as not testable for a reason, its contrasts still shown."""
    text = f"{why[:1].upper()}{why[1:]}. {found.text[:1].upper()}{found.text[1:]}"
    return replace(found, verdict=NOT_TESTABLE, text=text, rule=rule)


def _suspicious(row: Row, sampled: Sampled) -> str:
    """Values that are all equal to the published ones, though what is computed is not deterministic."""
    if not isinstance(row, Claim) or row.contrast != "value" or row.deterministic:
        return ""
    found = [t.comparison for t in sampled.counted]
    if len(found) < EQUAL_FROM or any(round(c.cells[0].value, c.decimals) != c.expected for c in found):
        return ""
    return (
        f"all {len(found)} values equal the published ones to the last digit, "
        "which a run that is not deterministic should not do"
    )


def _verdict(claim: Claim, evidence: Evidence, profile: str, finding: Finding) -> Verdict:
    return Verdict(
        **vars(finding),
        id=claim.id,
        claim=claim.claim,
        source=str(claim.source),
        origin=claim.origin,
        counted=claim.counted,
        contrast=claim.contrast,
        judged_on=evidence.name,
        profile=profile,
        meaningful=evidence.published or profile != "smoke",
    )
