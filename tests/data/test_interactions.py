import numpy as np
import pytest

from reprise.data.interactions import load_interactions

from .open_data import write_set


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    return tmp_path


def test_pairs_of_both_parts(home):
    write_set(
        home, "interactions", "a", "Licence: MIT.", train__txt__gz="0 2 1\n1 0\n", test__txt="1 4\n0 0\n"
    )
    found = load_interactions("a")
    np.testing.assert_array_equal(found.train, [[0, 1], [0, 2], [1, 0]])
    np.testing.assert_array_equal(found.test, [[0, 0], [1, 4]])
    assert (found.users, found.items, found.licence, found.oddities) == (2, 5, "MIT", ())


def test_odd_lines_and_pairs_are_left_out_and_counted(home):
    """Of 42 lines two are odd, of 43 pairs one stands twice and one is in both parts."""
    train = "".join(f"{user} 0\n" for user in range(20)) + "20 1 1 2\nx 1\n"
    test = "".join(f"{user} 3\n" for user in range(19)) + "19 0 3\n21\n"
    write_set(home, "interactions", "a", train__txt=train, test__txt=test)
    found = load_interactions("a")
    assert (len(found.train), len(found.test)) == (22, 20)
    assert [str(o) for o in found.oddities] == [
        "lines that are not numbers, left out: 1 of 43 (train.txt, line 22)",
        "train: pairs that stand twice, taken once: 1 of 43 (train)",
        "users without items, left out: 1 of 43 (test.txt, line 21)",
        "test pairs that the training part has, left out: 1 of 43 (19 0)",
    ]
