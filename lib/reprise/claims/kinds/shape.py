"""Shape of a curve: rising, falling, with its maximum (or minimum) at a place, or crossing another.

The curve is a system's values along a factor that is a number ({"k": "3"}), one curve a combination.
Rising and falling allow level steps but need the ends to differ; an extreme at several places is at
each; a crossing is a change of sign of the difference from `system` above `other` to below, at one
place: the points on either side of it, or one between them where both are level, lie within the
stated bounds. Partly: more than half of the curves.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import model_validator

from reprise.claims.claim import Claim, Factors, label, no_numbers
from reprise.claims.evidence import TIE, Evidence
from reprise.claims.verdict import Check, Finding, breakdown, exceptions, verdict_by_count
from reprise.errors import InputError

Curve = dict[float, float]


class Shape(Claim):
    """`system` along `along`; `between` are the bounds, inclusive, of an extreme or a crossing."""

    kind: Literal["shape"]
    system: Factors
    along: str
    shape: Literal["rising", "falling", "maximum", "minimum", "crosses"]
    other: Factors | None = None
    between: tuple[float, float] | None = None
    needs: Literal["all", "most"] = "all"

    @model_validator(mode="after")
    def _has_what_its_shape_needs(self) -> Shape:
        if (self.shape == "crosses") != (self.other is not None):
            raise ValueError("a crossing needs the other system, and nothing else does")
        if self.shape in ("maximum", "minimum") and self.between is None:
            raise ValueError("an extreme needs the bounds that it lies between")
        if self.between is not None and self.between[0] > self.between[1]:
            raise ValueError("the bounds stand in the wrong order")
        return self

    def judge(self, evidence: Evidence) -> Finding:
        """Count the curves of the stated shape."""
        details, incomplete = [], 0
        for group in self.groups(evidence):
            curve = self._curve(evidence, group, self.system)
            other = self._curve(evidence, group, self.other) if self.other else {}
            shared = sorted(set(curve) & set(other)) if self.other else sorted(curve)
            if len(shared) < 2:
                incomplete += bool(curve or other)
                continue
            holds, text = self._look(
                {x: curve[x] for x in shared}, {x: other[x] for x in shared if x in other}
            )
            details.append(Check(group, holds, text, {f"{x:g}": curve[x] for x in shared}))
        if not details:
            return no_numbers(evidence)
        holds, of = sum(c.holds for c in details), len(details)
        what = self.shape if self.shape in ("rising", "falling") else f"{self.shape} at {self._bounds}"
        text = (
            f"{label(self.system)} along {self.along}: {what} in {holds} of {of} curves"
            + (breakdown(details, self.by) if self.by else "")
            + exceptions(details)
            + (f"; {incomplete} with fewer than two places left out" if incomplete else "")
            + "."
        )
        return Finding(verdict_by_count(holds, of, self.needs), text, f"{holds} of {of}", holds, of, details)

    @property
    def _bounds(self) -> str:
        return "any place" if self.between is None else f"{self.between[0]:g} to {self.between[1]:g}"

    def _inside(self, x: float) -> bool:
        return self.between is None or self.between[0] <= x <= self.between[1]

    def _curve(self, evidence: Evidence, group: dict[str, str], system: Factors) -> Curve:
        curve: Curve = {}
        for cell in evidence.cells.select(**{**self.where, **group, **system}):
            if not cell[self.along]:
                continue
            try:
                x = float(cell[self.along])
            except ValueError as error:
                raise InputError(
                    f"claim {self.id!r} goes along {self.along!r}, which is not a number here",
                    given=cell[self.along],
                ) from error
            if x in curve:
                raise InputError(
                    f"claim {self.id!r} fits several cells at one place",
                    given={self.along: x},
                    remedy="name more factors in the claim",
                )
            curve[x] = cell.value
        return curve

    def _look(self, curve: Curve, other: Curve) -> tuple[bool, str]:
        """Whether the curve has the shape, and what it does instead."""
        places = list(curve)
        if self.shape in ("rising", "falling"):
            sign = 1 if self.shape == "rising" else -1
            wrong = [b for a, b in pairwise(places) if sign * (curve[b] - curve[a]) < -TIE]
            ends = sign * (curve[places[-1]] - curve[places[0]])
            turned = f", turns at {wrong[0]:g}" if wrong else ""
            return not wrong and ends > TIE, f"from {curve[places[0]]:.4f} to {curve[places[-1]]:.4f}{turned}"
        if self.shape == "crosses":
            signs = {x: (d > TIE) - (d < -TIE) for x in places for d in [curve[x] - other[x]]}
            clear = [x for x in places if signs[x]]
            turns = [(a, b) for a, b in pairwise(clear) if signs[a] != signs[b]]
            seen = ", ".join(f"between {a:g} and {b:g}" for a, b in turns) or "nowhere"
            if len(turns) != 1 or signs[turns[0][0]] < 0:
                return False, f"changes sides {seen}"
            before, after = turns[0]
            return any(self._inside(x) for x in places if before <= x <= after), f"changes sides {seen}"
        pick = max if self.shape == "maximum" else min
        extreme = pick(curve.values())
        at = [x for x in places if abs(curve[x] - extreme) < TIE]
        return any(self._inside(x) for x in at), f"{self.shape} at {', '.join(f'{x:g}' for x in at)}"
