"""Forest plots: every contrast of a verdict with its interval, beside what the claim and the paper say.

One line a contrast, the claimed region shaded, no difference as a line, the paper's own effect as a hollow
diamond, and at the foot the contrasts taken together, so that a verdict can be checked by eye (after Lewis
and Clarke, "Forest plots: trying to see the wood and the trees", BMJ 322, 2001). It is HTML that a page lays
out by its own width: text keeps its size on a phone, and colours take the page's ink in light and in dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import exp, isfinite, log

from reprise.claims.verdict import Line, Says, Verdict

MOST = 16
"""Contrasts that are shown at once; the others open on demand."""

RATIOS = ("ratio", "relative")
KINDS = {
    Says.FOR: "for",
    Says.AGAINST: "against",
    Says.SMALL: "small",
    Says.OPEN: "open",
    Says.CURVE: "curve",
}
WHAT = {"difference": "difference", "ratio": "ratio", "slope": "slope", "relative": "ratio, taken together"}

STYLE = """
.forest { margin: .5rem 0; max-width: 52rem; font-size: .88em; }
.forest .panel { margin: .3rem 0 .5rem; }
.forest .row { display: grid; gap: 0 .8rem; align-items: center; min-height: 1.5em;
  grid-template-columns: minmax(8rem, 15rem) minmax(9rem, 1fr) 11.5rem; }
.forest .num { font-variant-numeric: tabular-nums; white-space: nowrap; }
.forest .joint { font-weight: 600; border-top: 1px solid rgba(128,128,128,.5); }
.forest .track { position: relative; display: block; height: 1.5em; }
.forest .track::before { content: ""; position: absolute; inset: 0 auto 0 var(--from); width: var(--region);
  background: rgba(0,158,115,.2); }
.forest .track::after { content: ""; position: absolute; top: 0; bottom: 0; left: var(--none);
  border-left: 1px dashed currentColor; opacity: .55; }
.forest .track > * { position: absolute; }
.forest .bar { top: calc(50% - 1px); height: 2px; min-width: 1px; background: var(--tone); }
.forest .dot { width: 9px; height: 9px; margin: -4.5px 0 0 -4.5px; top: 50%; border-radius: 50%;
  background: var(--tone); }
.forest .joint .dot { border-radius: 0; transform: rotate(45deg); }
.forest .paper { width: 8px; height: 8px; margin: -4px 0 0 -4px; top: 50%; border: 1.5px solid currentColor;
  transform: rotate(45deg); }
.forest .for { --tone: #3a8fc8; } .forest .against { --tone: #d9661f; } .forest .small { --tone: #c08a00; }
.forest .open, .forest .curve { --tone: #8a8f96; }
.forest .curve .dot { background: none; border: 1.5px solid var(--tone); }
.forest .axis .track::before, .forest .axis .track::after { display: none; }
.forest .axis .track > * { transform: translateX(-50%); opacity: .8; white-space: nowrap; }
.forest .said { opacity: .8; margin: 0; }
@media (max-width: 40rem) {
  .forest .row { grid-template-columns: 1fr auto; padding: .1rem 0; }
  .forest .track { grid-column: 1 / -1; order: 3; }
}
"""


def forest_html(verdict: Verdict) -> str:
    """The forest plot of a verdict as HTML, to be shown with `STYLE`; "" where it has no contrast to draw.

    A claim on single values has none: values of unlike measures share no axis.
    """
    lines = [line for line in verdict.lines if _drawn(line)]
    if verdict.contrast == "value" or not lines:
        return ""
    joint = [line for line in verdict.joint if _drawn(line)]
    joint = joint if len(joint) < len(lines) else []  # each by itself says nothing more
    shared = verdict.joint_unit == verdict.unit or {verdict.joint_unit, verdict.unit} <= set(RATIOS)
    panels = [_panel(verdict.unit, verdict.region, lines, joint if shared else [])]
    if joint and not shared:
        panels.append(_panel(verdict.joint_unit, _relative(verdict), [], joint))
    counted = sum(line.word != Says.CURVE for line in lines)
    label = f"{counted} contrasts of the claim {verdict.id}: {verdict.shown}"
    return f'<div class="forest" role="img" aria-label="{escape(label)}">{"".join(panels)}</div>'


def _drawn(line: Line) -> bool:
    return line.word in KINDS and line.estimate is not None and isfinite(line.estimate)


def _relative(verdict: Verdict) -> tuple[float | None, float | None]:
    """The region of a direction on the axis of ratios: above 0 is above 1."""
    low, high = (None if bound is None else exp(bound) for bound in verdict.region)
    return low, high


def _panel(
    unit: str, region: tuple[float | None, float | None], lines: Sequence[Line], joint: Sequence[Line]
) -> str:
    axis = Axis(unit, region, [*lines, *joint])
    shown = [_row(line, axis) for line in lines[:MOST]]
    rest = [_row(line, axis) for line in lines[MOST:]]
    more = f"<details><summary>{len(rest)} more</summary>{''.join(rest)}</details>" if rest else ""
    together = "".join(_row(line, axis, "joint") for line in joint)
    return f'<div class="panel" style="{axis.style}">{"".join(shown)}{more}{together}{axis.html}</div>'


def _row(line: Line, axis: Axis, kind: str = "") -> str:
    low, high = (line.estimate if end is None else end for end in (line.low, line.high))
    left, right = axis.place(low), axis.place(high)
    marks = [f'<span class="bar" style="left:{left:.1f}%;width:{right - left:.1f}%"></span>']
    if line.paper is not None and axis.holds(line.paper):
        marks.append(f'<span class="paper" style="left:{axis.place(line.paper):.1f}%"></span>')
    marks.append(f'<span class="dot" style="left:{axis.place(line.estimate):.1f}%"></span>')
    place = f"{line.place}, together" if kind and line.group else "together" if kind else line.place
    classes = " ".join(filter(None, ("row", KINDS[line.word], kind)))
    numbers = f"{axis.number(line.estimate)} [{axis.number(low)}, {axis.number(high)}]"
    return (
        f'<div class="{classes}"><span>{escape(place)}</span><span class="track">{"".join(marks)}</span>'
        f'<span class="num">{numbers}</span></div>'
    )


class Axis:
    """The line on which contrasts lie, in per cent of its length; logarithmic for ratios.

    >>> axis = Axis("ratio", (1.0, None), [Line({}, "for", 2.0, 1.0, 4.0)])
    >>> round(axis.place(2.0), 6)  # half way from 1 to 4
    50.0
    """

    def __init__(self, unit: str, region: tuple[float | None, float | None], lines: Sequence[Line]) -> None:
        self.unit, self.log, self.none = unit, unit in RATIOS, 1.0 if unit in RATIOS else 0.0
        ends = [e for line in lines for e in (line.estimate, line.low, line.high, line.paper)]
        known = [e for e in (*ends, *region, self.none) if e is not None and self.holds(e)]
        low, high = min(map(self._on, known)), max(map(self._on, known))
        margin = 0.04 * (high - low) or 0.5
        self.low, self.high = low - margin, high + margin
        self.region = region

    def holds(self, value: float) -> bool:
        """Whether a value can stand on it."""
        return isfinite(value) and (value > 0 or not self.log)

    def place(self, value: float) -> float:
        """Where a value lies, from 0 to 100."""
        if not self.holds(value):  # a ratio's interval may reach 0: to the left end
            return 0.0 if value <= 0 else 100.0
        return min(100.0, max(0.0, 100 * (self._on(value) - self.low) / (self.high - self.low)))

    def number(self, value: float) -> str:
        """A value as it is printed beside its line."""
        return f"{value:.3g}" if self.log else f"{value:+.3g}"

    @property
    def style(self) -> str:
        """The region and the line of no difference, as properties that every track draws."""
        low = 0.0 if self.region[0] is None else self.place(self.region[0])
        high = 100.0 if self.region[1] is None else self.place(self.region[1])
        return f"--from:{low:.1f}%;--region:{high - low:.1f}%;--none:{self.place(self.none):.1f}%"

    @property
    def html(self) -> str:
        """The ticks, and what is counted along them."""
        ticks = "".join(
            f'<span style="left:{self.place(tick):.1f}%">'
            f"{f'{tick:g}' if tick == self.none else self.number(tick)}</span>"
            for tick in self._ticks()
        )
        said = f'<span class="said">{WHAT[self.unit]}</span>'
        return f'<div class="row axis">{said}<span class="track">{ticks}</span></div>'

    def _on(self, value: float) -> float:
        return log(value) if self.log else value

    def _ticks(self) -> list[float]:
        """No difference and, where they lie apart, a round number to each side of it."""
        ends = [exp(e) if self.log else e for e in (self.low, self.high)]
        found = [self.none]
        for end in ends:
            tick = float(f"{end:.1g}")
            inside = self.holds(tick) and self.low <= self._on(tick) <= self.high
            tick = tick if inside else float(f"{end - (end - self.none) / 4:.1g}")
            if self.holds(tick) and all(abs(self.place(tick) - self.place(t)) > 12 for t in found):
                found.append(tick)
        return sorted(found)
