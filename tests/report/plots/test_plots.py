"""Plots by what they draw: points where the numbers are, published hollow, one look a system."""

from pathlib import Path

import pytest

from reprise.errors import ParameterError
from reprise.evaluation.cells import Cell, Cells
from reprise.experiment.results import Results
from reprise.experiment.study import FigureSpec
from reprise.report.figures import draw_figure
from reprise.report.plots import bars, curve, gain_by_stage, heatmap, scatter
from reprise.report.plots.style import Look, to_png, to_svg

NONE = Cells([])


def cell(measure, value, **factors):
    return {"dataset": "toy", "measure": measure, "factors": factors, "value": value, "samples": {}}


def results(*cells, **more):
    return Results(Path(), {"study": "none", "profile": "default", "cells": list(cells), **more}, {})


@pytest.fixture
def sweep():
    """MAP of two systems at k = 1, 3 and 10, in an order that is not the numbers' own."""
    return results(
        *(
            cell("MAP", v, system=s, k=k)
            for s, k, v in (
                ("a", "10", 0.3),
                ("a", "1", 0.1),
                ("a", "3", 0.2),
                ("b", "1", 0.5),
                ("b", "3", 0.4),
                ("b", "10", 0.6),
            )
        )
    )


def test_a_curve_goes_along_numbers_not_words(sweep):
    (axis,) = curve.draw(sweep, NONE, x="k", measure="MAP").axes
    drawn = [(list(line.get_xdata()), list(line.get_ydata())) for line in axis.lines if len(line.get_xdata())]
    assert drawn == [([1, 3, 10], [0.1, 0.2, 0.3]), ([1, 3, 10], [0.5, 0.4, 0.6])]


def test_published_points_are_hollow_and_of_the_systems_colour(sweep):
    published = Cells([Cell("toy", "MAP", {"system": "b", "k": "3"}, 0.45)])
    (axis,) = curve.draw(sweep, published, x="k", measure="MAP").axes
    (hollow,) = [line for line in axis.lines if list(line.get_ydata()) == [0.45]]
    (ours,) = [line for line in axis.lines if list(line.get_ydata()) == [0.5, 0.4, 0.6]]
    assert hollow.get_markerfacecolor() == "white" and hollow.get_color() == ours.get_color()


def test_the_legend_names_published_numbers_only_where_some_are_drawn(sweep):
    elsewhere = Cells([Cell("dl19", "MAP", {"system": "b", "k": "3"}, 0.45)])
    for published, named in (
        (elsewhere, False),
        (Cells([Cell("toy", "MAP", {"system": "b", "k": "3"}, 1)]), True),
    ):
        figure = curve.draw(sweep, published, x="k", measure="MAP", series="system", facets=["dataset"])
        assert ("published" in {text.get_text() for text in figure.legends[0].get_texts()}) == named


def test_a_third_factor_makes_panels_and_a_word_no_axis(sweep):
    more = [cell("MAP", 0.1, system="a", k=k, depth=d) for k in "12" for d in ("short", "long")]
    assert len(curve.draw(results(*more), NONE, x="k", measure="MAP", series="system").axes) == 2
    with pytest.raises(ParameterError, match="no number along which"):
        curve.draw(sweep, NONE, x="system", measure="MAP")
    with pytest.raises(ParameterError, match="leaves no number"):
        curve.draw(sweep, NONE, x="k", measure="nDCG@10")


def test_a_system_looks_the_same_in_every_figure(sweep):
    all_of_it = curve.draw(sweep, NONE, x="k", measure="MAP").axes[0].lines
    part = curve.draw(sweep, NONE, x="k", measure="MAP", select={"system": "b"}).axes[0].lines
    b = next(line for line in all_of_it if list(line.get_ydata()) == [0.5, 0.4, 0.6])
    assert (part[0].get_color(), part[0].get_marker()) == (b.get_color(), b.get_marker())


def test_more_systems_than_colours_still_differ():
    look = Look([f"s{i}" for i in range(20)])
    looks = {(look.colour(s), look.marker(s), look.line(s)) for s in (f"s{i}" for i in range(20))}
    assert len(looks) == 20


def test_gains_stand_over_the_baseline_of_the_same_retriever():
    stages = (("dense", 0.4), ("vprf", 0.45))
    fused = cell("MAP", 0.55, dense="d", sparse="bm25", stage="both")
    ours = results(*(cell("MAP", v, dense="d", stage=s) for s, v in stages), fused)
    published = Cells(
        [Cell("dl19", "MAP", {"dense": "e", "stage": s}, v) for s, v in (("dense", 0.3), ("vprf", 0.2))]
    )
    figure = gain_by_stage.draw(ours, published, measures=["MAP"], baseline={"stage": "dense"})
    mine, theirs = figure.axes
    heights = [
        [round(float(line.get_ydata()[0]), 6) for line in axis.lines if line.get_marker() != "None"]
        for axis in (mine, theirs)
    ]
    assert heights == [[0.05, 0.15], [-0.1]]
    hollow = [line for line in theirs.lines if line.get_marker() != "None"]
    assert hollow[0].get_markerfacecolor() == "white"
    assert [axis.get_title() for axis in figure.axes] == ["toy (ours)", "dl19 (published)"]


def test_bars_stand_beside_the_papers_for_the_same_system():
    ours = results(cell("MAP", 0.4, system="a"), cell("MAP", 0.5, system="b"))
    published = Cells([Cell("toy", "MAP", {"system": "b"}, 0.6), Cell("dl19", "MAP", {"system": "b"}, 0.9)])
    (axis,) = bars.draw(ours, published, measures=["MAP"]).axes
    assert sorted(round(bar.get_width(), 6) for bar in axis.patches) == [0.4, 0.5, 0.6]
    (hollow,) = [bar for bar in axis.patches if bar.get_facecolor() == (1, 1, 1, 1)]
    assert hollow.get_width() == 0.6


def test_bars_of_several_datasets_have_a_panel_each_on_one_axis():
    cells = [cell("MAP", 0.4, system="a"), cell("MAP", 0.5, system="b")]
    ours = results(*cells, *({**c, "dataset": "other", "value": 2 * c["value"]} for c in cells))
    figure = bars.draw(ours, NONE, measures=["MAP"], columns="dataset")
    assert [axis.get_title() for axis in figure.axes] == ["toy", "other"]
    assert [[round(bar.get_width(), 6) for bar in axis.patches] for axis in figure.axes] == [
        [0.4, 0.5],
        [0.8, 1.0],
    ]
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    with pytest.raises(ParameterError, match="room for one measure"):
        bars.draw(ours, NONE, measures=["MAP", "R@100"], columns="dataset")


def test_many_bars_stand_in_groups():
    ours = results(*(cell("MAP", 0.1, dense=d, stage=f"s{i}") for d in ("x", "y") for i in range(8)))
    (axis,) = bars.draw(ours, NONE, measures=["MAP"]).axes
    labels = [text.get_text() for text in axis.get_yticklabels()]
    assert len(axis.patches) == 16 and [labels[0], labels[9]] == ["x", "y"] and labels[1] == "s0"


def test_a_heat_map_writes_every_value_with_numbers_in_order():
    ours = results(
        *(cell("MAP", v, k=k, stage=s) for k, s, v in (("10", "a", 0.3), ("2", "a", 0.2), ("2", "b", 0.1)))
    )
    (axis,) = heatmap.draw(ours, NONE, rows="stage", columns="k", measure="MAP").axes
    written = {text.get_position(): text.get_text() for text in axis.texts}
    assert written == {(0, 0): "0.200", (1, 0): "0.300", (0, 1): "0.100"}
    assert [text.get_text() for text in axis.get_xticklabels()] == ["2", "10"]


def test_a_scatter_has_a_point_a_system_that_has_both_measures():
    ours = results(cell("size", 48.0, m="pq"), cell("MAP", 0.4, m="pq"), cell("MAP", 0.5, m="lsh"))
    (axis,) = scatter.draw(ours, NONE, x="size", y="MAP", label_by="m").axes
    points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axis.lines]
    assert points == [(48.0, 0.4)] and [text.get_text() for text in axis.texts] == ["pq"]
    with pytest.raises(ParameterError, match="no system has both"):
        scatter.draw(results(cell("MAP", 0.5, m="lsh")), NONE, x="size", y="MAP")


def test_the_same_figure_gives_the_same_bytes(sweep):
    one, two = (curve.draw(sweep, NONE, x="k", measure="MAP") for _ in range(2))
    assert to_svg(one) == to_svg(two) and to_png(one) == to_png(two)
    assert b"<dc:date>" not in to_svg(one)


def test_an_unknown_plot_or_option_is_refused(sweep):
    with pytest.raises(ParameterError, match="plot that does not exist"):
        draw_figure(FigureSpec("f", "c", "pie"), sweep, NONE)
    with pytest.raises(ParameterError, match=r"'f'.*colour"):
        draw_figure(FigureSpec("f", "c", "curve", {"x": "k", "measure": "MAP", "colour": "red"}), sweep, NONE)
