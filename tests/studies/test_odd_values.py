"""Values that once passed every check and stopped or distorted a run: what a user reads about each now.

The walk through every field is in `test_every_parameter`; here are the cases that were found by hand, word by
word, and those in which two parameters do not fit together.
"""

from pathlib import Path

import pytest

from reprise import studies
from reprise.errors import InputError
from reprise.experiment.parameters import load_parameters, parse_settings

ROOT = Path(__file__).parents[2]

CASES = {
    "prf_interpolation": [
        ("measures=[ndcg@10]", "'measures.0': unknown measure 'ndcg@10' (did you mean 'nDCG@10'?"),
        ("measures=[P@10]", "'measures.0': unknown measure 'P@10'"),
        ("measures=[]", "'measures': must have at least 1"),
        ("measures=[MAP, MAP]", "'measures': 'MAP' stands twice"),
        ("measures=[MAP]", "'measures': nDCG@10, by which figures and tests go, must be among"),
        ("prf_depths=[0, -1]", "'prf_depths.0': must be at least 1 (given: 0); 'prf_depths.1'"),
        ("prf_depths=[999]\ndepth=100", "'prf_depths': must be at most depth, the length of the list, 100"),
        ("weights=[-1, 5]", "'weights.0': must be at least 0.0 (given: -1); 'weights.1': must be"),
        ("feedback.stated={alpha: 0, beta: 0}", "'feedback.stated.alpha': must be above 0, or beta must"),
        ("feedback={}", "'feedback': must have at least 1"),
        ("feedback={a/b: {alpha: 1}}", "'feedback.a/b': must begin with a letter or digit"),
        ("k1=1e308", "'k1': must be at most 100.0"),
        ("depth=99999999999999", "'depth': must be at most 100000"),
        ("shards=1000000", "'shards': must be at most 1024"),
        ("shards=true", "'shards': must be a whole number"),
        (
            "collections=[{name: pydocs, splits: [tset]}]",
            "'collections.0.splits': the collection 'pydocs' has no split 'tset' (did you mean 'test'?)",
        ),
        ("collections=[{name: pydocs, splits: []}]", "'collections.0.splits': must have at least 1"),
        ("collections=[]", "'collections': must have at least 1"),
        ("collections=[{name: ''}]", "'collections.0.name': must have at least 1 character"),
        ("collections=[{name: pydocs, language: klingon}]", "'uk' or 'zh' (given: 'klingon')"),
        ("collections=[{name: pydocs}, {name: pydocs}]", "'collections': 'pydocs' stands twice"),
        (
            "collections=[{name: pydocs, options: {domain: [numpy]}}]",
            "'collections.0.options.domain': the collection 'pydocs' has no option 'domain' (use 'domains')",
        ),
        (
            "collections=[{name: pydocs, options: {domains: [numpyy]}}]",
            "'collections.0.options.domains': the option 'domains' of the collection 'pydocs': pydocs has no "
            "domain 'numpyy' (use 'numpy')",
        ),
        (
            "collections=[{name: beir/scifact, options: {relevance_treshold: 1}}]",
            "has no option 'relevance_treshold' (use 'relevance_threshold')",
        ),
        *(
            (
                f"collections=[{{name: beir/scifact, options: {{relevance_threshold: {value}}}}}]",
                "'collections.0.options.relevance_threshold': the option",
            )
            for value in ("0", "-1", "1.5", "'2'")
        ),
        ("collections.0.options.max_documents=-3", "'collections.0.options.max_documents': the option"),
        (
            "collections.0.options.max_documents=100",
            "'training.collection.options': must be those of collections.0, which has the same name",
        ),
        ("training.collection.options.max_train=0", "there must be something to train on"),
        ("training.steps={hard-negatives: 2}", "'training.steps': there is no value for teacher, student"),
        ("training.steps.hard-negatives=0", "'training.steps.hard-negatives': must be at least 1"),
        ("training.steps.techer=2", "'training.steps.techer': must be 'hard-negatives'"),
        ("dense=[]", "'dense': must have at least 1"),
        ("dense=[{name: a}, {name: a, recipe: distillation}]", "'dense': 'a' stands twice"),
        (
            "dense=[{name: minilm, encoder: ance}, {name: hn, recipe: hard-negatives}]",
            "'dense.0.name': the name is that of an encoder which 'hn' is trained from",
        ),
        ("dense=[{name: a, recipe: distillation, index: x}]", "'dense.0.index': a prebuilt index is of a"),
        ("dense.0.encoder=all-minilm-l6-v2", "'dense.0.encoder': there is no checkpoint 'all-minilm-l6-v2'"),
        ("missing=zer", "'missing': must be 'zero' or 'minimum' (did you mean 'zero'?)"),
    ],
    "lasso_task_selection": [
        ("image_sets=[{name: digits-C}, {name: digits-C}]", "'image_sets': 'digits-C' stands twice"),
        ("image_sets.0.train=1000000", "'image_sets.0.train': digits-C has 1797 images for training"),
        ("image_sets.0.test=1600", "'image_sets.0.test': digits-C has 1497 images left for testing"),
        ("image_sets.0.components=2", "'images.k': must be at most the inputs of digits-C (image_sets.0), 3"),
        ("images.shown=[nope/3]", "'images.shown': images.kinds has no 'nope'"),
        ("images.kinds=[identity, fogg]", "'images.kinds.1': there is no kind of corruption 'fogg' (did you"),
        ("images.network.channels=[0, 0]", "'images.network.channels.0': must be at least 1"),
        ("synthetic.budgets=[]", "'synthetic.budgets': must have at least 1"),
        ("synthetic.budgets=[-5]", "'synthetic.budgets.0': must be at least 1"),
        ("synthetic.budgets=[50]", "'synthetic.budgets': must be at least 80, for one sample a source"),
        ("synthetic.powers=[nonsense]", "'synthetic.powers.0': there is no strategy 'nonsense'"),
        ("synthetic.model.sparsity=100", "'synthetic.model.sparsity': must be at most the sources, 20"),
        ("synthetic.model.k=1", "'synthetic.model': sparse: the sparse family needs k of at least 2"),
        ("synthetic.scaling.sparsity.values=[1, 3]", "'synthetic.scaling.sparsity.values': spikes: the"),
        ("synthetic.recovery_samples=[0]", "'synthetic.recovery_samples.0': must be at least 1"),
        ("ablations.k=[0]", "'ablations.k.0': must be at least 1"),
        ("ablations.penalty=[-1]", "'ablations.penalty.0': must be above 0.0"),
    ],
    "sparse_convnets": [
        ("layer_tables.0.sparsities=[1.5]", "'layer_tables.0.sparsities.0': must be below 1.0"),
        ("layer_tables.0.sparsities=[1.0]", "'layer_tables.0.sparsities.0': must be below 1.0"),
        ("layer_tables.0.sparsities=[]", "'layer_tables.0.sparsities': must have at least 1"),
        ("layer_tables.0.blocks=[3]", "'layer_tables.0.blocks.0': there is no block 3 (choose from 1, 2, 4)"),
        (
            "networks.0.network=mobilenet-v3",
            "'networks.0.network': there is no network 'mobilenet-v3' (did you mean 'mobilenet-v",
        ),
        ("networks.0.side=1", "'networks.0.side': must be 0, for the network's own, or at least 32"),
        ("networks.1.width=0.5", "'networks': 'mobilenet-v1-0.5' stands twice"),
        ("layer_peers=[foo]", "'layer_peers.0': there is no peer 'foo'"),
        ("layer_peers=[scipy-csr]", "'layer_peers': one must be dense"),
        ("network_peers=[x]", "'network_peers.0': there is no peer 'x'"),
        ("matched.0.dense=[0.5, -3]", "'matched.0.dense.1': must be above 0.0"),
        ("tasks.0.networks.0.method=gradual", "'tasks.0.networks.0.sparsity': must be 0 for the method"),
    ],
    "learning_to_hash": [
        ("development=nope", "'development': the collection 'pydocs' has no split 'nope'"),
        ("method.subspaces=7", "'method.subspaces': must divide the 384 dimensions of base"),
        ("method.pca_dimensions=10000", "'method.pca_dimensions': base has 384 dimensions"),
        ("training.steps.bpr=-1", "'training.steps.bpr': must be at least 1"),
        ("training.trained_layers=7", "'training.trained_layers': base has 6 layers"),
        ("released={bpr: [a/b, c/d]}", "'released.bpr': JPQ has two towers"),
        ("released={bpr: 'a/{domain}'}", "'released.bpr': in braces there may only be {dataset}"),
        ("released={bpr+gpll: a/b}", "'released.bpr+gpll': must be 'bpr'"),
        ("source.splits=[test, dev]", "'source.splits': a domain is evaluated on one split"),
        ("adaptation.miners=[a/m, b/m]", "'adaptation.miners': 'm' stands twice"),
        ("radii=[1.5]", "'radii.0': must be at most 1.0"),
    ],
    "scaling": [
        ("encoder=nope", "'encoder': there is no checkpoint 'nope' (name a folder, owner/name on"),
        ("targets={a: -1}", "'targets.a': must be at least 1"),
        ("sizes=[400, 60]", "'sizes': must grow"),
        ("shards=100", "'shards': must be at most the smallest of sizes, 60"),
    ],
    "pydocs": [
        ("collection.name=beir/scifact", "'collection.options.domains': the collection 'beir/scifact'")
    ],
}


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [(name, settings, message) for name, cases in CASES.items() for settings, message in cases],
)
def test_it_is_refused_with_its_name_and_what_is_permitted(name, settings, message):
    with pytest.raises(InputError) as caught:
        load_parameters(studies.load_study(name), "smoke", ROOT, parse_settings(settings.splitlines()))
    assert message in str(caught.value)
    assert caught.value.exit_code == 2 and len(str(caught.value).splitlines()) == 1


def test_a_retriever_of_ones_own_has_a_row_under_its_name():
    """Names that the study does not know ended its tables in a KeyError, after the work."""
    from reprise.evaluation.cells import Cell, Cells
    from reprise.studies.prf_interpolation import _rows

    cells = Cells([Cell("d", "MAP", {"dense": "mine", "sparse": "bm25", "stage": "no-prf"}, 0.5)])
    assert ("mine", {}) in _rows(cells, "stated") and ("BM25, No-PRF") in [
        label for label, _ in _rows(cells, "x")
    ]
