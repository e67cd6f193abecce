"""YAML is read by one reader, which refuses a key said twice and names the line of what it cannot read."""

import pytest

from reprise.data.yaml_files import parse_yaml, read_yaml
from reprise.errors import InputError


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' stands twice (first in line 1)"),
        ("top:\n- {x: 1}\n- x: 1\n  y: 2\n  x: 3", "line 5: the key 'x' stands twice (first in line 3)"),
        ("{a: {x: 1, x: 2}}", "line 1: the key 'x' stands twice"),
        ("1: a\n1.0: b", "line 2: the key 1.0 stands twice"),
        ("d: {<<: {a: 1}, <<: {b: 2}}", "line 1: the key '<<' stands twice"),
        ("a: 1\nb: [", "line 2 is not YAML: while parsing a flow node"),
        (
            "a: 1\nb: !!timestamp 2026-02-30",
            "line 2 is not YAML: '2026-02-30': day is out of range for month",
        ),
        ("a:\n- " + "9" * 5000, "line 2 is not YAML: '999"),
        ("a: !!bool maybe", "line 1 is not YAML: 'maybe' is nothing that tag:yaml.org,2002:bool stands for"),
        ("a: !!python/object:os.system x", "line 1 is not YAML: could not determine a constructor"),
        ("? [1]\n: 2", "line 1 is not YAML: while constructing a mapping found unhashable key"),
        ("a: 1\n---\nb: 2", "line 2 is not YAML: expected a single document"),
        ("a: \x07", "is not YAML: unacceptable character #x0007"),
        ("[" * 3000, "is nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text, complaint):
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "file.yaml")
    assert str(caught.value).startswith(
        f"file.yaml{', ' if complaint.startswith('line') else ' '}{complaint}"
    )
    assert "\n" not in str(caught.value) and caught.value.exit_code == 2


def test_a_number_kept_as_its_text_has_unique_keys_too():
    assert parse_yaml("a: 0.50\n1: x\n1.0: y", "file.yaml", keep_text=True) == {
        "a": "0.50",
        "1": "x",
        "1.0": "y",
    }
    with pytest.raises(InputError, match=r"line 2: the key '1\.0' stands twice"):
        parse_yaml("1.0: 0.50\n1.0: 0.60", "file.yaml", keep_text=True)


def test_a_merged_key_may_be_replaced_and_an_anchor_used_twice():
    text = "b: &b {x: 1, y: 1}\nd: &d {<<: *b, x: 2}\ne: {<<: *d, x: 3}\nf: *d"
    assert parse_yaml(text, "file.yaml") == {
        "b": {"x": 1, "y": 1},
        "d": {"x": 2, "y": 1},
        "e": {"x": 3, "y": 1},
        "f": {"x": 2, "y": 1},
    }


def test_numbers_in_powers_of_ten_are_numbers_and_dates_are_texts():
    text = "[1e-4, 1.5E+3, -.5e1, 1.0e-5, 2026-01-31, e5, 1e, 12e3x]"
    assert parse_yaml(text, "a value") == [1e-4, 1500.0, -5.0, 1e-5, "2026-01-31", "e5", "1e", "12e3x"]


def test_empty_texts_hold_nothing():
    assert parse_yaml("", "file.yaml") is None and parse_yaml("# a note\n", "file.yaml") is None


def test_a_file_is_named_with_its_folder(tmp_path):
    file = tmp_path / "claims" / "toy.yaml"
    with pytest.raises(InputError, match=r"^claims/toy.yaml cannot be read: No such file"):
        read_yaml(file)
    file.mkdir(parents=True)
    with pytest.raises(InputError, match=r"^claims/toy.yaml cannot be read: Is a directory"):
        read_yaml(file)
    file.rmdir()
    file.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(InputError, match=r"^claims/toy.yaml, line 2 is not UTF-8"):
        read_yaml(file)
    file.write_text("a: Grüße\n", encoding="utf-8-sig")
    assert read_yaml(file) == {"a": "Grüße"}
