"""Published numbers are read as they are printed: digits, marks and sources."""

import pytest

from reprise.claims.published import load_published, read_published
from reprise.errors import InputError

TEXT = """
study: toy
topics: {dl19: 43}
tables:
  - source: "arXiv 1, Table 1"
    rows:
      - system: {dense: ance, stage: dense}
        dl19: {MAP: 0.3710, R@1000: .755}
      - system: {dense: ance, stage: both}
        dl19: {MAP: 0.4345 ^b, speed: -3}
        dl20: {MAP: 0.718 *}
"""


@pytest.fixture
def read(tmp_path):
    def run(text):
        file = tmp_path / "toy.yaml"
        file.write_text(text)
        return read_published(file)

    return run


def test_a_cell_keeps_its_digits_marks_and_source(read):
    cells = read(TEXT)
    assert len(cells) == 5
    found = cells.get(dataset="dl19", stage="both", measure="MAP")
    assert (found.value, found.decimals, found.n) == (0.4345, 4, 43)
    assert (found.marks, found.source) == (("vs_no_prf", "bold"), "arXiv 1, Table 1")
    assert cells.get(stage="dense", measure="MAP").decimals == 4, "the last zero is a digit"
    assert cells.get(measure="R@1000").value == 0.755
    assert (cells.get(measure="speed").value, cells.get(measure="speed").decimals) == (-3.0, 0)
    assert cells.get(dataset="dl20").n is None


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("0.3710", "0.37IO", "on dl19, MAP is not a number"),
        ("0.3710", "0.37 0.38", "on dl19, MAP has an unknown mark"),
        ("^b", "^!", "has an unknown mark"),
        ("stage: both", "stage: dense", "a cell stands twice"),
        ("system: {dense: ance, stage: dense}", "sytem: {}", "a row has no system"),
        ("dl19: {MAP: 0.3710, R@1000: .755}", "dl19: 0.3710", "has no measures"),
        ("{dl19: 43}", "{dl19: many}", "topics must map a dataset to their number"),
        ("study: toy", "study: other", "numbers of another study"),
        ('source: "arXiv 1, Table 1"', "note: none", "needs a source"),
        ("tables:", "table:", "has no tables"),
        ("speed: -3", "MAP: -3", "toy.yaml, line 10: the key 'MAP' stands twice"),
    ],
)
def test_a_mistake_is_named(read, old, new, complaint):
    assert old in TEXT
    with pytest.raises(InputError, match=complaint):
        read(TEXT.replace(old, new))


def test_a_study_without_published_numbers_has_none(tmp_path):
    assert len(load_published("toy", tmp_path)) == 0
