"""Cells are picked by their factors; what is not there and what is not unique is told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.evaluation.cells import FEW, Cell, Cells

TABLE = Cells(
    [
        Cell("dl19", "MAP", {"dense": "ance", "stage": "dense"}, 0.1),
        Cell("dl19", "MAP", {"dense": "ance", "sparse": "bm25", "stage": "both"}, 0.2),
        Cell("dl20", "MAP", {"dense": "tas-b", "sparse": "unicoil", "stage": "both"}, 0.3),
    ]
)


def values(cells):
    return [cell.value for cell in cells]


@pytest.mark.parametrize(
    ("factors", "expected"),
    [
        ({}, [0.1, 0.2, 0.3]),
        ({"stage": "both"}, [0.2, 0.3]),
        ({"dense": ["ance", "tas-b"], "dataset": "dl19"}, [0.1, 0.2]),
        ({"sparse": ""}, [0.1]),  # without the factor
        ({"sparse": ["", "bm25"]}, [0.1, 0.2]),
        ({"measure": "nDCG@10"}, []),
        ({"stag": "both"}, []),
    ],
)
def test_selection(factors, expected):
    assert values(TABLE.select(**factors)) == expected


def test_one_cell_none_or_too_many():
    assert TABLE.get(sparse="bm25").value == 0.2
    assert TABLE.get(sparse="splade") is None
    with pytest.raises(LookupError, match="2 cells fit"):
        TABLE.get(stage="both")


def test_values_come_in_the_order_of_the_table_and_without_the_empty_one():
    assert TABLE.values("sparse") == ("bm25", "unicoil")
    assert TABLE.values("dataset") == ("dl19", "dl20")
    assert TABLE.values("nothing") == ()
    assert (len(TABLE), len(TABLE.select(stage="both"))) == (3, 2)


FACTORS = {"dataset": ["a", "b"], "sparse": ["bm25", "unicoil", ""], "k": ["1", "2", "3", ""]}


@given(st.data())
def test_many_cells_are_selected_as_few_are(data):
    drawn = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FACTORS.items()})
    table = [
        Cell(f.pop("dataset"), "MAP", {k: v for k, v in f.items() if v}, i)
        for i, f in enumerate(data.draw(st.lists(drawn, min_size=FEW, max_size=2 * FEW)))
    ]
    wanted = {
        name: data.draw(st.sampled_from(values) | st.lists(st.sampled_from([*values, "unknown"])))
        for name, values in data.draw(
            st.fixed_dictionaries({}, optional={k: st.just(v) for k, v in FACTORS.items()})
        ).items()
    }
    fits = {name: [value] if isinstance(value, str) else value for name, value in wanted.items()}
    expected = [c.value for c in table if all(c[name] in allowed for name, allowed in fits.items())]
    assert values(Cells(table).select(**wanted)) == expected
