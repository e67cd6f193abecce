"""Bars and lines: what is shown of a run, and that both take all that a run tells them."""

import io
import sys

import pytest

from reprise.experiment import display
from reprise.experiment.work import Outcome


class Terminal(io.StringIO):
    def isatty(self):
        return True


def tell(show):
    """A run of three units, one found, one that ran and one that failed."""
    show.start("toy", 3, 2)
    show.unit_started("step/0")
    show.unit_progress("step/0", "pages", 1, 10)
    show.unit_progress("unknown", "pages", 1, 10)
    show.unit_done(Outcome("step/0", "key", "ran", 1.25))
    show.note("step/1: taken over [from] process 7")
    show.unit_done(Outcome("step/1", "key", "failed", 0.5))
    show.stop()


def test_lines_where_nobody_watches(monkeypatch, capsys):
    show = display.make_display(True)
    assert type(show) is display.Lines
    tell(show)
    lines = [line.partition(" ")[2] for line in capsys.readouterr().err.splitlines()]
    assert lines == [
        "toy: 3 units, 1 found, 2 to run",
        "toy [1/2] step/0: ran, 1.2 s",
        "step/1: taken over [from] process 7",
        "toy [2/2] step/1: failed, 0.5 s",
    ]


def test_bars_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    show = display.make_display(True)
    assert type(show) is display.Bars
    tell(show)
    said = terminal.getvalue()
    assert "toy" in said and "3/3" in said, "the unit that was found counts as done"
    assert "taken over [from] process 7" in said, "brackets are no markup"


@pytest.mark.parametrize("quiet", [display.make_display(False)])
def test_nothing_when_nothing_is_wanted(quiet, capsys):
    tell(quiet)
    assert capsys.readouterr() == ("", "")
