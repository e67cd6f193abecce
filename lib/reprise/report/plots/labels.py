"""Names beside points: each where it covers neither another name nor a point, with a line when it is far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT = 8.5
_RADII = (7, 14, 24, 36, 50)
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8), (-0.8, -0.8))
Box = tuple[float, float, float, float]


def add_labels(axis: Axes, points: Sequence[tuple[float, float, str]]) -> None:
    """Write the names of (x, y, name); call it when all else is drawn, as it needs the final layout."""
    figure = axis.figure
    figure.draw_without_rendering()
    pixels = figure.dpi / 72
    places = [axis.transData.transform((x, y)) / pixels for x, y, _ in points]
    frame = axis.get_window_extent()
    inside = (frame.x0 / pixels, frame.y0 / pixels, frame.x1 / pixels, frame.y1 / pixels)
    taken: list[Box] = [(x - 4, y - 4, x + 4, y + 4) for x, y in places]
    for (x, y), (at_x, at_y, name) in zip(places, points, strict=True):
        dx, dy, box = place_label(x, y, 0.62 * FONT * len(name), 1.25 * FONT, taken, inside)
        taken.append(box)
        far = max(abs(dx), abs(dy)) > 12
        axis.annotate(
            name,
            (at_x, at_y),
            xytext=(dx, dy),
            textcoords="offset points",
            fontsize=FONT,
            ha="left" if dx > 1 else "right" if dx < -1 else "center",
            va="center" if abs(dy) < 1 else "bottom" if dy > 0 else "top",
            arrowprops={"arrowstyle": "-", "color": "#999999", "linewidth": 0.6, "shrinkB": 3}
            if far
            else None,
        )


def place_label(
    x: float, y: float, width: float, height: float, taken: Sequence[Box], inside: Box
) -> tuple[float, float, Box]:
    """The offset and box, in points, of the first free place around a point, nearer ones first.

    >>> place_label(50, 50, 20, 10, [], (0, 0, 100, 100))
    (7, 0, (57, 45.0, 77, 55.0))
    >>> place_label(50, 50, 20, 10, [(58, 40, 90, 60)], (0, 0, 100, 100))[:2]
    (-7, 0)
    """
    found = None
    for radius in _RADII:
        for right, up in _DIRECTIONS:
            dx, dy = right * radius, up * radius
            left = x + dx - (0 if dx > 1 else width if dx < -1 else width / 2)
            bottom = y + dy - (height / 2 if abs(dy) < 1 else 0 if dy > 0 else height)
            box = (left, bottom, left + width, bottom + height)
            found = found or (dx, dy, box)
            within = (
                box[0] >= inside[0] and box[1] >= inside[1] and box[2] <= inside[2] and box[3] <= inside[3]
            )
            if within and not any(_overlap(box, other) for other in taken):
                return dx, dy, box
    return found


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
