"""Small stand-ins for published collections, with exactly the quirks that the catalogue knows of them."""

import json
from itertools import cycle, islice

from reprise.data.catalogue import read_catalogue

from . import catalogue

TOPICS = 12
"""Judged topics of a split: enough that one judgement which points nowhere is less than a tenth of them."""

METADATA = {
    "beir/trec-covid": ("url", "pubmed_id", "query", "narrative"),
    "beir/nfcorpus": ("url",),
    "beir/hotpotqa": ("url",),
    "beir/dbpedia-entity": ("url",),
    "beir/webis-touche2020/v2": ("stance", "url", "description", "narrative"),
    "beir/scidocs": ("authors", "year", "cited_by", "references"),
    "cqadupstack": ("tags",),
}
"""Fields that ir_datasets reads beside the text."""


def stand_in(name, texts):
    """(documents, splits) of a collection made of `texts` [(id, text)], as the catalogue describes it.

    Each split's topics are words of a document, or the document where topics are documents; it is judged with
    the best grade, others with the rest of them.
    """
    about = read_catalogue()[name]
    quirks = about.quirks
    documents = [(about.prefix + i, text) for i, text in texts]
    splits = {}
    for number, (split, facts) in enumerate(sorted(about.splits.items())):
        topics = {}
        for i, (own, text) in enumerate(documents[number : number + TOPICS]):
            chosen = islice(cycle(documents), i + 20, i + 20 + len(facts.grades))
            judged = {d: grade for (d, _), grade in zip(chosen, reversed(facts.grades), strict=True)}
            if "remove_query" in quirks:
                topics[own] = (text, judged)
            else:
                topics[f"t{number}-{i}"] = (" ".join(text.split()[:3]), judged)
        splits[split] = topics
    if missing := quirks.get("missing_documents"):
        for topic, _ in zip(splits[about.evaluated].values(), range(missing.count), strict=False):
            topic[1].clear()
            topic[1]["no-such-document"] = 1
    if empty := quirks.get("documents_without_text"):
        documents += [(f"empty-{i}", "") for i in range(empty.count or 3)]
    return documents, splits


def write_stand_ins(objects, names, texts):
    """Write each where it is looked for: ir_datasets' folder, or `REPRISE_DATA` for what it does not have."""
    parts = {}
    for name in names:
        about = read_catalogue()[name]
        documents, splits = stand_in(name, texts)
        family, _, rest = name.partition("/")
        if family == "ir" or "permission" in about.quirks:
            splits = splits or {"test": plain_topics(documents)}
            write_folder(objects / "data" / name, documents, splits)
        elif "part_of" in about.quirks:
            parts[name.rpartition("/")[2]] = (documents, splits)
        else:
            splits = {("test" if split == "v2" else split): topics for split, topics in splits.items()}
            catalogue.write_beir(objects / "ir", rest, documents, splits, METADATA.get(name, ()))
    if parts:
        catalogue.write_cqadupstack(objects / "ir", parts, METADATA["cqadupstack"])


def plain_topics(documents):
    """Topics for a set of which no public source says anything."""
    return {
        f"t{i}": (" ".join(text.split()[:3]), {document: 1})
        for i, (document, text) in enumerate(documents[:TOPICS])
    }


def write_folder(folder, documents, splits):
    """A collection as a folder in BEIR's layout."""
    for file, content in catalogue.beir_files(documents, splits).items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(content)


def read_back(name):
    """What a study sees of a collection, as JSON; run where the stand-ins lie."""
    from reprise.data.load import load_collection

    found = load_collection(name)
    return json.dumps(
        {
            "remove_query": found.remove_query,
            "prefixes": sorted({d.id.rstrip("0123456789") for d in found.documents if d.text}),
            "splits": {
                split: {
                    "topics": len(s.topics),
                    "grades": sorted({g for judged in s.qrels.values() for g in judged.values()}),
                }
                for split, s in found.splits.items()
            },
            "oddities": {o.what.rpartition(": ")[2]: o.count for o in found.oddities},
        }
    )
