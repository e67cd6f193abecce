"""What a study of retrieval needs from outside: collections, prebuilt indexes and released checkpoints.

Where each is kept is the affair of the library that fetches it (ir_datasets, pyserini, the model hub);
here it is only looked for. See `publishers` for sizes and checksums.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from reprise.data import msmarco
from reprise.data.ir_datasets import is_id
from reprise.data.load import find_folder, load_collection
from reprise.data.user_path import user_path
from reprise.errors import EnvironmentNotReady
from reprise.experiment.requirement import Requirement
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.parameters import RetrievalParameters
from reprise.studies.retrieval_units.publishers import INDEXES, checkpoint_bytes, collection_source

TOPIC_FILES = {
    "train/judged": ("train/queries.tsv", "train/qrels"),
    "dev/small": ("dev/small/queries.tsv", "dev/small/qrels"),
    "trec-dl-2019/judged": ("trec-dl-2019/queries.tsv", "trec-dl-2019/qrels"),
    "trec-dl-2020/judged": ("trec-dl-2020/queries.tsv.gz", "trec-dl-2020/qrels"),
    "trec-dl-hard": ("trec-dl-2019/queries.tsv", "trec-dl-2020/queries.tsv.gz", "trec-dl-hard/qrels"),
}
"""What ir_datasets keeps of each part of MS MARCO that is only asked for topics and judgements."""

OF_THEIR_OWN = ("beir/webis-touche2020/v2",)
"""Parts whose documents are not those of the collection that they are named after."""

EMBEDDED = {"pydocs", "all-MiniLM-L6-v2"}
"""What comes with the packages."""

LOCAL = "ir/"
"""Names that are folders under `REPRISE_DATA` and ids of nothing else."""

READ_BY_THE_DOCTOR = 300_000_000
"""Bytes up to which a collection is read by `reprise doctor`: some seconds."""

MSMARCO_TERMS = "MS MARCO: non-commercial research"


def retrieval_requirements(parameters: RetrievalParameters) -> list[Requirement]:
    """Each collection, index and checkpoint that the parameters name and the packages do not bring."""
    found = collection_requirements(parameters.collections, parameters.skip_missing)
    found += [_index(retriever.index) for retriever in parameters.dense if retriever.index]
    named = [retriever.encoder for retriever in parameters.dense]
    named += [parameters.unicoil_checkpoint] if parameters.unicoil_checkpoint else []
    return _each_once([*found, *checkpoint_requirements(named)])


def collection_requirements(specs: Iterable[CollectionSpec], optional: bool = False) -> list[Requirement]:
    """Each of the collections that no package brings, and the prebuilt indexes that are named with them."""
    found = []
    for spec in specs:
        if spec.name not in EMBEDDED:
            found.append(replace(_collection(spec), optional=optional))
        found += [_index(name) for name in (spec.bm25_index, spec.unicoil_index) if name]
    return _each_once(found)


def checkpoint_requirements(names: Iterable[str]) -> list[Requirement]:
    """Each of the checkpoints that no package brings."""
    return _each_once([checkpoint_requirement(name) for name in names if name not in EMBEDDED])


def present_collections(
    specs: Iterable[CollectionSpec], skip_missing: bool
) -> tuple[list[CollectionSpec], list[str]]:
    """The collections to run on, and the names of those left out.

    Nothing is left out unless `skip_missing`. Raises `EnvironmentNotReady` when none is left.
    """
    specs = list(specs)
    if not skip_missing:
        return specs, []
    here = [s for s in specs if s.name in EMBEDDED or _collection(s).present()]
    left_out = [s.name for s in specs if s not in here]
    if not here:
        raise EnvironmentNotReady(
            "none of the collections of this profile is here",
            given=left_out,
            remedy="set REPRISE_DATA to the folder that holds them",
        )
    return here, left_out


def _each_once(found: list[Requirement]) -> list[Requirement]:
    return list({(r.kind, r.name): r for r in found}.values())


def _collection(spec: CollectionSpec) -> Requirement:
    if (folder := find_folder(spec.name)) is not None:
        size = _size(folder)
        how = "put it there in BEIR's layout"
        return Requirement("collection", spec.name, folder.exists, how, odd=partial(_odd, spec, size))
    if spec.name.startswith(LOCAL):
        return Requirement(
            "collection", spec.name, lambda: False, "put it under REPRISE_DATA in BEIR's layout"
        )
    asked = Requirement(
        "collection",
        spec.name,
        partial(_has_parts, spec),
        "reprise fetch (ir_datasets)",
        partial(load_collection, spec.name, **spec.options),
        licence="see ir-datasets.com",
    )
    if spec.name.startswith("msmarco"):
        asked = replace(asked, licence=MSMARCO_TERMS)
    if source := collection_source(spec.name):
        known = replace(asked, size=source[0], checksum=f"md5 {source[1]}")
        return replace(known, odd=partial(_odd, spec, source[0]))
    if spec.name.startswith("beir/"):
        how = "ask its owners for it, then put it under REPRISE_DATA in BEIR's layout"
        return Requirement("collection", spec.name, lambda: False, how, licence="by permission of its owners")
    if spec.name != msmarco.NAME and not asked.present() and not is_id(spec.name):
        how = "give the path of a folder in BEIR's layout, or an id of ir-datasets.com"
        return Requirement("collection", spec.name, lambda: False, how)
    return asked


def _odd(spec: CollectionSpec, size: int) -> list[str]:
    """What is odd about a collection that is here; a large one is not read for it."""
    if size > READ_BY_THE_DOCTOR:
        return [f"not read, as it is large: reprise check-collection {spec.name} does"]
    return [str(oddity) for oddity in load_collection(spec.name, **spec.options).oddities]


def _size(folder: Path) -> int:
    """Bytes of a folder or zip."""
    files = folder.rglob("*") if folder.is_dir() else [folder]
    return sum(f.stat().st_size for f in files if f.is_file())


def _has_parts(spec: CollectionSpec) -> bool:
    """Whether ir_datasets has the files; the passages of MS MARCO come with the indexes."""
    home = user_path(os.environ.get("IR_DATASETS_HOME", "~/.ir_datasets"), "IR_DATASETS_HOME")
    ids = [spec.name]
    if spec.name == msmarco.NAME:
        ids = [msmarco.SPLITS[split] for split in spec.options.get("splits", spec.splits)]
    parts = [name.removeprefix("msmarco-passage/") for name in ids]
    if all(part in TOPIC_FILES for part in parts):
        files = [home / "msmarco-passage" / file for part in parts for file in TOPIC_FILES[part]]
        return all(file.is_file() for file in files)
    if spec.name.startswith("beir/") and (source := collection_source(spec.name)):
        return (home / source[2]).is_file()  # written under another name until it is whole and checked
    return any(_has_files(home / name) for name in _folders(spec.name))


def _folders(name: str) -> list[str]:
    """Where ir_datasets may keep a collection: a folder of its own, or the one that its parts share.

    >>> _folders("beir/nfcorpus/test"), _folders("vaswani"), _folders("beir/webis-touche2020/v2")
    (['beir/nfcorpus/test', 'beir/nfcorpus'], ['vaswani'], ['beir/webis-touche2020/v2'])
    """
    if name in OF_THEIR_OWN:
        return [name]
    parts = name.split("/")
    above = 2 if parts[0] == "beir" else 1  # no folder of one collection holds all of BEIR
    return ["/".join(parts[:count]) for count in range(len(parts), above - 1, -1)]


def _index(name: str) -> Requirement:
    from reprise.retrieval.lucene import prebuilt_folder

    size, checksum = INDEXES.get(name, (None, ""))
    return Requirement(
        "index",
        name,
        partial(_has_index, name, checksum),
        "reprise fetch (pyserini)",
        partial(prebuilt_folder, name),
        size,
        MSMARCO_TERMS if name.startswith("msmarco") else "",
        checksum=checksum and f"md5 {checksum}",
    )


def checkpoint_requirement(name: str) -> Requirement:
    """A model of the hub, or a folder that holds one."""
    from reprise.retrieval.paper_encoders import SPECS

    repository = SPECS[name].checkpoint if name in SPECS else name
    return Requirement(
        "checkpoint",
        repository,
        partial(_has_checkpoint, repository),
        "reprise fetch (model hub)",
        partial(_fetch_checkpoint, repository),
        checkpoint_bytes(repository),
        licence="see its model card",
    )


def _has_files(folder: Path) -> bool:
    """Whether something lies there; ir_datasets leaves a note of its version where it only looked."""
    return folder.is_dir() and any(f.name != "irds_version.txt" for f in folder.iterdir())


def _has_index(name: str, checksum: str) -> bool:
    """pyserini calls the folder <kind>.<name>.<date>.<commit>.<md5>; without the md5 it is half unpacked."""
    home = user_path(os.environ.get("PYSERINI_CACHE") or "~/.cache/pyserini", "PYSERINI_CACHE") / "indexes"
    wanted = re.compile(rf"(^|\.){re.escape(name)}\.\d{{8}}.*\.{checksum or '[0-9a-f]{32}'}$")
    return any(wanted.search(f.name) and _has_files(f) for f in home.glob("*") if f.is_dir())


def _has_checkpoint(repository: str) -> bool:
    if Path(repository).expanduser().is_dir():
        return True
    from huggingface_hub import try_to_load_from_cache

    weights = ("model.safetensors", "pytorch_model.bin")
    return any(isinstance(try_to_load_from_cache(repository, file), str) for file in weights)


def _fetch_checkpoint(repository: str) -> None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot_download(repository)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise EnvironmentNotReady(
            f"the checkpoint {repository!r} cannot be had: {' '.join(str(error).split())[:200]}",
            remedy="check the network, or give a local checkpoint",
        ) from error
