"""The gate by hand, over topics and seeds, and what is no look."""

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.evaluation.intervals import t_interval
from reprise.retrieval.early_choice import DevCurve, EarlyChoice, Looks, gate


def test_the_gate_of_two_seeds_by_hand():
    """Seed one is best at step 10 (mean .4), seed two at its start (mean .2): it only did harm."""
    one = DevCurve((0, 10, 20), np.array([[0.1, 0.3], [0.4, 0.4], [0.2, 0.4]]))
    two = DevCurve((0, 10, 20), np.array([[0.1, 0.3], [0.0, 0.2], [0.1, 0.1]]))
    found = gate([one, two])
    assert found["start"] == pytest.approx(0.2)
    assert found["chosen"] == pytest.approx((0.4 + 0.2) / 2)
    assert found["last"] == pytest.approx((0.3 + 0.1) / 2)
    assert found["step"] == (10 + 0) / 2
    assert found["gain"] == pytest.approx(0.1)
    # by topic: chosen (.4 + .1) / 2 and (.4 + .3) / 2, minus the starts .1 and .3
    assert (found["low"], found["high"]) == pytest.approx(t_interval([0.15, 0.05]))
    assert found["range"] == pytest.approx(0.4 - 0.2)
    assert found["late_rise"] == pytest.approx(0.2 - 0.25)  # from step 10, the last look within two thirds


def test_a_tie_keeps_the_earlier_step():
    assert DevCurve((0, 5), np.array([[0.2, 0.4], [0.3, 0.3]])).chosen == 0


def test_seeds_that_were_looked_at_differently_have_no_gate():
    values = np.zeros((2, 3))
    with pytest.raises(InputError, match="same steps"):
        gate([DevCurve((0, 5), values), DevCurve((0, 6), values)])
    with pytest.raises(InputError, match="same steps"):
        gate([])


def test_a_look_of_another_number_of_seeds_or_without_a_value_is_refused():
    for values in (np.zeros((2, 4)), np.array([[0.1, np.nan]])):
        with pytest.raises(InputError, match="a row for each seed"):
            Looks(EarlyChoice(lambda values=values: values, 1), [[]]).look(0)
    with pytest.raises(ParameterError, match="at least 1"):
        EarlyChoice(lambda: np.zeros(3), 0)
