"""What is said of a claim on ours: the counts, the joint effect, and where undecided what it would take."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp
from statistics import median

import numpy as np

from reprise.claims.sampled import Sampled
from reprise.claims.share import Share
from reprise.claims.together import Joint
from reprise.claims.verdict import UNDECIDED, Says


def say(sampled: Sampled, joints: Sequence[Joint], share: Share | None, verdict: str) -> tuple[str, str]:
    """The sentence with the numbers, and the count alone, which is what a table shows."""
    words = sampled.words
    small = words.count(Says.SMALL)
    against = f"{words.count(Says.AGAINST) + small} against"
    against += f" ({small} smaller than half of what the paper prints)" if small else ""
    shown = f"{words.count(Says.FOR)} for, {against}, {words.count(Says.OPEN)} open"
    in_share = f"; in {share[0]:.0%} of the combinations [{share[1]:.0%}, {share[2]:.0%}]" if share else ""
    text = f"{shown}{_together(sampled, joints)}{in_share}{_training(sampled)}{sampled.note}."
    return text + (_needed(sampled, joints) if verdict == UNDECIDED else ""), shown


def _together(sampled: Sampled, joints: Sequence[Joint]) -> str:
    """The joint effect of each stratum, as a clause."""
    ratio, parts = sampled.row.contrast == "ratio", []
    for joint in joints:
        s, i = joint.stratum, joint.interval
        value, low, high = (effect_text(x, s.relative, ratio) for x in (i.value, i.low, i.high))
        named = ", ".join(filter(None, [*s.group.values(), s.link]))
        parts.append(f"{named}: {value} [{low}, {high}]" if named else f"{value} [{low}, {high}]")
    word = "together " if any(len(joint.stratum.places) > 1 for joint in joints) else ""
    return f"; {word}{'; '.join(parts)}" if parts else ""


def effect_text(value: float, relative: bool, ratio: bool) -> str:
    """An effect: a relative one in per cent or as a ratio, another one as it is.

    >>> effect_text(0.0953, True, False), effect_text(0.0953, True, True), effect_text(0.0953, False, False)
    ('+10.0 %', '1.100', '+0.0953')
    """
    if not relative:
        return f"{value:+.4f}"
    if not ratio:
        return f"{100 * (exp(value) - 1):+.1f} %"
    return f"{exp(value):.3f}" if exp(value) < 10 else f"{exp(value):.1f}"


def _training(sampled: Sampled) -> str:
    """How training comes into the intervals, where systems were trained, as a clause."""
    cells = [cell for t in sampled.counted for cell in t.comparison.cells if cell.drawn.trained]
    said = ""
    if any(t.estimate.spreads for t in sampled.counted):
        said += "; where there is one run of training, it varies as the study's seeds do"
    if any(not cell.runs and cell.spread is None for cell in cells):
        said += "; one run of training each: what another seed would give is not in the intervals"
    return said


def _needed(sampled: Sampled, joints: Sequence[Joint]) -> str:
    """What it would take: the smallest difference that these samples tell, the paper's, and how many more."""
    undecided = [joint for joint in joints if joint.word == Says.OPEN] or list(joints)
    if undecided:
        joint = max(undecided, key=lambda j: j.interval.told)
        told, relative, goal = joint.interval.told, joint.stratum.relative, joint.stratum.paper
    else:
        told, goal = median(i.told for i in sampled.intervals), None
        relative = sampled.counted[0].comparison.as_ratio
    text = f" These samples tell a difference of {_size(told, relative)} four times in five"
    if goal:
        text += f"; the paper prints {_size(goal, relative)}"
        if told > abs(goal):
            now, of = _samples(sampled)
            text += f"; about {_round(now * (told / goal) ** 2)} {of} in the place of {now} would tell that"
    return text + "."


def _samples(sampled: Sampled) -> tuple[int, str]:
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
