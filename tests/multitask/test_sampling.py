"""Streams are balanced, nested, without repeats until a class is used up, and bad tasks are refused."""

import numpy as np
import pytest

from reprise.errors import InputError
from reprise.multitask.sampling import SourceSampler, TaskStreams
from reprise.multitask.statistics import statistics_of


@pytest.fixture
def parts():
    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(2, 12, 3))
    labels = np.array([[1] * 4 + [-1] * 8, [-1] * 6 + [1] * 6, [1, -1] * 6], float)
    return inputs, labels, [0, 1, 1]


def make(parts, length=50, seed=1, **options):
    return TaskStreams.make(*parts, length, np.random.default_rng(seed), **options)


def test_positives_and_negatives_alternate_and_come_again_only_when_used_up(parts):
    streams = make(parts)
    rows = streams.rows(0, 0, 16)
    assert parts[1][0][rows].tolist() == [1, -1] * 8
    assert sorted(rows[::2][:4]) == [0, 1, 2, 3] == sorted(rows[::2][4:8])
    assert sorted(rows[1::2]) == list(range(4, 12))


def test_more_samples_begin_with_the_same_ones_and_seeds_decide(parts):
    assert np.array_equal(make(parts).rows(1, 0, 20)[:7], make(parts).rows(1, 0, 7))
    assert not np.array_equal(make(parts).rows(1, 0, 20), make(parts, seed=2).rows(1, 0, 20))


def test_top_ups_add_up_to_the_whole(parts):
    sampler = SourceSampler(make(parts), [2, 0])
    none, some, all_ = np.zeros((1, 2), int), np.array([[3, 10]]), np.array([[9, 40]])
    whole, two = sampler.draw(none, all_), sampler.draw(none, some) + sampler.draw(some, all_)
    assert np.allclose(whole.gram, two.gram) and np.allclose(whole.moment, two.moment)
    assert two.count.tolist() == [[9, 40]]


def test_statistics_are_those_of_the_rows(parts):
    """40 draws of 12 images are counted, not stacked; the sums are the same."""
    inputs, labels, group = parts
    streams = make(parts)
    for task, n in ((0, 5), (2, 40)):
        rows = streams.rows(task, 0, n)
        plain = statistics_of(inputs[group[task]][rows][None], labels[task][rows][None])
        gram, moment = streams.statistics(task, 0, n)
        assert np.allclose(gram, plain.gram[0]) and np.allclose(moment, plain.moment[0])


def test_a_task_draws_only_from_its_own_part(parts):
    pool = np.zeros((3, 12), bool)
    pool[:, 2:9] = True
    streams = make(parts, pool=pool)
    assert set(streams.rows(1, 0, 50)) == set(range(2, 9))


def test_bad_input_is_refused(parts):
    inputs, labels, group = parts
    with pytest.raises(InputError, match=r"both classes.*\[1\]"):
        make((inputs, np.where(np.arange(3)[:, None] == 1, 1.0, labels), group))
    pool = np.ones((3, 12), bool)
    pool[0, 4:] = False
    with pytest.raises(InputError, match="both classes"):
        make(parts, pool=pool)
    broken = inputs.copy()
    broken[0, 0, 0] = np.nan
    with pytest.raises(InputError, match="images must be finite"):
        make((broken, labels, group))
    with pytest.raises(InputError, match="do not fit"):
        make((inputs, labels[:, :5], group))
    with pytest.raises(InputError, match="more samples than were drawn"):
        make(parts, length=10).rows(0, 0, 11)
