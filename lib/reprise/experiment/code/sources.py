"""The source files of our packages, by module name; found on disk, and never by importing them."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Sources:
    """`files` by module name; `stamp`, which alone is compared, differs once a file is added, removed or
    edited.

    `texts` stand in for what is in the files, by module name: what would be, if it were edited.
    """

    files: Mapping[str, str] = field(compare=False)
    stamp: frozenset[tuple[str, str, int, int]] = frozenset()
    texts: Mapping[str, bytes] = field(default_factory=dict, compare=False)

    def text(self, module: str) -> bytes:
        """The source of a module that is in `files` or `texts`."""
        return self.texts[module] if module in self.texts else Path(self.files[module]).read_bytes()

    def __contains__(self, module: str) -> bool:
        return module in self.texts or module in self.files

    def package_of(self, module: str) -> str:
        """The package that relative imports in a module start from."""
        package = module in self.files and self.files[module].endswith("__init__.py")
        return module if package else module.rpartition(".")[0]

    def below(self, package: str) -> list[str]:
        """A package's module and those in it, sorted."""
        inside = f"{package}."
        return sorted(m for m in {*self.files, *self.texts} if m == package or m.startswith(inside))


def find_sources(packages: Iterable[str], modules: Iterable[str] = ()) -> Sources:
    """Every source file of these top packages, and those of modules that were loaded from elsewhere."""
    files = {module: file for package in packages for module, file in _modules(package)}
    for module in set(modules) - set(files):
        if file := _loaded_from(module):
            files[module] = file
    stamps = ((module, file, os.stat(file)) for module, file in files.items())
    return Sources(files, frozenset((m, f, stat.st_mtime_ns, stat.st_size) for m, f, stat in stamps))


def _modules(package: str) -> Iterator[tuple[str, str]]:
    file = _file_of(package)
    if file is None:
        return
    if not file.endswith("__init__.py"):
        yield package, file
        return
    waiting = [(package, os.path.dirname(file))]
    while waiting:
        name, folder = waiting.pop()
        for entry in os.scandir(folder):
            if entry.name == "__init__.py":
                yield name, entry.path
            elif entry.name.endswith(".py"):
                yield f"{name}.{entry.name[:-3]}", entry.path
            elif entry.name.isidentifier() and entry.name != "__pycache__" and entry.is_dir():
                waiting.append((f"{name}.{entry.name}", entry.path))


def _file_of(package: str) -> str | None:
    if file := _loaded_from(package):
        return file
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    found = spec.origin if spec else None
    return found if found and found.endswith(".py") else None


def _loaded_from(module: str) -> str | None:
    file = getattr(sys.modules.get(module), "__file__", None)
    return file if file and file.endswith(".py") and os.path.isfile(file) else None
