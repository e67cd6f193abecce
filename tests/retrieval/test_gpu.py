"""Encoding and training on a GPU come close to what the CPU gives; skipped where there is none."""

import dataclasses

import numpy as np
import pytest
import torch

from reprise.retrieval.ance_prf import PrfExample, train_prf
from reprise.retrieval.ance_prf_load import load_prf_encoder
from reprise.retrieval.ance_prf_parallel import train_prf_parallel
from reprise.retrieval.contrastive import train_dense
from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.encoders import load_encoder
from reprise.retrieval.training_settings import TrainingSettings

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")

THINGS = ["matrix", "vector", "array", "tree", "graph", "mean", "sum", "sort"]
ON_CPU = TrainingSettings(steps=6, batch_size=4, learning_rate=1e-3, dropout=False, checkpoint_every=2)
ON_GPU = dataclasses.replace(ON_CPU, device="cuda")


@pytest.fixture(scope="module", autouse=True)
def exact_products():
    """TF32 rounds the factors of a product to 10 bits."""
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    yield
    torch.backends.cuda.matmul.allow_tf32 = before


@pytest.fixture(scope="module")
def index(tiny_checkpoint):
    encoder = load_prf_encoder(tiny_checkpoint)
    return DenseIndex.from_vectors(THINGS, encoder.encode([f"the {t}" for t in THINGS], [[]] * len(THINGS)))


@pytest.fixture(scope="module")
def examples():
    return [
        PrfExample(f"find a {t}", (f"a sparse {t}", "the dense graph"), t, tuple(o for o in THINGS if o != t))
        for t in THINGS
    ]


def weights(module):
    return torch.cat([w.detach().cpu().float().flatten() for w in module.parameters()])


@pytest.mark.parametrize(("precision", "close"), [("float32", 1e-5), ("bfloat16", 2e-2)])
def test_vectors(tiny_checkpoint, precision, close):
    texts = [f"find the sparse {t} of the {o}" for t in THINGS for o in THINGS]
    on_cpu = load_encoder(tiny_checkpoint).encode_documents(texts)
    on_gpu = load_encoder(tiny_checkpoint, device="cuda", precision=precision).encode_documents(texts)
    assert on_gpu.dtype == np.float32
    assert np.allclose(on_cpu, on_gpu, atol=close)


def test_a_dense_retriever_and_going_on_with_it(tiny_checkpoint, tiny_triples, tmp_path):
    def trained(name, settings, **options):
        log = train_dense(tiny_checkpoint, tiny_triples, tmp_path / name, settings, **options)
        return log, load_encoder(tmp_path / name).encode_queries([t.query for t in tiny_triples])

    on_cpu, on_gpu = trained("cpu", ON_CPU), trained("gpu", ON_GPU)
    assert np.allclose(on_cpu[0].losses, on_gpu[0].losses, atol=1e-3)
    assert np.allclose(on_cpu[1], on_gpu[1], atol=1e-2)

    class Killed(Exception):
        pass

    def until_the_fifth_step(steps, total):
        for step in steps:
            if step == 4:
                raise Killed
            yield step

    kept = {"checkpoint_folder": tmp_path / "kept"}
    with pytest.raises(Killed):
        trained("killed", ON_GPU, progress=until_the_fifth_step, **kept)
    log, vectors = trained("resumed", ON_GPU, **kept)
    assert log.resumed_at == 4
    assert np.allclose(vectors, on_gpu[1], atol=1e-4)


def test_ance_prf_in_one_process_and_in_one_a_gpu(index, examples, tiny_checkpoint, tmp_path):
    index.save(tmp_path / "index")
    on_cpu, on_gpu = load_prf_encoder(tiny_checkpoint), load_prf_encoder(tiny_checkpoint, device="cuda")
    expected = train_prf(on_cpu, examples, index, ON_CPU, negatives=3)
    found = train_prf(on_gpu, examples, index, ON_GPU, negatives=3)
    assert np.allclose(expected.losses, found.losses, atol=1e-3)
    several = load_prf_encoder(tiny_checkpoint)
    log = train_prf_parallel(
        several,
        examples,
        tmp_path / "index",
        ON_GPU,
        processes=torch.cuda.device_count(),
        work_folder=tmp_path / "work",
        negatives=3,
    )
    assert np.allclose(log.losses, found.losses, atol=1e-3)
    assert torch.allclose(weights(several.tower), weights(on_gpu.tower), atol=1e-3)
