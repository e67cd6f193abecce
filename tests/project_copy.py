"""A copy of this project's parameters and notebooks, whose commands cannot reach another machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

OFFLINE = '''"""Loaded by every Python that a run starts: other machines may not be talked to."""
import socket
from pathlib import Path

_connect, _look_up = socket.socket.connect, socket.getaddrinfo


def _is_here(host):
    return host in (None, "", "localhost", "::1") or str(host).startswith("127.")


def _refuse(what):
    with Path(__file__).with_name("reached").open("a") as attempts:
        attempts.write(what + "\\n")
    raise RuntimeError(f"a run {what}")


def connect(self, address, *rest):
    if isinstance(address, tuple) and not _is_here(address[0]):
        _refuse(f"wants to reach {address[0]}")
    return _connect(self, address, *rest)


def look_up(host, *rest, **options):
    if not _is_here(host):
        _refuse(f"looks up {host}")
    return _look_up(host, *rest, **options)


socket.socket.connect, socket.getaddrinfo = connect, look_up
'''


class ProjectCopy:
    """Params and notebooks of this project under `root`, and a cache of its own."""

    def __init__(self, root):
        self.root, self.cache, self.offline = root, root / "cache", root / "offline"
        for folder in ("params", "notebooks"):
            if (ROOT / folder).is_dir():
                shutil.copytree(ROOT / folder, root / folder)
        shutil.copy(ROOT / "pyproject.toml", root)
        self.offline.mkdir()
        (self.offline / "sitecustomize.py").write_text(OFFLINE)

    def command(self, *arguments, **environment):
        """`reprise ARGUMENTS` in another process, without Java on the path: (exit code, stdout, stderr)."""
        kept = {k: v for k, v in os.environ.items() if k != "JAVA_HOME" and not k.startswith("REPRISE_")}
        done = subprocess.run(
            [sys.executable, "-m", "reprise.cli", *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            env={
                **kept,
                "PATH": str(Path(sys.executable).parent),
                "PYTHONPATH": os.pathsep.join([str(self.offline), str(ROOT / "lib")]),
                "REPRISE_ROOT": str(self.root),
                "REPRISE_CACHE": str(self.cache),
                "CUDA_VISIBLE_DEVICES": "",
                **environment,
            },
        )
        return done.returncode, done.stdout, done.stderr

    def reached(self):
        """What commands wanted from other machines and were refused, a line an attempt."""
        attempts = self.offline / "reached"
        return attempts.read_text().splitlines() if attempts.exists() else []
