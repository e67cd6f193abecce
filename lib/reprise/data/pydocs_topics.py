"""Topics and judgements of pydocs: See Also descriptions for evaluation, summary sentences for training.

A *target group* is one object under all its names: the documents of one package that have the same own
name and the same summary, and near-duplicates of the same own name that were dropped. Evaluation:

* a topic is what another object's docstring says of exactly one object in its See Also section. A target
  group gets one topic, the longest description, so that topics are independent samples;
* not a topic: fewer than `MIN_TOPIC_WORDS` words; a text that only relates the object to the one that is
  being documented ("Equivalent method.", "Derivative of this function"), that is, fewer than
  `MIN_TELLING_WORDS` words besides `RELATING_WORDS`; the same words for two groups (it describes neither),
  or the same words but for the object's own name for `TEMPLATE_NAMES` names ("Aggregating sum for Series.");
  the target's own summary; a text that stands in a document of the target group, or that spells the
  target's own name where that is no word of a language (an underscore, a digit or an inner capital);
* grade 3 for the documents of the group, 1 for those that See Also links with it in either direction;
* dev or test by a hash of the group's first name, so an object stays where it is when others come.

Training: the summary sentence with its own document (grade 3), for documents outside every evaluated group,
one for a group, and not a text that is a topic or that several groups share, nor one that
`TEMPLATE_NAMES` groups share but for proper names ("Constructs a Perceiver image processor.").
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reprise.data.collection import Split, Topic
from reprise.data.pydocs_text import stands_in, words

MIN_TOPIC_WORDS = 3
MIN_TELLING_WORDS = 2
TEMPLATE_NAMES = 3
MAX_TRAIN_WORDS = 40
DEV_SHARE = 0.3


RELATING_WORDS = frozenset(
    {
        "a",
        "alias",
        "alternate",
        "alternative",
        "an",
        "analog",
        "analogous",
        "and",
        "another",
        "any",
        "as",
        "at",
        "attribute",
        "be",
        "but",
        "by",
        "call",
        "called",
        "calls",
        "class",
        "convenience",
        "corresponding",
        "counterpart",
        "dataframe",
        "dataframes",
        "different",
        "directly",
        "equivalent",
        "for",
        "from",
        "function",
        "functions",
        "generic",
        "high",
        "higher",
        "implementation",
        "implementing",
        "in",
        "index",
        "instead",
        "interface",
        "into",
        "is",
        "it",
        "its",
        "less",
        "level",
        "low",
        "lower",
        "main",
        "method",
        "methods",
        "module",
        "more",
        "ndarray",
        "normally",
        "not",
        "numpy",
        "object",
        "of",
        "on",
        "one",
        "only",
        "operation",
        "opposite",
        "or",
        "other",
        "pandas",
        "property",
        "recommended",
        "related",
        "routine",
        "same",
        "scipy",
        "see",
        "series",
        "similar",
        "that",
        "the",
        "their",
        "these",
        "this",
        "to",
        "used",
        "user",
        "using",
        "usually",
        "variant",
        "version",
        "when",
        "which",
        "with",
        "without",
        "working",
        "would",
        "wrapper",
    }
)
"""Function words, and words for how one object stands to another, what kind it is and whose."""

_POINTING = re.compile(
    r"\bthis (function|method|class|one|operation|object|routine|estimator|wrapper"
    r"|solver)\b",
    re.IGNORECASE,
)


class Entry(NamedTuple):
    """A kept document before it is one: `links` and `said` (target, description) are resolved to kept ids."""

    name: str
    domain: str
    summary: str
    body: str
    links: tuple[str, ...]
    said: tuple[tuple[str, str], ...]


def hash_share(name: str) -> float:
    """A number in [0, 1) that depends on the name alone.

    >>> hash_share("numpy.sum") == hash_share("numpy.sum") != hash_share("numpy.prod")
    True
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def build_splits(entries: Iterable[Entry]) -> dict[str, Split]:
    """The splits "train", "dev" and "test" of documents that are sorted by id."""
    by_name = {e.name: e for e in entries}
    bags = {name: words(e.body) for name, e in by_name.items()}
    groups = _target_groups(by_name)
    members: dict[str, list[str]] = defaultdict(list)
    for name, group in groups.items():
        members[group].append(name)
    descriptions = _descriptions(by_name, groups)
    linked = _linked(by_name, groups)

    dev: list[tuple[Topic, dict[str, int]]] = []
    test: list[tuple[Topic, dict[str, int]]] = []
    used: set[str] = set()
    evaluated: set[str] = set()
    for group in sorted(members):
        target = by_name[group]
        fitting = [
            d
            for d in descriptions.get(group, ())
            if _is_fair(d, [by_name[m] for m in members[group]], [bags[m] for m in members[group]])
        ]
        if not fitting:
            continue
        chosen = max(fitting, key=lambda d: (len(words(d)), d))
        judged = dict.fromkeys(sorted(linked.get(group, set()) - set(members[group])), 1)
        judged |= dict.fromkeys(members[group], 3)
        topic = Topic(group, chosen, target.domain)
        (dev if hash_share(group) < DEV_SHARE else test).append((topic, judged))
        used.add(" ".join(words(chosen)))
        evaluated.add(group)

    train = _training([by_name[g] for g in sorted(members) if g not in evaluated], bags, used, members)
    return {"train": _split("train", train), "dev": _split("dev", dev), "test": _split("test", test)}


def _split(prefix: str, topics: list[tuple[Topic, dict[str, int]]]) -> Split:
    # topic ids are their own, so that no tool can mistake them for the documents that they look for
    named = [(t._replace(id=f"{prefix}:{t.id}"), judged) for t, judged in topics]
    return Split(tuple(t for t, _ in named), {t.id: dict(sorted(judged.items())) for t, judged in named})


def _target_groups(by_name: Mapping[str, Entry]) -> dict[str, str]:
    first: dict[tuple[str, str, str], str] = {}
    groups = {}
    for name in sorted(by_name):
        entry = by_name[name]
        summary = " ".join(words(entry.summary)) or name  # without a summary it is a group of its own
        groups[name] = first.setdefault((entry.domain, _own_name(name), summary), name)
    return groups


def _descriptions(by_name: Mapping[str, Entry], groups: Mapping[str, str]) -> dict[str, list[str]]:
    said_of: dict[str, set[str]] = defaultdict(set)
    texts: dict[str, set[str]] = defaultdict(set)
    for entry in by_name.values():
        for target, text in entry.said:
            key = " ".join(words(text))
            if groups[target] != groups[entry.name] and len(key.split()) >= MIN_TOPIC_WORDS:
                said_of[key].add(groups[target])
                texts[key].add(text)
    only = {key: next(iter(said)) for key, said in said_of.items() if len(said) == 1}
    named: dict[str, set[str]] = defaultdict(set)
    for key, group in only.items():
        named[_template(key, group)].add(_own_name(group))
    found: dict[str, list[str]] = defaultdict(list)
    for key in sorted(only):
        template = _template(key, only[key])
        if template == key or len(named[template]) < TEMPLATE_NAMES:
            found[only[key]].append(min(texts[key]))
    return found


def _template(key: str, group: str) -> str:
    name = _own_name(group).lower()
    return " ".join("*" if word == name else word for word in key.split())


def _own_name(name: str) -> str:
    return name.rpartition(".")[2]


def _linked(by_name: Mapping[str, Entry], groups: Mapping[str, str]) -> dict[str, set[str]]:
    linked: dict[str, set[str]] = defaultdict(set)
    for entry in by_name.values():
        for other in entry.links:
            linked[groups[entry.name]].add(other)
            linked[groups[other]].add(entry.name)
    return linked


def _is_fair(text: str, targets: list[Entry], bodies: list[list[str]]) -> bool:
    found = words(text)
    own_name = _own_name(targets[0].name)
    gives_away = re.search(r"[_\d]|[a-z][A-Z]", own_name) and own_name.lower() in found
    said = [w for w in found if w not in RELATING_WORDS]
    if len(said) < MIN_TELLING_WORDS or _POINTING.search(text):
        return False
    return (
        not gives_away
        and all(words(t.summary) != found for t in targets)
        and not any(stands_in(found, body) for body in bodies)
    )


def _training(
    entries: list[Entry], bags: Mapping[str, list[str]], used: set[str], members: Mapping[str, list[str]]
) -> list[tuple[Topic, dict[str, int]]]:
    keys = {e.name: " ".join(words(e.summary)) for e in entries}
    patterns = {e.name: _without_names(e.summary) for e in entries}
    count, alike = Counter(keys.values()), Counter(patterns.values())
    pairs = []
    for entry in entries:
        key = keys[entry.name]
        fits = MIN_TOPIC_WORDS <= len(key.split()) <= MAX_TRAIN_WORDS and count[key] == 1 and key not in used
        fits = fits and alike[patterns[entry.name]] < TEMPLATE_NAMES
        if fits and not any(stands_in(key.split(), bags[m]) for m in members[entry.name]):
            pairs.append((Topic(entry.name, entry.summary, entry.domain), {entry.name: 3}))
    return pairs


def _without_names(text: str) -> str:
    first, *others = re.findall(r"\w+", text) or [""]
    return " ".join(
        [
            "*" if re.search(r"\d|\w[A-Z]", first) else first.lower(),
            *("*" if re.search(r"[A-Z\d]", word) else word for word in others),
        ]
    )
