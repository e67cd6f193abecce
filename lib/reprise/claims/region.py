"""The region of a claim: where its contrast lies if the claim is true.

    {above: 0}                          {at_least: 14}              one-sided words, one-sided bounds
    {within: 0.02, reason: ...}         around no difference (0, a ratio of 1), or around the published value
    {about: 2, within: 25%, reason: ...}    only where the claim says "about"
    {at_least: 1.3, at_most: 2.4}       a range that the claim states

`above` and `below` leave the bound itself out: on printed numbers a tie is no difference. A margin says why
it is this wide.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

INFINITE = float("inf")
Percent = Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)?%$")]


class Strict(BaseModel):
    """Refuses unknown names and stays as it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Region(Strict):
    """An interval on the line of a contrast, in the contrast's own unit (a ratio is a ratio here)."""

    above: float | None = None
    below: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    within: Annotated[float, Field(ge=0)] | Percent | None = None
    about: float | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _is_one_region(self) -> Region:
        if self.above is not None and self.at_least is not None:
            raise ValueError("give above or at_least, not both")
        if self.below is not None and self.at_most is not None:
            raise ValueError("give below or at_most, not both")
        bounded = any(b is not None for b in (self.above, self.below, self.at_least, self.at_most))
        if bounded == (self.within is not None):
            raise ValueError(
                "a region is either bounded (above, below, at_least, at_most) or within a margin"
            )
        if self.about is not None and self.within is None:
            raise ValueError("about needs within: how far off is still about")
        if self.within is not None and len(self.reason) < 10:
            raise ValueError("a margin needs its reason, in a few words")
        low, high = self.bounds()
        if low > high or (low == high and (self.above is not None or self.below is not None)):
            raise ValueError("the region is empty")
        return self

    def bounds(self, centre: float = 0.0) -> tuple[float, float]:
        """Its two ends, infinite where it has none; `centre` is what `within` without `about` is around.

        >>> Region(about=2, within="25%", reason="the text rounds").bounds()
        (1.5, 2.5)
        """
        if self.within is not None:
            centre = centre if self.about is None else self.about
            share = isinstance(self.within, str)
            margin = abs(centre) * float(self.within[:-1]) / 100 if share else float(self.within)
            return centre - margin, centre + margin
        low = self.above if self.above is not None else self.at_least
        high = self.below if self.below is not None else self.at_most
        return -INFINITE if low is None else low, INFINITE if high is None else high

    @property
    def two_sided(self) -> bool:
        """Whether it has both ends: then it is shown contrast by contrast, and never taken together."""
        return INFINITE not in [abs(end) for end in self.bounds(1.0)]

    def __str__(self) -> str:
        if self.within is not None:
            return f"within {self.within}" + (f" of {self.about:g}" if self.about is not None else "")
        names = ("above", "at_least", "below", "at_most")
        return " and ".join(
            f"{name.replace('_', ' ')} {end:g}" for name in names if (end := getattr(self, name)) is not None
        )
