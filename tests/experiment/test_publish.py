"""Publishing: parts, voided parts, and what a write that fails leaves (reliability, items 2 and 7)."""

import errno
import os
import resource
import signal

import pytest

from reprise.errors import EnvironmentNotReady
from reprise.experiment.publish import is_current, publish, read_manifest, tampered_files


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path_factory.mktemp("cache")))


ONE, TWO = {"results.json": b"one"}, {"results.json": b"two"}


def test_parts_are_vouched_for_together(tmp_path):
    assert publish(tmp_path, "results", "k1", ONE, about={"study": "toy"})
    assert publish(tmp_path, "report", "r1", {"tables/a.md": b"a", "tables/b.md": b"b"})
    manifest = read_manifest(tmp_path)
    assert manifest["study"] == "toy"
    assert sorted(manifest["files"]) == ["results.json", "tables/a.md", "tables/b.md"]
    assert is_current(tmp_path, "results", "k1") and is_current(tmp_path, "report", "r1")
    assert not is_current(tmp_path, "report", "r2")
    assert not publish(tmp_path, "report", "r1", {"tables/a.md": b"a", "tables/b.md": b"b"})


def test_other_results_make_the_other_parts_void_and_the_same_bytes_do_not(tmp_path):
    publish(tmp_path, "results", "k1", ONE, about={})
    publish(tmp_path, "report", "r1", {"a.md": b"a"})
    publish(tmp_path, "results", "k2", ONE, about={})
    assert is_current(tmp_path, "report", "r1")
    publish(tmp_path, "results", "k3", TWO, about={})
    assert not is_current(tmp_path, "report", "r1")
    assert sorted(read_manifest(tmp_path)["files"]) == ["results.json"]


def test_files_that_a_part_no_longer_has_are_removed(tmp_path):
    publish(tmp_path, "report", "r1", {"a.md": b"a", "b.md": b"b"})
    publish(tmp_path, "report", "r2", {"a.md": b"a"})
    assert not (tmp_path / "b.md").exists()


def test_a_changed_file_is_named(tmp_path):
    publish(tmp_path, "report", "r1", {"a.md": b"a", "b.md": b"b"})
    (tmp_path / "a.md").write_bytes(b"A")
    (tmp_path / "b.md").unlink()
    assert tampered_files(tmp_path, read_manifest(tmp_path)) == ["a.md", "b.md"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failing_write_leaves_the_old_files_whole(tmp_path, monkeypatch, number, call):
    publish(tmp_path, "results", "k1", ONE, about={})

    def fail(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(f"reprise.experiment.publish.os.{call}", fail)
    with pytest.raises(EnvironmentNotReady, match="results cannot be published"):
        publish(tmp_path, "results", "k2", TWO, about={})
    monkeypatch.undo()
    assert is_current(tmp_path, "results", "k1")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["manifest.json", "results.json"]


def test_a_disk_that_fills_up_in_the_middle(tmp_path):
    """A limit on the size of files stands in for the full disk, in a child: it cannot be raised again."""
    publish(tmp_path, "results", "k1", ONE, about={})
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            publish(tmp_path, "results", "k2", {"results.json": b"x" * 1_000_000}, about={})
        except EnvironmentNotReady:
            os._exit(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    assert is_current(tmp_path, "results", "k1")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["manifest.json", "results.json"]


def test_publishing_that_was_cut_short_is_done_again(tmp_path):
    publish(tmp_path, "results", "k1", ONE, about={})
    (tmp_path / "manifest.json.next").write_bytes(b"{}")
    assert not is_current(tmp_path, "results", "k1")
    assert publish(tmp_path, "results", "k1", ONE, about={})
    assert is_current(tmp_path, "results", "k1")


def test_two_that_publish_into_one_folder_take_turns(tmp_path):
    """Eight processes publish parts of their own, again and again; each ends well and every part is there."""
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            try:
                for version in range(5):
                    content = f"{number} {version}".encode()
                    publish(tmp_path, f"part-{number}", str(version), {f"{number}.txt": content})
            except BaseException:
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 8
    manifest = read_manifest(tmp_path)
    assert sorted(manifest["parts"]) == [f"part-{n}" for n in range(8)]
    assert tampered_files(tmp_path, manifest) == []
    assert not (tmp_path / "manifest.json.next").exists()
