"""`needs: most` and other shares: in how many of the combinations the contrast lies in its region.

The share is resampled with the contrasts (a tie counts half) and its interval compared with what is needed.
Two things keep near ties from deciding. From above the share is bounded system by system: who is first of
four in more than half of the combinations beats each of the three in more than half, and between two systems
chance is fair. And a share that must lie between two ends counts only what the contrasts' simultaneous
intervals tell: with differences near nothing every share looks like a half.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from reprise.claims.region import Region
from reprise.claims.sampled import Sampled
from reprise.claims.verdict import AGAINST, FOR, NOT_REPRODUCED, REPRODUCED, UNDECIDED, combine

HALF = Region(above=0.5)
Share = tuple[float, float, float]


def verdict_on_share(sampled: Sampled) -> tuple[str, str, Share]:
    """The verdict of a row that needs a share, what decided, and the share (of all) with its bounds."""
    row = sampled.row
    needs = row.needs if isinstance(row.needs, Region) else HALF
    pools: dict[tuple[str, ...], list[int]] = {}
    for place, tested in enumerate(sampled.counted):
        key = tuple(tested.comparison.group[name] for name in row.within)
        pools.setdefault(key, []).append(place)
    inside = _inside(sampled)
    found = [_judge(sampled, needs, places, inside) for places in pools.values()]
    verdict = combine([word for word, _ in found])
    share = found[0][1] if len(found) == 1 else _bounds(sampled, needs, range(len(sampled.counted)), inside)
    return verdict, "the share's interval" if verdict != UNDECIDED else "the data cannot tell", share


def _judge(sampled: Sampled, needs: Region, places: object, inside: np.ndarray) -> tuple[str, Share]:
    share = _bounds(sampled, needs, places, inside)
    low, high = needs.bounds()
    strict = needs.above is not None or needs.below is not None
    within = low < share[1] and share[2] < high if strict else low <= share[1] and share[2] <= high
    if needs.above is not None:
        within, outside = share[1] > low, share[2] <= low
    else:
        outside = share[2] < low or share[1] > high
    return (REPRODUCED if within else NOT_REPRODUCED if outside else UNDECIDED), share


def _bounds(sampled: Sampled, needs: Region, places: object, inside: np.ndarray) -> Share:
    """The share of combinations with its bounds; `inside` is (1 + resamples, comparisons), as seen first."""
    combinations: dict[tuple[str, ...], list[int]] = {}
    links: dict[str, list[int]] = {}
    for place in places:
        c = sampled.counted[place].comparison
        combinations.setdefault(tuple(c.group.values()), []).append(place)
        links.setdefault(c.link, []).append(place)
    shares = _share(inside, combinations)
    told = [[sampled.words[place] for place in mine] for mine in combinations.values()]
    surely = sum(all(word == FOR for word in words) for words in told) / len(told)
    surely_not = sum(AGAINST in words for words in told) / len(told)
    if needs.two_sided:
        return float(shares[0]), surely, 1 - surely_not
    level = 0.025
    low = max(surely, float(np.quantile(shares[1:], level, method="lower")))
    highs = [
        float(np.quantile(inside[1:, mine].mean(axis=1), 1 - level / len(links), method="higher"))
        for mine in links.values()
    ]
    return float(shares[0]), low, min(*highs, 1 - surely_not)


def _share(inside: np.ndarray, combinations: Mapping[tuple[str, ...], list[int]]) -> np.ndarray:
    return np.mean([inside[:, mine].min(axis=1) for mine in combinations.values()], axis=0)


def _inside(sampled: Sampled) -> np.ndarray:
    """Whether each contrast lies in its region (a tie half), as seen and in every resample."""
    values = np.vstack([sampled.family.values, sampled.family.values + sampled.family.deviations])
    low, high = np.array([t.bounds for t in sampled.counted]).T
    return np.mean([(values > low) & (values < high), (values >= low) & (values <= high)], axis=0)
