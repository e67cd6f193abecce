"""Downloads from a local server that misbehaves in every way that is known."""

import hashlib
import io
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reprise.errors import EnvironmentNotReady, InputError
from reprise.experiment.download import as_requirement, download, downloads_folder, is_downloaded
from reprise.experiment.registry import Entry, read_registry

CONTENT = bytes(range(256)) * 40_000  # 10 MB, so that a break falls inside
FLIPPED = CONTENT[:5000] + b"!" + CONTENT[5001:]


class Handler(BaseHTTPRequestHandler):
    """`/<behaviour>`; what was asked is kept in `server.asked`."""

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        behaviour, wanted = self.path[1:], self.headers.get("Range")
        self.server.asked.append((behaviour, wanted))
        first = sum(1 for asked, _ in self.server.asked if asked == behaviour) == 1
        if behaviour in ("404", "500"):
            return self.send_error(int(behaviour))
        if behaviour == "login":
            return self.answer(200, b"<html>please log in</html>", kind="text/html")
        if behaviour == "flipped":
            return self.answer(200, FLIPPED)
        if behaviour == "short":  # says so itself
            return self.answer(200, CONTENT[:1000])
        if behaviour == "stalls":
            self.answer(200, CONTENT, send=1000)
            return time.sleep(3)
        if behaviour == "breaks-with-range" and not first and wanted:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            return self.answer(206, CONTENT[start:])
        if behaviour == "always-breaks" or (behaviour.startswith("breaks") and first):
            return self.answer(200, CONTENT, send=6_000_000)
        if behaviour == "zip":
            return self.answer(200, ZIP)
        return self.answer(200, CONTENT)

    def answer(self, status, body, send=None, kind="application/octet-stream"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:send])
        self.wfile.flush()
        if send is not None and not self.path.startswith("/stalls"):
            self.connection.close()


def _zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("corpus/a.txt", "a")
    return buffer.getvalue()


ZIP = _zip()


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def entry(server, tmp_path, monkeypatch):
    """An entry of the registry for a list of behaviours, one mirror each."""
    monkeypatch.setenv("REPRISE_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server.asked.clear()

    def make(*behaviours, content=CONTENT, unpack=""):
        urls = tuple(f"http://127.0.0.1:{server.server_port}/{b}" for b in behaviours)
        return Entry(
            "set/file.bin", urls, len(content), hashlib.sha256(content).hexdigest(), "public domain", unpack
        )

    return make


def nothing_is_left():
    return not [
        p for p in downloads_folder().rglob("*") if p.is_file() and p.suffix not in (".lock", ".owner")
    ]


@pytest.mark.parametrize("behaviour", ["good", "breaks-without-range", "breaks-with-range"])
def test_a_right_file_in_the_end(entry, server, behaviour):
    one = entry(behaviour)
    assert not is_downloaded(one)
    assert download(one).read_bytes() == CONTENT
    assert is_downloaded(one)
    before = len(server.asked)
    download(one)
    assert len(server.asked) == before, "a file that is there is not asked for again"


def test_after_a_break_only_the_rest_is_asked_for(entry, server):
    download(entry("breaks-with-range"))
    (_, first), (_, second) = server.asked
    assert first is None
    assert 0 < int(second.removeprefix("bytes=").rstrip("-")) <= 6_000_000


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("404", "answered 404"),
        ("500", "answered 500"),
        ("login", "web page"),
        ("flipped", "another sha256"),
        ("short", "1000 bytes instead of"),
        ("stalls", "Error|Timeout"),
        ("always-breaks", "ConnectionError|Chunked"),
    ],
)
def test_a_clear_error_and_nothing_left_behind(entry, behaviour, reason):
    with pytest.raises(EnvironmentNotReady, match=reason) as caught:
        download(entry(behaviour), timeout=0.3)
    assert "set/file.bin could not be downloaded" in str(caught.value)
    assert nothing_is_left()


def test_a_second_mirror_is_tried(entry):
    assert download(entry("404", "flipped", "good")).read_bytes() == CONTENT


def test_a_study_can_require_it(entry):
    requirement = as_requirement(entry("good"))
    assert not requirement.present()
    assert (requirement.size, requirement.licence) == (len(CONTENT), "public domain")
    requirement.fetch()
    assert requirement.present()


def test_nobody_listens(entry):
    one = entry("good")
    closed = Entry(one.name, ("http://127.0.0.1:9/x",), one.bytes, one.sha256, one.licence)
    with pytest.raises(EnvironmentNotReady, match="ConnectionError"):
        download(closed)


def test_an_archive_is_unpacked_into_a_folder(entry):
    one = entry("zip", content=ZIP, unpack="zip")
    assert (download(one) / "corpus" / "a.txt").read_text() == "a"
    assert is_downloaded(one)


def test_an_archive_that_is_none(entry):
    with pytest.raises(EnvironmentNotReady, match="cannot be unpacked"):
        download(entry("good", unpack="zip"))
    assert nothing_is_left()


def test_a_disk_that_is_too_small_is_seen_before_the_transfer(entry, server, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1_000_000})())
    with pytest.raises(EnvironmentNotReady, match=r"needs 0\.0 GB of disk"):
        download(entry("good"))
    assert server.asked == []


def test_the_projects_registry_can_be_read():
    from pathlib import Path

    for one in read_registry(Path(__file__).parents[2]).values():
        assert one.licence and one.urls


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: {urls: [http://x/y], bytes: 3, licence: l}", "sha256"),
        ("a: {urls: [], bytes: 3, licence: l, sha256: %s}" % ("a" * 64), "list of http"),
        ("a: {urls: [ftp://x], bytes: 3, licence: l, sha256: %s}" % ("a" * 64), "list of http"),
        ("a: {urls: [http://x], bytes: -3, licence: l, sha256: %s}" % ("a" * 64), "no number"),
        ("a: {urls: [http://x], bytes: 3, licence: l, sha256: abc}", "64 hexadecimal"),
        ("a: {urls: [http://x], bytes: 3, licence: l, sha256: %s, unpack: rar}" % ("a" * 64), "zip or tar"),
        ("a: [", "not YAML"),
        ("- a", "must map names to downloads"),
        ("a: {urls: []}\na: {urls: []}", "downloads.yaml, line 2: the key 'a' stands twice"),
    ],
)
def test_bad_lines_of_a_registry(tmp_path, text, complaint):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "downloads.yaml").write_text(text)
    with pytest.raises(InputError, match=complaint):
        read_registry(tmp_path)


def test_what_a_killed_download_left_is_removed_by_the_next(entry):
    """A child is killed while the server stalls: nothing stands at the final name, and then it is fetched."""
    import os
    import signal

    stalls, good = entry("stalls"), entry("good")
    child = os.fork()
    if child == 0:
        download(stalls, timeout=60)
        os._exit(0)
    scratch = downloads_folder() / "set" / ".part-file.bin"
    end = time.monotonic() + 30
    while not any(p.is_file() for p in scratch.glob("*")):
        assert time.monotonic() < end, "the download did not begin"
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not is_downloaded(good)
    assert download(good).read_bytes() == CONTENT
    assert not scratch.exists()
