"""From a run to cells: the measures of one dataset, a value a topic kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reprise.errors import InputError
from reprise.studies.retrieval_units.collections import open_collection


class Judge:
    """Evaluates runs over one split of the collection that the unit needs.

    `topics` are the ids of the split's topics in the collection's order, `texts` their texts; `remove_query`
    is the collection's.
    """

    def __init__(self, context: Any, *, split: str, dataset: str, measures: Sequence[str]) -> None:
        collection = open_collection(context)
        wanted = collection.split(split)
        self.topics = [t.id for t in wanted.topics]
        self.texts = {t.id: t.text for t in wanted.topics}
        self._dataset, self._measures = dataset, list(measures)
        self.remove_query = collection.remove_query
        self._qrels, self._threshold = wanted.qrels, collection.relevance_threshold

    def cells(self, run: Any, factors: Mapping[str, str]) -> list[dict[str, Any]]:
        """One cell a measure, for the system that these factors describe.

        Raises `InputError` for a run with topics' own documents where the collection is measured without.
        """
        from reprise.evaluation.measures import evaluate
        from reprise.retrieval.own_documents import has_own_documents

        if self.remove_query and has_own_documents(run):
            raise InputError(
                f"the run of {dict(factors)} on {self._dataset} holds topics' own documents",
                remedy="search with search_documents(..., remove_query=True)",
            )
        found = evaluate(run, self._qrels, self.topics, self._measures, relevance_threshold=self._threshold)
        return [
            {
                "dataset": self._dataset,
                "measure": measure,
                "factors": dict(factors),
                "value": found.mean[measure],
                "n": found.n,
                "samples": found.per_topic[measure],
            }
            for measure in self._measures
        ]
