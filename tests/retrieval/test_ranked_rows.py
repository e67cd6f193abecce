"""The packed sort of rows against a sort by two keys."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.retrieval.ranked_rows import rank_rows


@given(
    st.lists(
        st.tuples(st.integers(-1, 20), st.floats(width=32, allow_nan=False, allow_infinity=False)),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=200, deadline=None)
def test_rank_rows_is_a_sort_by_two_keys(row):
    docs = np.array([[d for d, _ in row]], np.int32)
    scores = np.array([[s for _, s in row]], np.float32)
    ranked, values = rank_rows(docs, scores)
    expected = sorted(((-s, d) for d, s in row if d >= 0))
    count = len(expected)
    assert list(zip(-values[0, :count], ranked[0, :count], strict=True)) == expected
    assert (ranked[0, count:] == -1).all() and np.isneginf(values[0, count:]).all()
