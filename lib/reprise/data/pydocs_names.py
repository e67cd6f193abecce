"""Which documented objects are public, and which object a name in a docstring stands for.

An object is public when its dotted name has no part with a leading underscore, or when a public package
(or a public module that lists it in `__all__`) imports it from where it is defined: the names that
`import` would give, worked out from the import statements alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import takewhile

from reprise.data.pydocs_source import Module

SHORT_NAMES = {
    "np": "numpy",
    "sp": "scipy",
    "pd": "pandas",
    "mpl": "matplotlib",
    "plt": "matplotlib.pyplot",
    "nx": "networkx",
    "scikit-learn": "sklearn",
}
"""Customary import names, as docstrings use them."""


class PublicNames:
    """The public names of all packages, and `resolve` for the names that docstrings mention.

    `paths[id]` lists the public dotted names of the object defined at `id`, the shortest first.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        self._modules = {m.name: m for m in modules}
        self._defined = {
            m.name: {
                d.name[len(m.name) + 1 :].split(".")[0]
                for d in m.docstrings
                if d.name.startswith(m.name + ".")
            }
            for m in self._modules.values()
        }
        self._offers: dict[str, frozenset[str]] = {}
        self.paths = self._public_paths()
        self._by_path: dict[str, str] = {}
        self._by_last: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self.paths):
            self._by_last[name.rpartition(".")[2]].append(name)
            for path in (name, *self.paths[name]):
                self._by_path.setdefault(path, name)
        self._packages = {name.split(".")[0] for name in self.paths}
        self._bases: dict[tuple[str, str], list[str]] = defaultdict(list)
        for module in self._modules.values():
            for name, bases in module.bases:
                self._bases[module.name.split(".")[0], name] += bases

    def resolve(self, reference: str, source: str) -> str | None:
        """The id of the object that the docstring of `source` calls `reference`; None when that is not clear.

        A name that a package offers, but whose docstring cannot be read, stands for nothing else.

        Tried in turn: the name as a full public name; within the class, the module and the packages around
        `source`; any object of the package whose dotted name contains the parts of the reference in order,
        nearest to `source`, when one is nearer or shorter than all others; the same in a base class.
        """
        parts = [p for p in reference.strip("~.").split(".") if p]
        if not parts:
            return None
        parts = SHORT_NAMES.get(parts[0], parts[0]).split(".") + parts[1:]
        package, qualified = source.split(".")[0], parts[0] in self._packages
        if qualified:
            package = parts[0]
            if (exact := self._by_path.get(".".join(parts))) is not None:
                return exact
            if parts[-1] in self._offered(".".join(parts[:-1]), ()):
                return None  # it is there, without a docstring that can be read (a compiled function)
            if parts[:2] == ["matplotlib", "pyplot"]:  # pyplot copies the methods of Axes and Figure
                parts = [package, "Axes", *parts[2:]]
        else:
            for around in (source, *self.paths.get(source, ())):
                scope = around.split(".")
                for depth in range(len(scope) - 1, 0, -1):
                    found = self._by_path.get(".".join([*scope[:depth], *parts]))
                    if found is not None and found != source:
                        return found
                    if len(parts) == 1 and parts[0] in self._offered(".".join(scope[:depth]), ()):
                        return None
        wanted = parts[1:] if qualified else parts
        while wanted:
            candidates = [
                c
                for c in self._by_last.get(parts[-1], ())
                if c != source and c.startswith(package + ".") and self._contains(c, wanted)
            ]
            if candidates or len(wanted) < 2:
                return _nearest(candidates, source)
            wanted = self._inherited(package, *wanted[-2:])
        return None

    def _inherited(self, package: str, owner: str, member: str) -> list[str]:
        # the first base class, nearest first, whose own member of that name is documented
        bases, seen = list(self._bases.get((package, owner), ())), {owner}
        while bases:
            base = bases.pop(0)
            if any(
                name.split(".")[0] == package and name.split(".")[-2] == base
                for name in self._by_last.get(member, ())
            ):
                return [base, member]
            if base not in seen:
                seen.add(base)
                bases += self._bases.get((package, base), ())
        return []

    def _contains(self, name: str, wanted: list[str]) -> bool:
        return any(_in_order(wanted, path.split(".")) for path in (name, *self.paths[name]))

    def _public_paths(self) -> dict[str, tuple[str, ...]]:
        exported = self._exports()
        paths = {}
        for module in self._modules.values():
            for name in (d.name for d in module.docstrings):
                found = set() if _private(name) else {name}
                if not name.startswith(module.name + ".") or module.name.endswith("_add_newdocs"):
                    # named by a documenting call: a compiled object of a public package
                    found = {".".join(p for p in name.split(".") if not p.startswith("_"))}
                else:
                    top, _, rest = name[len(module.name) + 1 :].partition(".")
                    found |= {
                        f"{path}.{rest}" if rest else path
                        for path in exported.get(f"{module.name}.{top}", ())
                    }
                if found:
                    paths[name] = tuple(sorted(found, key=lambda p: (p.count("."), p)))
        return paths

    def _exports(self) -> dict[str, set[str]]:
        exported: dict[str, set[str]] = defaultdict(set)
        for module in self._modules.values():
            if _private(module.name) or not (module.is_package or module.exported):
                continue
            offered = self._offered(module.name, ())
            listed = None if module.is_package else set(module.exported or ())
            for name in offered:
                if not name.startswith("_") and (listed is None or name in listed):
                    origin = self._origin(module.name, name, ())
                    if origin:
                        exported[origin].add(f"{module.name}.{name}")
        return exported

    def _offered(self, module: str, seen: tuple[str, ...]) -> frozenset[str]:
        if module in seen or module not in self._modules:
            return frozenset()
        if module not in self._offers:
            names = set(self._defined[module])
            for here, origin, _ in self._modules[module].imports:
                if here == "*":
                    inner = self._offered(origin, (*seen, module))
                    listed = self._modules[origin].exported if origin in self._modules else None
                    names |= {n for n in inner if n in listed} if listed else inner
                else:
                    names.add(here)
            if seen:  # inside a circle of star imports the answer may be incomplete: do not keep it
                return frozenset(names)
            self._offers[module] = frozenset(names)
        return self._offers[module]

    def _origin(self, module: str, name: str, seen: tuple[str, ...]) -> str | None:
        if module in seen or module not in self._modules:
            return None
        if name in self._defined[module]:
            return f"{module}.{name}"
        for here, origin, there in self._modules[module].imports:
            if here == name and (found := self._origin(origin, there, (*seen, module))):
                return found
            if here == "*" and (found := self._origin(origin, name, (*seen, module))):
                return found
        return None


def _private(name: str) -> bool:
    return any(part.startswith("_") for part in name.split("."))


def _in_order(wanted: list[str], parts: list[str]) -> bool:
    rest = iter(parts)
    return all(part in rest for part in wanted)


def _nearest(candidates: list[str], source: str) -> str | None:
    here = source.split(".")
    ranked = sorted((-_shared(c.split("."), here), c.count("."), c) for c in candidates)
    if not ranked or (len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]):
        return None
    return ranked[0][2]


def _shared(one: list[str], other: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
