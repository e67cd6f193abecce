"""What the doctor finds on machines of every kind: each check on its own, with what it is told to see."""

import pytest

from reprise.errors import InputError
from reprise.experiment import doctor
from reprise.experiment.requirement import Requirement
from reprise.experiment.unit import Unit


def function(context):
    return None


def unit(**needs):
    return Unit("a", function, **needs)


@pytest.mark.parametrize(
    ("needed", "state"), [(3.0, "ok"), (8.0, "ok"), (8.1, "missing")], ids=["small", "just", "too large"]
)
def test_memory(monkeypatch, needed, state):
    monkeypatch.setattr(doctor, "machine_size", lambda: (2, 8.0))
    assert doctor._memory([unit(memory_gb=1.0), unit(memory_gb=needed)]).state == state


def test_too_few_cores_and_no_gpu_are_slow_and_not_wrong(monkeypatch):
    monkeypatch.setattr(doctor, "machine_size", lambda: (2, 8.0))
    monkeypatch.setattr(doctor, "gpu_count", lambda: 0)
    assert (doctor._cores([unit(threads=2)]).state, doctor._cores([unit(threads=4)]).state) == ("ok", "note")
    assert (doctor._gpu([unit()]).state, doctor._gpu([unit(gpu=True)]).state) == ("ok", "note")
    assert doctor.ready([doctor._cores([unit(threads=4)]), doctor._gpu([unit(gpu=True)])])


@pytest.mark.parametrize(
    ("lock", "state", "found"),
    [
        ("numpy=={numpy}\n", "ok", "1, all as locked"),
        ("numpy==1.0\n", "note", "locked: 1.0"),
        ("no-such-package==1.0\nnumpy=={numpy}\n", "missing", "1 of 2 are not installed: no-such-package"),
        (None, "note", "no requirements.lock"),
    ],
)
def test_packages_against_the_lock(tmp_path, lock, state, found):
    from importlib.metadata import version

    if lock is not None:
        (tmp_path / "requirements.lock").write_text(lock.format(numpy=version("numpy")))
    check = doctor._packages(tmp_path)
    assert check.state == state and found in check.found


def test_the_disk_has_room_for_what_is_to_come(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10e9})())
    index = [Requirement("index", "large", lambda: False, "reprise fetch", size=9_000_000_000)]
    there = [Requirement("index", "large", lambda: True, "reprise fetch", size=9_000_000_000)]
    assert doctor._disk(tmp_path, index)[0].state == "missing"
    assert doctor._disk(tmp_path, there)[0].state == "ok"


def test_a_folder_that_may_not_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: "cache" in str(path))
    states = [(check.what, check.state) for check in doctor._disk(tmp_path, [])]
    assert ("right to write", "missing") in states and len(states) == 2


def test_what_is_outside_is_named_with_size_licence_and_how_to_get_it():
    missing = Requirement("index", "x", lambda: False, "reprise fetch", size=2_500_000_000, licence="MIT")
    check = doctor._outside(missing)
    assert (check.what, check.state, check.found) == ("index x", "missing", "not here (2.50 GB, MIT)")
    assert check.remedy == "reprise fetch"
    assert doctor._outside(Requirement("file", "y", lambda: True, "")).found == "there"


def test_what_is_odd_about_a_collection_is_said_and_a_broken_one_is_missing():
    def broken():
        raise InputError("corpus.jsonl is empty", remedy="fetch it again")

    odd = Requirement("collection", "x", lambda: True, "", odd=lambda: ["documents without text: 2 of 9"])
    check = doctor._outside(odd)
    assert (check.state, check.found) == ("note", "there; documents without text: 2 of 9")
    check = doctor._outside(Requirement("collection", "x", lambda: True, "", odd=broken))
    assert (check.state, check.found, check.remedy) == ("missing", "corpus.jsonl is empty", "fetch it again")
    assert doctor._outside(Requirement("collection", "x", lambda: True, "", odd=list)).state == "ok"


def test_a_study_whose_parameters_are_wrong_is_named(toy):
    (toy.root / "params" / "default" / "toy.yaml").write_text("steps: many\n")
    checks = doctor.examine([toy.study], "default", toy.root)
    (wrong,) = [check for check in checks if check.what == "toy"]
    assert wrong.state == "missing" and "'steps'" in wrong.found
    assert not doctor.ready(checks)
