"""A terminal that cannot print a tick: plain signs, with the words beside them, and no traceback."""

import io
import sys

import pytest

from reprise.claims.verdict import CHECKS, VERDICTS
from reprise.cli.plain_signs import PLAIN, print_plainly_where_needed
from reprise.report.badges import badge_text


@pytest.fixture
def terminal(monkeypatch):
    def of(encoding):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
        print_plainly_where_needed()
        return stream

    return of


def said(stream):
    stream.flush()
    return stream.buffer.getvalue()


def test_signs_of_verdicts_have_plain_forms_and_words(terminal):
    stream = terminal("ascii")
    words = [*VERDICTS, *CHECKS]
    for verdict in words:
        print(badge_text(verdict))
    lines = said(stream).decode("ascii").splitlines()
    assert [line.partition(" ")[2] for line in lines] == words
    assert len({line.partition(" ")[0] for line in lines}) == len(words), "told apart by the sign too"


def test_what_the_encoding_has_is_left_alone(terminal):
    stream = terminal("latin-1")
    print("µ · ✓ 3 ≥ 2 \U0001f600")
    assert said(stream) == "µ · + 3 >= 2 \\U0001f600\n".encode("latin-1")
    stream = terminal("utf-8")
    print("✓ ◐")
    assert said(stream).decode() == "✓ ◐\n"


def test_plain_forms_are_plain():
    assert all(plain.isascii() for plain in PLAIN.values())


@pytest.mark.parametrize("command", ["status", "doctor", "run", "judge"])
def test_the_commands_print_on_it(toy, command):
    (toy.root / "params" / "claims").mkdir()
    (toy.root / "params" / "claims" / "toy.yaml").write_text(LEDGER)
    if command == "judge":
        assert toy.drive("run", "--no-notebook", "--jobs", "1")[0] == 0
    arguments = ["--no-notebook", "--jobs", "1"] if command == "run" else []
    code, out, err = toy.drive(command, *arguments, PYTHONIOENCODING="ascii")
    assert (code, "Traceback" in err) == (0, False), err
    assert out.isascii()
    if command in ("run", "judge"):
        assert "- not testable" in out


LEDGER = """
study: toy
paper: {arxiv: "1", version: v1}
claims:
  - id: first-above-second
    claim: The first step scores higher than the second.
    source: Table 1
    where: {measure: score}
    system: {step: "0"}
    than: {step: "1"}
    region: {above: 0}
    refuted_by: a second step above the first
"""
