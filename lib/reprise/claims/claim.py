"""A row of the ledger: what every kind of claim has in common.

A claim speaks of *systems*, each given by the factors that pick it out, and is asked *for every*
combination of some other factors. A source that lacks a system in one combination leaves that
combination out, and the verdict says how many were left out; without any the claim is not testable.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from reprise.claims.evidence import Evidence
from reprise.claims.verdict import NOT_TESTABLE, Finding
from reprise.evaluation.cells import Cell

Factors = dict[str, str | list[str]]
Profile = Literal["smoke", "default", "open", "paper"]
ALL_PROFILES: tuple[Profile, ...] = ("smoke", "default", "open", "paper")


class Strict(BaseModel):
    """Refuses unknown names and stays as it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(Strict):
    """Where a claim stands: `place` is the section, table and row, `version` the text that was read."""

    arxiv: str
    version: str
    place: str

    def __str__(self) -> str:
        return f"arXiv {self.arxiv} ({self.version}), {self.place}"


class Tolerance(Strict):
    """How far a value may be off, either way, in the measure's own unit or as a share; and why."""

    absolute: float | None = Field(default=None, ge=0)
    relative: float | None = Field(default=None, ge=0)
    reason: str = Field(min_length=10)

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Tolerance:
        if (self.absolute is None) == (self.relative is None):
            raise ValueError("a tolerance is either absolute or relative")
        return self

    def allows(self, value: float, expected: float) -> bool:
        """Whether a value lies within the tolerance around the expected one."""
        allowed = self.absolute if self.absolute is not None else self.relative * abs(expected)
        # Printed decimals are not exact in binary: 0.372 - 0.371 must count as 0.001.
        return abs(value - expected) <= allowed + 1e-9

    def __str__(self) -> str:
        return f"{self.absolute:g}" if self.absolute is not None else f"{self.relative:.1%}"


class Claim(Strict):
    """What each row of a ledger says, whatever its kind.

    `origin` is "paper" for what the authors say and "ours" for what we found in their numbers. `where`
    restricts every system, `for_every` names the factors (each "all" or a list of values) over whose
    combinations the claim is asked. `profiles` are those at which ours can be judged, `elsewhere` why
    not at others. `by` is the factor by which the text breaks the count down.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    claim: str = Field(min_length=10)
    source: Place
    origin: Literal["paper", "ours"] = "paper"
    where: Factors = {}
    for_every: dict[str, Literal["all"] | list[str]] = {}
    by: str | None = None
    profiles: tuple[Profile, ...] = ALL_PROFILES
    elsewhere: str = ""
    alpha: float = Field(default=0.05, gt=0, lt=1)

    @model_validator(mode="after")
    def _says_why_not_elsewhere(self) -> Claim:
        if set(self.profiles) != set(ALL_PROFILES) and not self.elsewhere:
            raise ValueError("elsewhere must say why the claim cannot be judged at the other profiles")
        if self.by is not None and self.by not in self.for_every:
            raise ValueError(f"by names {self.by!r}, which is not among the factors of for_every")
        return self

    @abstractmethod
    def judge(self, evidence: Evidence) -> Finding:
        """Judge the claim on one source of cells."""

    def groups(self, evidence: Evidence) -> list[dict[str, str]]:
        """The combinations over which the claim is asked, with the values that the source has."""
        there = evidence.cells.select(**self.where)
        values = {
            name: [v for v in there.values(name) if wanted == "all" or v in wanted]
            for name, wanted in self.for_every.items()
        }
        return [dict(zip(values, combination, strict=True)) for combination in product(*values.values())]

    def gather(self, evidence: Evidence, systems: Sequence[Mapping[str, object]]) -> Gathered:
        """The systems' cells in every combination that has them all."""
        complete, incomplete = [], 0
        for group in self.groups(evidence):
            cells = [evidence.find({**self.where, **group, **system}) for system in systems]
            if all(cells):
                complete.append((group, cells))
            elif any(cells):
                incomplete += 1
        return Gathered(complete, incomplete)


class Gathered:
    """Combinations with the cells of all systems; `note` is a clause about those that lack some."""

    def __init__(self, complete: list[tuple[dict[str, str], list[Cell]]], incomplete: int) -> None:
        self.complete = complete
        lacking = "combination lacks a system" if incomplete == 1 else "combinations lack a system"
        self.note = f"; {incomplete} {lacking}, left out" if incomplete else ""

    def __bool__(self) -> bool:
        return bool(self.complete)


def no_numbers(evidence: Evidence) -> Finding:
    """The finding for a source that has no numbers that the claim speaks of."""
    return Finding(
        NOT_TESTABLE,
        "The paper prints no such numbers." if evidence.published else "The results hold no such numbers.",
    )


def label(system: Mapping[str, object], *others: Mapping[str, object]) -> str:
    """A system's name: its factors, without those that all the others share.

    >>> label({"sparse": "bm25", "stage": "both-prf"}, {"sparse": "bm25", "stage": "no-prf"})
    'both-prf'
    """
    shared = {k for k, v in system.items() if others and all(other.get(k) == v for other in others)}
    named = [str(v) for k, v in system.items() if k not in shared and v and isinstance(v, str)]
    return " ".join(named) or " ".join(str(v) for v in system.values() if v)
