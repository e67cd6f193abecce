"""The pydocs test collection, made from the docstrings of the installed scientific Python packages.

A document is a docstring without its summary sentence, its call signature and its See Also; it has no
title, so the object's name is only in the id. Documents of fewer than `MIN_WORDS` words are dropped, and of
two with a shingle similarity of `DUPLICATE` or more one is kept. Topics and judgements: see
`reprise.data.pydocs_topics`. Whole it is made in under a minute and then kept in the cache folder under a
key of the packages' versions and the source of the modules that make it.
"""

from __future__ import annotations

import gc
import gzip
import hashlib
import inspect
import json
import zlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge
from pydantic import AfterValidator

from reprise.data import pydocs_dedup, pydocs_names, pydocs_seealso, pydocs_source, pydocs_text, pydocs_topics
from reprise.data.cache import cache_folder, write_atomically
from reprise.data.collection import Collection, Document, Split, Topic
from reprise.data.cut import check_limits, cut_collection
from reprise.data.pydocs_dedup import find_duplicates
from reprise.data.pydocs_names import PublicNames
from reprise.data.pydocs_seealso import split_see_also
from reprise.data.pydocs_source import SOURCES, Source, find_package, read_modules
from reprise.data.pydocs_text import split_summary, words
from reprise.data.pydocs_topics import Entry, build_splits
from reprise.data.versions import installed_version
from reprise.errors import ParameterError

MIN_WORDS = 30
"""Fewer words than this are left of docstrings that say no more than their summary."""

DUPLICATE = 0.6
"""Jaccard similarity of 3-word shingles from which two documents count as the same text."""

Domains = Annotated[tuple[str, ...], AfterValidator(lambda names: choose_sources(names) and names)]
"""Names of `SOURCES`, checked where they come from parameters."""

_MODULES = (pydocs_dedup, pydocs_names, pydocs_seealso, pydocs_source, pydocs_text, pydocs_topics)


def pydocs(
    domains: Domains | None = None,
    max_documents: Annotated[int, Ge(1)] | None = None,
    max_topics: Annotated[int, Ge(1)] | None = None,
    max_train: Annotated[int, Ge(0)] | None = None,
) -> Collection:
    """The collection, of all packages or of some, whole or cut.

    The first call on a machine builds it and later ones read the cache. `domains` are those of `SOURCES`;
    only their packages are read. `max_topics` holds for dev and for test, `max_train` for the training
    queries; see `cut_collection` for what a cut keeps. Raises `ParameterError` for an unknown domain or a
    wrong limit, and `EnvironmentNotReady` when a package is not installed.
    """
    check_limits(max_documents, max_topics, max_train)
    sources = choose_sources(domains)
    whole = _cached(sources, tuple(source_versions(sources).items()))
    return cut_collection(whole, max_documents=max_documents, max_topics=max_topics, max_train=max_train)


def choose_sources(domains: Iterable[str] | None = None) -> tuple[Source, ...]:
    """The sources of these domains in their own order, all of them for None.

    Raises `ParameterError` for an unknown domain.

    >>> [s.distribution for s in choose_sources(["sklearn", "numpy"])]
    ['numpy', 'scikit-learn']
    """
    known = [source.domain for source in SOURCES]
    wanted = known if domains is None else [domains] if isinstance(domains, str) else list(domains)
    for name in wanted:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            raise ParameterError(
                f"pydocs has no domain {name!r}",
                given=wanted,
                remedy=f"use {near[0]!r}" if near else f"use some of {', '.join(known)}",
            )
    if not wanted:
        raise ParameterError("no domain is chosen", given=wanted, remedy="name one, or leave `domains` out")
    return tuple(source for source in SOURCES if source.domain in wanted)


def source_versions(sources: Iterable[Source] = SOURCES) -> dict[str, str]:
    """The version of each distribution that is read, local labels ("+cpu") left out."""
    for source in sources:
        find_package(source)
    return {s.distribution: installed_version(s.distribution) for s in sources}


def build_collection(folders: Mapping[Source, Path]) -> Collection:
    """The collection of the packages in these folders, whatever the order of their files on disk."""
    modules = [m for source, folder in folders.items() for m in read_modules(source, folder)]
    names = PublicNames(modules)
    order = {source.domain: i for i, source in enumerate(folders)}
    public = {d.name: d for m in reversed(modules) for d in m.docstrings if d.name in names.paths}
    bodies, summaries, references = {}, {}, {}
    for name in public:
        rest, references[name] = split_see_also(public[name].text)
        summaries[name], body = split_summary(rest)
        if len(words(body)) >= MIN_WORDS:
            bodies[name] = body

    def plainness(name: str) -> tuple[int, int, int, str]:  # of two twins, the plainer name stays
        return order[public[name].domain], names.paths[name][0].count("."), len(name), name

    ranked = sorted(bodies, key=plainness)
    twins = {ranked[a]: ranked[b] for a, b in find_duplicates([bodies[n] for n in ranked], DUPLICATE).items()}
    kept = sorted(set(bodies) - set(twins))
    resolved = {name: _resolve(name, references[name], names, bodies, twins) for name in sorted(bodies)}
    links: dict[str, set[str]] = {name: set() for name in kept}
    said: dict[str, list[tuple[str, str]]] = {name: [] for name in kept}
    for name, (linked, described) in resolved.items():
        here = twins.get(name, name)  # what a dropped twin says is not lost
        links[here] |= linked - {here}
        said[here] += described
    splits = build_splits(
        [
            Entry(
                name,
                public[name].domain,
                summaries[name],
                bodies[name],
                tuple(sorted(links[name])),
                tuple(said[name]),
            )
            for name in kept
        ]
    )
    documents = tuple(Document(name, bodies[name], domain=public[name].domain) for name in kept)
    return Collection("pydocs", documents, splits, relevance_threshold=1)


def _resolve(
    name: str,
    references: list[pydocs_seealso.Reference],
    names: PublicNames,
    bodies: Mapping[str, str],
    twins: Mapping[str, str],
) -> tuple[set[str], list[tuple[str, str]]]:
    linked, described = set(), []
    for reference in references:
        targets = [names.resolve(r, name) for r in reference.names]
        for target in targets:
            if target not in bodies:
                continue
            stays = twins.get(target, target)
            linked.add(stays)
            # a twin under another name is another object: what is said of it is not said of what stays
            same = stays == target or stays.rpartition(".")[2] == target.rpartition(".")[2]
            if len(reference.names) == 1 and reference.description and same:
                described.append((stays, reference.description))
    return linked, described


@lru_cache(maxsize=4)
def _cached(sources: tuple[Source, ...], versions: tuple[tuple[str, str], ...]) -> Collection:
    from filelock import FileLock

    path = cache_folder() / f"pydocs-{_key(versions)}.json.gz"
    with FileLock(path.with_suffix(".lock")):  # of two runs at once, one builds and the other waits for it
        if path.exists():
            try:
                return _from_json(json.loads(gzip.decompress(path.read_bytes())))
            except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
                pass  # a file that does not parse is a miss: build it again
        collection = _build_quickly(sources)
        # mtime=0: the same collection is the same bytes
        write_atomically(path, gzip.compress(json.dumps(_to_json(collection)).encode(), 6, mtime=0))
    return collection


def _build_quickly(sources: tuple[Source, ...]) -> Collection:
    collecting = gc.isenabled()
    gc.disable()  # millions of small syntax nodes, none in a circle: looking for circles doubles the time
    try:
        return build_collection({source: find_package(source) for source in sources})
    finally:
        if collecting:
            gc.enable()


def _key(versions: tuple[tuple[str, str], ...]) -> str:
    code = [inspect.getsource(module) for module in (*_MODULES, inspect.getmodule(_key))]
    return hashlib.sha256(json.dumps([versions, code]).encode()).hexdigest()[:16]


def _to_json(collection: Collection) -> dict[str, Any]:
    return {
        "documents": [list(d) for d in collection.documents],
        "splits": {
            name: {"topics": [list(t) for t in split.topics], "qrels": split.qrels}
            for name, split in collection.splits.items()
        },
    }


def _from_json(content: dict[str, Any]) -> Collection:
    splits = {
        name: Split(tuple(Topic(*t) for t in s["topics"]), s["qrels"])
        for name, s in content["splits"].items()
    }
    documents = tuple(Document(*d) for d in content["documents"])
    return Collection("pydocs", documents, splits, relevance_threshold=1)
