"""What is said of a claim on ours: the counts, the joint effect, and where undecided what it would take."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp
from statistics import median

import numpy as np

from reprise.claims.claim import Row
from reprise.claims.sampled import Sampled
from reprise.claims.share import Share
from reprise.claims.together import Joint
from reprise.claims.verdict import AGAINST, FOR, OPEN, SMALL


def count_text(sampled: Sampled) -> str:
    """How many contrasts are for the claim, against it and open."""
    words = sampled.words
    against = words.count(AGAINST) + words.count(SMALL)
    small = f" ({words.count(SMALL)} smaller than half of what the paper prints)" if SMALL in words else ""
    return f"{words.count(FOR)} for, {against} against{small}, {words.count(OPEN)} open"


def joint_text(row: Row, joints: Sequence[Joint]) -> str:
    """The joint effect of each stratum, as a clause."""
    parts = []
    for joint in joints:
        named = ", ".join([*joint.group.values(), *([joint.link] if joint.link else [])])
        i = joint.interval
        value, low, high = (effect_text(x, joint.relative, row) for x in (i.value, i.low, i.high))
        shown = f"{value} [{low}, {high}]"
        parts.append(f"{named}: {shown}" if named else shown)
    word = "together " if any(joint.alone[1] > 1 for joint in joints) else ""
    return f"; {word}{'; '.join(parts)}" if parts else ""


def effect_text(value: float, relative: bool, row: Row) -> str:
    """An effect: a ratio as such, a relative difference in per cent, another one as it is.

    >>> effect_text(0.0953, True, Row(id="x", system={"s": "a"}, than={"s": "b"}, region={"above": 0}))
    '+10.0 %'
    """
    if not relative:
        return f"{value:+.4f}"
    if row.contrast != "ratio":
        return f"{100 * (exp(value) - 1):+.1f} %"
    return f"{exp(value):.3f}" if exp(value) < 10 else f"{exp(value):.1f}"


def share_text(share: Share) -> str:
    """The share of combinations and its bounds, as a clause."""
    return f"; in {share[0]:.0%} of the combinations [{share[1]:.0%}, {share[2]:.0%}]"


def training_text(sampled: Sampled) -> str:
    """How training comes into the intervals, where systems were trained, as a clause."""
    estimates = [t.estimate for t in sampled.counted]
    cells = [cell for t in sampled.counted for cell in t.comparison.cells]
    said = []
    if any(e.spreads for e in estimates):
        said.append("where there is one run of training, it varies as the study's seeds do")
    if any(cell.drawn.trained and not cell.runs and cell.spread is None for cell in cells):
        said.append("one run of training each: what another seed would give is not in the intervals")
    return "".join(f"; {clause}" for clause in said)


def needed_text(sampled: Sampled, joints: Sequence[Joint]) -> str:
    """What it would take: the smallest difference that these samples tell, the paper's, and how many more."""
    open_ones = [joint for joint in joints if joint.word == OPEN] or list(joints)
    if open_ones:
        joint = max(open_ones, key=lambda j: j.interval.told)
        told, relative = joint.interval.told, joint.relative
        goal = None if joint.paper is None else abs(joint.paper)
    else:
        told, goal = median(i.told for i in sampled.intervals), None
        relative = sampled.counted[0].comparison.as_ratio
    text = f" These samples tell a difference of {_size(told, relative)} four times in five"
    text += f"; the paper prints {_size(goal, relative)}" if goal else ""
    if goal and told > goal:
        now, of = _samples_of(sampled)
        text += f"; about {_round(now * (told / goal) ** 2)} {of} in the place of {now} would tell that"
    return text + "."


def _samples_of(sampled: Sampled) -> tuple[int, str]:
    """How many samples there are of what moves the contrasts most: runs of training, or what is drawn."""
    estimates = [t.estimate for t in sampled.counted]
    draws = {name: draw for e in estimates for name, draw in e.draws.items()}
    drawn = sum(draw.variance for e in estimates for draw in e.draws.values())
    runs = [run for e in estimates for run in e.runs.values()]
    trained = sum(float(np.var(run.influence, ddof=1)) / len(run.seeds) for run in runs)
    trained += sum(deviation**2 for e in estimates for deviation, _ in e.spreads.values())
    if trained > drawn:
        return max([len(run.seeds) for run in runs], default=1), "runs of training"
    return sum(len(draw.names) for draw in draws.values()), next(iter(draws.values())).of


def _size(value: float, relative: bool) -> str:
    return f"{100 * (exp(abs(value)) - 1):.1f} %" if relative else f"{abs(value):.4f}"


def _round(number: float) -> str:
    """A number of samples to two digits.

    >>> _round(3184.2)
    '3,200'
    """
    digits = max(len(str(ceil(number))) - 2, 0)
    return f"{ceil(number / 10**digits) * 10**digits:,}"
