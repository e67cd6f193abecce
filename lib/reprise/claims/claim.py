"""A row of the ledger: one statement of a paper, as a contrast and the region in which it lies if true.

    - id: both-best-overall
      claim: Fusing before and after feedback is the best in most cases, whatever the sparse model.
      source: Table 1 (RQ1)
      system: {stage: both-prf}
      than: [{stage: no-prf}, {stage: pre-prf}]
      region: {above: 0}
      for_every: {sparse: [bm25, unicoil], dataset: all, measure: all}
      needs: most
      within: [sparse]
      refuted_by: for one of the sparse models, another stage first in half of the cases or more

**What is contrasted** (`contrast`). *difference* (the default): `system` minus `than`. *ratio*: `system`
over `than`. *slope*: how `system` grows along the factor `along`, a number (minus `than`'s slope, if there
is a `than`; `logarithmic: true`: of the logarithms, so that the slope is an exponent). *value*: the cells
that `system` picks out (a list of systems here), each minus the published cell with the same factors, or
minus `value`, which the text states. Several systems in `than` are several contrasts a combination, which
holds if all of them do: so `system` is the first of all. `order` is a chain, the greatest first, in place of
`system`, `than` and `region`.

**Where it lies** (`region`, see `reprise.claims.region`). A direction is above or below 0; a significant
difference is the same, as judging is by intervals; "no difference" is within a margin; "14 times faster" is
at_least 14. `effect: points` where the claim speaks of points: half of what the paper prints is then half of
its difference, and else half of its relative one (`relative`, the default).

**For which combinations.** `where` restricts all systems; `for_every` names the factors (each `all` or a
list) over whose combinations it is asked; a list of such mappings asks for the combinations of each. An
average over collections is not among `all` of them where they stand themselves. `needs: all` (the
default), `needs: most` (more than half of the combinations; on ours a shared first place counts half), or
a region of the share ({at_least: 0.25, at_most: 0.75}: no order). `within: [factor]` for "whatever X": it
must hold within each value of X. `scale: {factor: vectors, at: 1000000}` for a claim that speaks of a
scale: asked at that value, the number at the end of the factor's (`synthetic-1000000`), or at the largest
there is; the smaller ones are a curve. Without `at`: at the largest.

**What it rests on.** `cells` is the list of results.json to look in (`cells`: what is measured on the test
topics). `requires` names gates (rows under `gates:` of the ledger, on a list of training or dev data) that
must hold before this one says anything. `by_construction` says why the outcome is
fixed by the set-up: the row is then a check of the code and counted apart. `refuted_by` says what result
would have refuted the claim; a row without is refused.

**On the paper's own cells.** `mark` names the mark with which the paper prints this difference as
significant, and a cell without it does not count. `unread` says why numbers that stand in the paper were not
read; it is said where the source has none. `audit` ({holds: 16, of: 36}, `shared: true` when shared places
count) is a count that we made in the paper's table.

**Who says it** (`origin`): `paper`, `ours` (found in its numbers, or about our own set-up), or `second-hand`
(read in a review, a note or another paper). Only the first are counted as claims of the paper. `profiles`
are those at which ours can be judged, `elsewhere` why not at others.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from reprise.claims.region import Region, Strict

Factors = dict[str, str | list[str]]
Systems = Annotated[
    list[Factors], BeforeValidator(lambda given: [given] if isinstance(given, dict) else given)
]
Combinations = Annotated[
    list[dict[str, Literal["all"] | list[str]]],
    BeforeValidator(lambda given: [given] if isinstance(given, dict) else given),
]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Sentence = Annotated[str, StringConstraints(min_length=10)]
Profile = Literal["smoke", "default", "open", "paper"]
ALL_PROFILES: tuple[Profile, ...] = ("smoke", "default", "open", "paper")
TEST_CELLS = "cells"


class Place(Strict):
    """Where a claim stands: `place` is the section, table and row, `version` the text that was read."""

    arxiv: str
    version: str
    place: str

    def __str__(self) -> str:
        return f"arXiv {self.arxiv} ({self.version}), {self.place}"


class Scale(Strict):
    """The factor along which a claim speaks of a scale, and the value that it names (None: the largest)."""

    factor: str
    at: float | None = Field(default=None, gt=0)


class Audit(Strict):
    """A count in the paper's table: so many combinations hold, of how many."""

    holds: int = Field(ge=0)
    of: int = Field(ge=1)
    shared: bool = False


class Row(Strict):
    """What a claim and a gate have in common: contrasts, and the region that they are asked to lie in."""

    id: Identifier
    contrast: Literal["difference", "ratio", "slope", "value"] = "difference"
    system: Systems = []
    than: Systems = []
    order: list[Factors] = []
    along: str | None = None
    logarithmic: bool = False
    value: float | None = None
    region: Region = Region(above=0)
    where: Factors = {}
    for_every: Combinations = []
    needs: Literal["all", "most"] | Region = "all"
    within: list[str] = []
    cells: str = TEST_CELLS

    @model_validator(mode="before")
    @classmethod
    def _region_is_given_once(cls, given: object) -> object:
        if isinstance(given, dict) and ("region" in given) == bool(given.get("order")):
            raise ValueError("a region is given unless there is an order, whose links lie above 0")
        return given

    @model_validator(mode="after")
    def _is_one_statement(self) -> Row:
        if self.order and (self.system or self.than or self.contrast != "difference" or len(self.order) < 2):
            raise ValueError("an order is a chain of two systems or more, in place of system and than")
        if not self.order and not self.system:
            raise ValueError("it must say of which system it speaks")
        if len(self.system) > 1 and self.contrast != "value":
            raise ValueError("several systems are for contrast: value; others compare one with `than`")
        needs_other = self.contrast in ("difference", "ratio") and not self.order
        if (needs_other and not self.than) or (self.contrast == "value" and self.than):
            raise ValueError(f"a {self.contrast} needs a system to compare with (than), a value has none")
        if (self.contrast == "slope") != (self.along is not None) or (self.logarithmic and not self.along):
            raise ValueError("a slope goes along a factor (along), and nothing else does")
        if self.contrast == "slope" and len(self.than) > 1:
            raise ValueError("a slope is compared with one other")
        if self.value is not None and self.contrast != "value":
            raise ValueError("value is what the text states, for contrast: value")
        if self.contrast == "value" and (self.region.within is None or self.region.about is not None):
            raise ValueError("a value lies within a margin of the published one")
        if self.contrast == "ratio" and self.region.bounds(1.0)[1] <= 0:
            raise ValueError("the region is empty: a ratio is above 0")
        if unknown := set(self.within) - self.asked:
            raise ValueError(f"within names {sorted(unknown)}, which is not among the factors of for_every")
        if isinstance(self.needs, Region) and not (0 <= self.needs.bounds()[0] < self.needs.bounds()[1] <= 1):
            raise ValueError("a region of the share lies between 0 and 1")
        return self

    @property
    def asked(self) -> set[str]:
        """The factors that every combination names."""
        return set.intersection(*map(set, self.for_every)) if self.for_every else set()

    @property
    def links(self) -> list[tuple[Factors, Factors]]:
        """The pairs of systems that each combination compares; a slope and a value have one side."""
        if self.order:
            return list(pairwise(self.order))
        return [(self.system[0], other) for other in self.than]


class Gate(Row):
    """What must hold on training or dev data before claims that require it say anything; `gate` says it."""

    gate: Sentence
    profiles: tuple[Profile, ...] = ALL_PROFILES
    elsewhere: str = ""

    @model_validator(mode="after")
    def _looks_at_no_test_topic(self) -> Gate:
        if self.cells == TEST_CELLS:
            raise ValueError(
                "a gate looks at training or dev data: cells must name another list than `cells`"
            )
        _says_why_not_elsewhere(self.profiles, self.elsewhere)
        return self


class Claim(Row):
    """A row of a ledger; see the head of this module."""

    claim: Sentence
    source: Place
    origin: Literal["paper", "ours", "second-hand"] = "paper"
    effect: Literal["relative", "points"] = "relative"
    scale: Scale | None = None
    mark: str | None = None
    unread: str = ""
    audit: Audit | None = None
    deterministic: bool = False
    requires: list[Identifier] = []
    by_construction: str = ""
    refuted_by: Sentence
    profiles: tuple[Profile, ...] = ALL_PROFILES
    elsewhere: str = ""

    @property
    def counted(self) -> str:
        """What it counts as: a claim of the paper, ours, second-hand, or a check of the code."""
        return "by construction" if self.by_construction else self.origin

    @property
    def factors(self) -> set[str]:
        """The names of all factors that it speaks of."""
        selectors = (self.where, *self.system, *self.than, *self.order)
        named = {name for selector in selectors for name in selector}
        return named.union(*self.for_every) | ({self.along} if self.along else set())

    @model_validator(mode="after")
    def _is_complete(self) -> Claim:
        _says_why_not_elsewhere(self.profiles, self.elsewhere)
        if self.scale is not None and self.scale.factor not in self.asked:
            raise ValueError(
                f"scale names {self.scale.factor!r}, which is not among the factors of for_every"
            )
        if self.audit is not None and self.origin != "ours":
            raise ValueError("an audit is a count of ours: origin must say so")
        return self


def _says_why_not_elsewhere(profiles: tuple[Profile, ...], elsewhere: str) -> None:
    if set(profiles) != set(ALL_PROFILES) and not elsewhere:
        raise ValueError("elsewhere must say why it is not asked at the other profiles")


def label(system: Factors, *others: Factors) -> str:
    """A system's name: its factors, without those that all the others share.

    >>> label({"sparse": "bm25", "stage": "both-prf"}, {"sparse": "bm25", "stage": "no-prf"})
    'both-prf'
    """
    shared = {k for k, v in system.items() if others and all(other.get(k) == v for other in others)}
    named = [str(v) for k, v in system.items() if k not in shared and v and isinstance(v, str)]
    return " ".join(named) or " ".join(str(v) for v in system.values() if v and isinstance(v, str))
