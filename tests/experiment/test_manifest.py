"""What a manifest says and keeps to itself; what it must say is in test_edits."""

import sys

from reprise.experiment.manifest import _command


def test_a_command_names_no_folder(monkeypatch):
    words = ["/usr/local/bin/reprise", "run", "--set", 'x=[{name: "/home/ada/data/set.zip"}]']
    monkeypatch.setattr(sys, "argv", [*words, "--url=http://a/b"])
    assert _command() == """reprise run --set 'x=[{name: "set.zip"}]' --url=http://a/b"""
