"""Samples in results.json: names once, values a cell; nothing is lost on the way."""

import json

from hypothesis import given
from hypothesis import strategies as st

from reprise.experiment.canonical import canonical_json
from reprise.experiment.samples import pack_samples, unpack_samples

CELL = st.fixed_dictionaries(
    {"value": st.floats(0, 1)}, optional={"samples": st.dictionaries(st.text(), st.floats(0, 1), max_size=4)}
)
BODIES = st.dictionaries(st.sampled_from(["cells", "sweep", "other"]), st.lists(CELL, max_size=4))


@given(BODIES)
def test_what_is_packed_unpacks_to_the_same(body):
    written = json.loads(canonical_json(pack_samples(body)))
    assert unpack_samples(written) == body


def test_cells_with_the_same_topics_share_their_names_whatever_the_order():
    cells = [{"samples": {"b": 2.0, "a": 1.0}}, {"samples": {"a": 3.0, "b": 4.0}}, {"samples": {"a": 5.0}}]
    packed = pack_samples({"cells": cells, "study": "toy", "left_out": ["x"]})
    assert packed["sample_keys"] == [["a", "b"], ["a"]]
    assert [c["samples"]["values"] for c in packed["cells"]] == [[1.0, 2.0], [3.0, 4.0], [5.0]]
    assert (packed["study"], packed["left_out"]) == ("toy", ["x"])


def test_a_body_without_samples_stays_as_it_is():
    body = {"cells": [{"value": 1.0, "samples": {}}], "comparisons": []}
    assert pack_samples(body) == unpack_samples(body) == body


def test_a_list_of_numbers_is_one_line_and_no_text_is_touched():
    content = {"numbers": [1, -0.5, 1e-07], "texts": ["[\n 1,\n 2\n]", "a"], "empty": [], "mixed": [1, "b"]}
    written = canonical_json(content)
    assert json.loads(written) == content
    assert b'"numbers": [1, -0.5, 1e-07]' in written
