"""Estimates and what moves them: pairing, independent draws, averages, runs of training, rounds, clusters."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.evaluation.cells import Cell, Sampling
from reprise.evaluation.contrast import add, contrast, mean_of


def cell(values, dataset="d", names=None, **fields):
    samples = dict(zip(names or [f"q{i}" for i in range(len(values))], map(float, values), strict=True))
    value = float(np.mean(values)) if len(values) else 0.5
    return Cell(dataset, "MAP", fields.pop("factors", {"s": "a"}), value, len(values), samples, **fields)


def test_a_difference_of_the_same_topics_is_paired_by_name():
    """(3 - 1, 5 - 4) = (2, 1): mean 1.5, influences .5 and -.5, whatever the order of the topics."""
    found = contrast([cell([3, 5]), cell([4, 1], names=["q1", "q0"])], [1, -1])
    assert found.value == 1.5 and found.draws["d"].influence.tolist() == [0.5, -0.5]
    assert found.draws["d"].variance == pytest.approx(0.5 / 2)


def test_different_draws_stay_apart():
    other = cell([1, 2, 6], sampling=Sampling("seeds", "other"))
    found = contrast([cell([3, 5], sampling=Sampling("seeds", "one")), other], [1, -1])
    assert {name: draw.influence.tolist() for name, draw in found.draws.items()} == {
        "one": [-1, 1],
        "other": [2, 1, -3],
    }
    alone = contrast(
        [
            cell([3, 5], sampling=Sampling("seeds")),
            cell([1, 2], factors={"s": "b"}, sampling=Sampling("seeds")),
        ],
        [1, -1],
    )
    assert len(alone.draws) == 2, "a draw without a name is a system's own"


def test_a_ratio_is_a_difference_of_logarithms():
    """log(4 / 2), influence of 3 and 5 around 4 is -.25 and .25."""
    found = contrast([cell([3, 5]), cell([2, 2])], [1, -1], logarithmic=True)
    assert found.value == pytest.approx(np.log(2)) and found.draws["d"].influence.tolist() == [-0.25, 0.25]


def test_an_average_keeps_the_samples_of_its_parts_each_weighing_the_same():
    """(mean of 0 and 2) / 2 + (mean of 3, 3 and 6) / 2 = 2.5; influences are halved."""
    parts = ((0.5, cell([0, 2], "x")), (0.5, cell([3, 3, 6], "y")))
    average = Cell("average", "MAP", {"s": "a"}, 2.5, parts=parts)
    found = contrast([average], [1])
    assert mean_of(average) == found.value == 2.5
    assert {name: d.influence.tolist() for name, d in found.draws.items()} == {
        "x": [-0.5, 0.5],
        "y": [-0.5, -0.5, 1],
    }


def test_a_cluster_is_one_sample_and_the_mean_stays_the_mean():
    """a: 1, 3, 5 and b: 7 have the mean 4, and so have the two values that stand for the clusters."""
    names = ["a/1", "a/2", "a/3", "b/1"]
    found = contrast(
        [cell([1, 3, 5, 7], names=names, sampling=Sampling("targets", "t", clustered=True))], [1]
    )
    draw = found.draws["t"]
    assert found.value == 4 and draw.names == ("a", "b")
    # sums of distances from the mean over the mean size of a cluster: (-3 - 1 + 1) / 2 and 3 / 2
    assert draw.influence.tolist() == [-1.5, 1.5]


def test_runs_of_training_move_the_mean_and_leave_a_rest():
    """Runs of means 1 and 3 over two topics; table 0 2 / 4 2 less row and column means: -1 1 / 1 -1."""
    runs = {"0": cell([0, 2]), "1": cell([4, 2])}
    trained = cell([2, 2], runs=runs)
    found = contrast([trained], [1]).runs["s=a of 0 1"]
    assert found.influence.tolist() == [-1, 1] and found.rest.tolist() == [[-1, 1], [1, -1]]
    assert contrast([cell([2, 2], spread=(0.3, 4))], [2]).spreads == {"s=a": (0.6, 4)}


def test_rounds_are_contrasted_as_ratios_by_their_median():
    """Ratios 2, 2 and 8: the middle one is 2, though the machine stumbled in the last round."""
    times = [
        cell([2, 4, 8], sampling=Sampling("rounds", "u")),
        cell([1, 2, 1], sampling=Sampling("rounds", "u")),
    ]
    found = contrast(times, [1, -1])
    assert found.value == pytest.approx(np.log(2))
    assert found.draws["u"].influence.mean() == pytest.approx(0)


def test_the_error_of_a_median_is_that_of_mckean_and_schrader():
    """15 values: the 3rd and the 13th, 2 * 2.5758 standard errors apart."""
    values = np.exp(np.arange(15.0))
    found = contrast([cell(values, sampling=Sampling("rounds", "u"))], [1])
    assert np.sqrt(found.draws["u"].variance) == pytest.approx(10 / (2 * 2.5758))


def test_what_contrasts_share_is_added_up_before_it_is_squared():
    """Two measures of the same topics, one the opposite of the other: their mean does not move at all."""
    up, down = contrast([cell([0, 2])], [1]), contrast([cell([2, 0])], [1])
    assert add([up, down], [0.5, 0.5]).draws["d"].variance == 0
    apart = contrast([cell([2, 0], "e")], [1])
    assert sum(d.variance for d in add([up, apart], [0.5, 0.5]).draws.values()) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("cells", "options", "complaint"),
    [
        ([cell([1, 2]), cell([1, 2, 3])], {}, "unlike topics"),
        ([cell([]), cell([1, 2])], {}, "keep no samples"),
        ([cell([1, 2]), cell([0, 0])], {"logarithmic": True}, "values above 0"),
        ([cell([1, float("nan")]), cell([1, 2])], {}, "is no number"),
        ([cell([], sampling=Sampling("rounds", "u"))] * 2, {}, "keep no rounds"),
        ([cell([1, 0], sampling=Sampling("rounds", "u"))] * 2, {}, "all above 0"),
    ],
)
def test_cells_that_cannot_be_contrasted(cells, options, complaint):
    with pytest.raises(InputError, match=complaint):
        contrast(cells, [1, -1], **options)


def test_counts_are_exact():
    count = Cell("d", "bytes", {}, 32.0, sampling=Sampling("count"))
    assert contrast([count, count], [1, -1]).exact
