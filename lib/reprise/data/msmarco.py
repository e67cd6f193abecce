"""MS MARCO passage ranking, version 1: topics and judgements only.

Its 8,841,823 passages stay in pyserini's prebuilt indexes, so the collection has no documents of its own.
Topics and judgements come through `ir_datasets`, which downloads them at first use (a few megabytes).
Label 1 counts as not relevant in binary measures on TREC Deep Learning (trec_eval -l 2).
"""

from __future__ import annotations

from reprise.data.assemble import assemble
from reprise.data.collection import Collection
from reprise.data.ir_datasets import read_split
from reprise.data.oddities import Oddities
from reprise.errors import EnvironmentNotReady, InputError

NAME = "msmarco-v1-passage"

SPLITS = {
    "dl19": "msmarco-passage/trec-dl-2019/judged",
    "dl20": "msmarco-passage/trec-dl-2020/judged",
    "dl-hard": "msmarco-passage/trec-dl-hard",
    "dev": "msmarco-passage/dev/small",
}


DEFAULT = ("dl19", "dl20")


def msmarco_passages(splits: tuple[str, ...] = DEFAULT) -> Collection:
    """The collection with the named splits; `InputError` for an unknown one, `EnvironmentNotReady` offline.

    The sparse dev judgements are binary: their threshold is 1, so "dev" cannot share a collection with
    the graded splits.
    """
    import ir_datasets

    unknown = [name for name in splits if name not in SPLITS]
    if unknown:
        raise InputError(f"{NAME} has no split {unknown[0]!r}", given=sorted(SPLITS))
    if "dev" in splits and len(splits) > 1:
        raise InputError(
            "the binary judgements of 'dev' do not go with graded ones",
            given=splits,
            remedy="ask for 'dev' as a collection of its own",
        )
    odd = Oddities()
    try:
        read = {name: read_split(name, ir_datasets.load(SPLITS[name]), None, odd) for name in splits}
    except (RuntimeError, OSError) as error:
        raise EnvironmentNotReady(
            f"the topics of {NAME} are neither here nor to be had",
            remedy="connect to the network once, or put the files under IR_DATASETS_HOME",
        ) from error
    threshold = 1 if splits == ("dev",) else 2
    return assemble(NAME, None, read, odd, relevance_threshold=threshold, remove_query=False)
