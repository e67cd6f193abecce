import json

import numpy as np
import pytest

from reprise.errors import InputError, ParameterError
from reprise.language import states
from reprise.language.layers import hidden_states
from reprise.language.model import open_language_model
from reprise.language.states import cache_states

ROWS = [[5, 9, 200], [3, 77, 12, 8, 1], [9], [4, 4], [100]]


def direct(lm, row, layer):
    return hidden_states(lm, [row], [layer])[layer][0].numpy()


def test_states_of_all_tokens_are_those_of_each_text_alone(tiny, tmp_path):
    kept = cache_states(tiny, ROWS, tmp_path, layers=[3, 1], tokens="all", dtype="float32", part_size=2)
    for number, row in enumerate(ROWS):
        for layer in (1, 3):
            np.testing.assert_allclose(kept.of(number, layer), direct(tiny, row, layer), atol=1e-5)
    assert kept.matrix(1).shape == (sum(map(len, ROWS)), 32)


def test_states_of_last_tokens_in_half_precision(tiny, tmp_path):
    kept = cache_states(tiny, ROWS, tmp_path, layers=[2], part_size=2)
    assert kept.matrix(2).shape == (5, 32) and kept.matrix(2).dtype == np.float16
    for number, row in enumerate(ROWS):
        np.testing.assert_allclose(kept.of(number, 2)[0], direct(tiny, row, 2)[-1], rtol=1e-3, atol=1e-3)


def test_a_stopped_run_goes_on_where_it_was(tiny, tmp_path, monkeypatch):
    """Three parts; the run dies in the second, and the next one computes only what is missing."""
    computed = []

    def counted(lm, rows, *rest):
        computed.append(len(rows))
        if len(computed) == 2:
            raise KeyboardInterrupt
        return whole(lm, rows, *rest)

    whole = states._compute
    monkeypatch.setattr(states, "_compute", counted)
    with pytest.raises(KeyboardInterrupt):
        cache_states(tiny, ROWS, tmp_path / "a", layers=[2], part_size=2)
    kept = cache_states(tiny, ROWS, tmp_path / "a", layers=[2], part_size=2)
    assert computed == [2, 2, 2, 1]
    cache_states(tiny, ROWS, tmp_path / "a", layers=[2], part_size=2)
    assert len(computed) == 4
    fresh = cache_states(tiny, ROWS, tmp_path / "b", layers=[2], part_size=2)
    np.testing.assert_array_equal(kept.matrix(2), fresh.matrix(2))


def test_a_half_written_part_is_made_again(tiny, tmp_path):
    (tmp_path / ".part-0.new").mkdir()
    (tmp_path / ".part-0.new" / "layer-1.npy").write_bytes(b"half")
    assert cache_states(tiny, ROWS, tmp_path, layers=[1]).matrix(1).shape == (5, 32)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"layers": [1]}, "layers"),
        ({"dtype": "float32"}, "dtype"),
        ({"tokens": "all"}, "tokens"),
        ({"rows": ROWS[:4]}, "texts"),
    ],
)
def test_a_cache_that_was_made_otherwise_is_refused(tiny, tmp_path, changes, named):
    made = {"rows": ROWS, "layers": [2]}
    cache_states(tiny, folder=tmp_path, **made)
    with pytest.raises(InputError, match=f"these states were made otherwise: {named}"):
        cache_states(tiny, folder=tmp_path, **{**made, **changes})


def test_a_cache_of_another_precision_is_refused(tiny, tiny_folder, tmp_path):
    cache_states(tiny, ROWS, tmp_path, layers=[2])
    half = open_language_model(tiny_folder, precision="bfloat16")
    with pytest.raises(InputError, match="made otherwise: model, precision"):
        cache_states(half, ROWS, tmp_path, layers=[2])


def test_bad_input_is_named_and_leaves_nothing(tiny, tmp_path):
    with pytest.raises(InputError, match="text 1 is longer than the model's context"):
        cache_states(tiny, [[1], [1] * 129], tmp_path / "x", layers=[1])
    with pytest.raises(ParameterError, match="layers are 0 to 3"):
        cache_states(tiny, ROWS, tmp_path / "x", layers=[4])
    for setting in ({"tokens": "first"}, {"dtype": "int8"}, {"part_size": 0}):
        with pytest.raises(ParameterError, match=next(iter(setting))):
            cache_states(tiny, ROWS, tmp_path / "x", layers=[1], **setting)
    with pytest.raises(InputError, match="no texts"):
        cache_states(tiny, [], tmp_path / "x", layers=[1])
    assert not (tmp_path / "x").exists()
    with pytest.raises(ParameterError, match="this layer was not kept"):
        cache_states(tiny, ROWS, tmp_path / "y", layers=[1]).matrix(2)


def test_values_beyond_half_precision_are_refused(tmp_path):
    with pytest.raises(InputError, match="do not fit float16"):
        states._write_part(tmp_path / "part-0", np.array([1]), {1: np.array([[np.inf]], np.float16)})
    assert not (tmp_path / "part-0").exists()


def test_the_description_is_what_was_asked(tiny, tmp_path):
    cache_states(tiny, ROWS, tmp_path, layers=[2, 1, 2])
    assert json.loads((tmp_path / states.DESCRIPTION).read_text())["layers"] == [1, 2]
