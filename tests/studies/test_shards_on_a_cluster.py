"""A collection that is encoded in shards by the workers of a Dask cluster."""

import pytest

from reprise.experiment.executors import Cluster
from reprise.experiment.keys import make_recipes
from reprise.experiment.work import do_unit
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.parameters import DenseSpec, RetrievalParameters
from reprise.studies.retrieval_units.plan import RetrievalPlan

from ..dask_cluster import dask_cluster, wait_for_workers

pytest.importorskip("distributed", reason="Dask is an extra: pip install 'reprise[cluster]'")


def test_two_workers_encode_a_shard_each_and_the_index_is_that_of_one_machine(tmp_path):
    spec = CollectionSpec(name="pydocs", options={"domains": ["numpy"], "max_documents": 40, "max_topics": 2})
    training = {"collection": spec}
    plan = RetrievalPlan(
        RetrievalParameters(collections=(spec,), training=training, shards=2, max_document_tokens=16)
    )
    plan.dense_index(spec, DenseSpec(name="minilm"))
    recipes = {recipe.name: recipe for recipe in make_recipes(plan.units)}
    shards = ["index/minilm/pydocs/shard-0-of-2", "index/minilm/pydocs/shard-1-of-2"]
    for recipe in recipes.values():
        assert do_unit(recipe, tmp_path / "here").state == "ran"

    with dask_cluster() as (address, start_worker):
        for _ in range(2):
            start_worker()
        wait_for_workers(address, 2)
        executor = Cluster(address)

        def done(*names):
            futures = [executor.submit(recipes[n], tmp_path / "there", "cpu", lambda _: None) for n in names]
            return {future.result(timeout=120).state for future in futures}

        try:
            for names in (["collection/pydocs"], ["passages/pydocs"], shards, ["index/minilm/pydocs"]):
                assert done(*names) == {"ran"}, names
        finally:
            executor.close(kill=True)

    key = recipes["index/minilm/pydocs"].key
    for file in ("index", "docid"):
        here, there = (tmp_path / place / "units" / key / "index" / file for place in ("here", "there"))
        assert here.read_bytes() == there.read_bytes()
