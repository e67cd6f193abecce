"""The one reader of YAML: parameters, ledgers, published numbers, the registry, values of `--set`.

Stricter than PyYAML's loaders in one thing: a key that stands twice in a mapping is refused, where they
keep the last of them without a word. As in YAML 1.2, 1e-4 is a number and 2026-01-31 a text.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from reprise.errors import InputError


class _Loader(yaml.SafeLoader):
    """PyYAML's own, with YAML 1.2's idea of numbers in powers of ten and without its dates."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def read_yaml(path: Path, *, keep_text: bool = False) -> Any:
    """The content of a YAML file; with `keep_text` every number stays the text that it is printed as.

    Raises `InputError`, with file and line, for what cannot be read, is not YAML or says a key twice.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = 1 + path.read_bytes()[: error.start].count(b"\n")
        raise InputError(f"{name}, line {line} is not UTF-8", remedy="save the file as UTF-8") from None
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}") from None
    return parse_yaml(text, name, keep_text=keep_text)


def parse_yaml(text: str, name: str, *, keep_text: bool = False) -> Any:
    """The content of a YAML text, which messages call `name`; see `read_yaml`.

    >>> parse_yaml("{a: [1, 0.50]}", "an example")
    {'a': [1, 0.5]}
    >>> parse_yaml("{a: [1, 0.50]}", "an example", keep_text=True)
    {'a': ['1', '0.50']}
    """
    try:
        loader = (yaml.BaseLoader if keep_text else _Loader)(text)
        root = loader.get_single_node()
        if root is None:
            return None
        for node in _nodes(root):
            if isinstance(node, yaml.MappingNode):
                _refuse_repeated_keys(node, loader, name)
            elif isinstance(node, yaml.ScalarNode) and not _has_no_value(node):
                _construct(loader, node)  # here, where the place of one that has no value is known
        return _construct(loader, root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        what = " ".join(f"{error.context or ''} {error.problem or ''}".split())
        raise InputError(f"{name}{line} is not YAML: {what}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{name} is not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply to be read") from None


def _nodes(root: Any) -> Iterator[Any]:
    """Every node below one, in the order of the text, an anchored one once."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node.value, list):  # of nodes, or of pairs of a key and a value
            below = (item if isinstance(item, tuple) else (item,) for item in node.value)
            waiting += reversed([each for pair in below for each in pair])


def _refuse_repeated_keys(mapping: Any, loader: Any, name: str) -> None:
    """On the nodes as written: in the value, `<<` has put other mappings' keys beside a mapping's own."""
    first: dict[Hashable, int] = {}
    for key, _ in mapping.value:
        says = key.value if _has_no_value(key) else _construct(loader, key)
        if not isinstance(says, Hashable):
            continue  # which the constructor of the mapping refuses
        line = key.start_mark.line + 1
        if says in first:
            raise InputError(
                f"{name}, line {line}: the key {says!r} stands twice (first in line {first[says]})",
                remedy="keep one of them",
            )
        first[says] = line


def _has_no_value(key: Any) -> bool:
    """Whether a key is one of the two signs that YAML's mappings give a meaning to: `<<` and `=`."""
    return key.tag in ("tag:yaml.org,2002:merge", "tag:yaml.org,2002:value")


def _construct(loader: Any, node: Any) -> Any:
    """The value of a node; what PyYAML raises in Python's own words becomes an error with a place."""
    try:
        return loader.construct_document(node)
    except ValueError as error:  # a number of 5,000 digits, `!!int x`
        raise ConstructorError(None, None, f"{node.value!r:.40}: {error}", node.start_mark) from None
    except (LookupError, AttributeError, TypeError):  # `!!bool x`, `!!timestamp x`, `!!int ''`
        what = f"{node.value!r:.40} is nothing that {node.tag} stands for"
        raise ConstructorError(None, None, what, node.start_mark) from None
