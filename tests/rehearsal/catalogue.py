"""Topics, judgements and collections where ir_datasets keeps what it has downloaded."""

import gzip
import json
import zipfile


def write_msmarco(home, parts):
    """MS MARCO's topics and judgements; `parts` maps "trec-dl-2019", "train", ... to {id: (text, judged)}.

    The topics of TREC 2020 lie gzipped for that track itself and plain for DL-Hard, whose own are a
    selection of both years'.
    """
    root = home / "msmarco-passage"
    for name, topics in parts.items():
        folder = root / name
        folder.mkdir(parents=True)
        lines = "".join(f"{i}\t{text}\n" for i, (text, _) in topics.items())
        if name != "trec-dl-hard":
            (folder / "queries.tsv").write_text(lines)
        if name == "trec-dl-2020":
            (folder / "queries.tsv.gz").write_bytes(gzip.compress(lines.encode()))
        (folder / "qrels").write_text(
            "".join(
                f"{i} 0 {d} {grade}\n" for i, (_, judged) in topics.items() for d, grade in judged.items()
            )
        )
    # without it the library takes these judgements for those of an older version and removes them
    (root / "trec-dl-hard" / "irds_version.txt").write_text("v3")


def beir_files(documents, splits, metadata=()):
    """{file: content} of a collection in BEIR's layout; `metadata` are fields that its records have."""
    extra = dict.fromkeys(metadata, "")
    topics = {i: text for split in splits.values() for i, (text, _) in split.items()}
    files = {
        "corpus.jsonl": [{"_id": i, "title": "", "text": t, "metadata": extra} for i, t in documents],
        "queries.jsonl": [{"_id": i, "text": text, "metadata": extra} for i, text in topics.items()],
    }
    content = {file: "".join(json.dumps(record) + "\n" for record in found) for file, found in files.items()}
    for split, found in splits.items():
        judged = [f"{i}\t{d}\t{grade}\n" for i, (_, of_one) in found.items() for d, grade in of_one.items()]
        content[f"qrels/{split}.tsv"] = "".join(["query-id\tcorpus-id\tscore\n", *judged])
    return content


def write_beir(home, name, documents, splits, metadata=()):
    """A collection of BEIR as the zip that is downloaded."""
    files = beir_files(documents, splits, metadata)
    _write_zip(home / "beir" / name, {f"{name.split('/')[0]}/{file}": text for file, text in files.items()})


def write_cqadupstack(home, parts, metadata):
    """CQADupStack, whose parts {name: (documents, splits)} come in one zip."""
    content = {
        f"cqadupstack/{part}/{file}": text
        for part, (documents, splits) in parts.items()
        for file, text in beir_files(documents, splits, metadata).items()
    }
    _write_zip(home / "beir" / "cqadupstack", content)


def _write_zip(folder, content):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "source.zip", "w") as archive:
        for file, text in content.items():
            archive.writestr(file, text)
