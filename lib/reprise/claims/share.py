"""`needs: most` and other shares: in how many of the combinations the contrast lies in its region.

The share is resampled with the contrasts (a tie counts half) and its interval compared with what is needed.
Two things keep near ties from deciding. From above the share is bounded system by system: who is first of
four in more than half of the combinations beats each of the three in more than half, and between two systems
chance is fair. And a share that must lie between two ends counts only what the contrasts' simultaneous
intervals tell: with differences near nothing every share looks like a half.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reprise.claims.region import Region
from reprise.claims.sampled import Sampled
from reprise.claims.verdict import NOT_REPRODUCED, REPRODUCED, UNDECIDED, Says, combine

HALF = Region(above=0.5)
TAIL = 0.025
Share = tuple[float, float, float]


def verdict_on_share(sampled: Sampled) -> tuple[str, str, Share]:
    """The verdict of a row that needs a share, what decided, and the share (of all) with its bounds."""
    needs = sampled.row.needs if isinstance(sampled.row.needs, Region) else HALF
    inside, everything = _inside(sampled), range(len(sampled.counted))
    verdict = combine([_judge(needs, _bounds(sampled, needs, pool, inside)) for pool in sampled.pools])
    rule = "the data cannot tell" if verdict == UNDECIDED else "the share's interval"
    return verdict, rule, _bounds(sampled, needs, everything, inside)


def _judge(needs: Region, share: Share) -> str:
    (low, high), (_, least, most) = needs.bounds(), share
    if (least > low if needs.above is not None else least >= low) and most <= high:
        return REPRODUCED
    below = most <= low if needs.above is not None else most < low
    return NOT_REPRODUCED if below or least > high else UNDECIDED


def _bounds(sampled: Sampled, needs: Region, places: Sequence[int], inside: np.ndarray) -> Share:
    """The share of combinations with its bounds; `inside` is (1 + resamples, comparisons), as seen first."""
    combinations: dict[tuple[str, ...], list[int]] = {}
    links: dict[str, list[int]] = {}
    for place in places:
        c = sampled.counted[place].comparison
        combinations.setdefault(tuple(c.group.values()), []).append(place)
        links.setdefault(c.link, []).append(place)
    shares = np.mean([inside[:, mine].min(axis=1) for mine in combinations.values()], axis=0)
    told = [[sampled.words[place] for place in mine] for mine in combinations.values()]
    least = sum(set(words) == {Says.FOR} for words in told) / len(told)
    most = 1 - sum(Says.AGAINST in words for words in told) / len(told)
    if needs.two_sided:
        return float(shares[0]), least, most
    by_link = [inside[1:, mine].mean(axis=1) for mine in links.values()]
    highest = [np.quantile(each, 1 - TAIL / len(links), method="higher") for each in by_link]
    lowest = np.quantile(shares[1:], TAIL, method="lower")
    return float(shares[0]), float(max(least, lowest)), float(min(*highest, most))


def _inside(sampled: Sampled) -> np.ndarray:
    """Whether each contrast lies in its region (a tie half), as seen and in every resample."""
    values = np.vstack([sampled.family.values, sampled.family.values + sampled.family.deviations])
    low, high = np.array([t.bounds for t in sampled.counted]).T
    return np.mean([(values > low) & (values < high), (values >= low) & (values <= high)], axis=0)
