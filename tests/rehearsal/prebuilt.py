"""pyserini's prebuilt indexes, built here over a few passages, under the names that pyserini looks for."""

from reprise.retrieval.dense import DenseIndex
from reprise.retrieval.impact import ImpactIndex
from reprise.retrieval.java import start_java
from reprise.retrieval.lucene import build_index
from reprise.retrieval.paper_encoders import load_paper_encoder


def index_folder(home, name):
    """Where pyserini unpacks the index: <home>/indexes/<file name>.<md5>, by its own table."""
    start_java()
    from pyserini.prebuilt_index_info import FAISS_INDEX_INFO, IMPACT_INDEX_INFO, TF_INDEX_INFO

    about = {**FAISS_INDEX_INFO, **IMPACT_INDEX_INFO, **TF_INDEX_INFO}[name]
    return home / "indexes" / f"{about['filename'].removesuffix('.tar.gz')}.{about['md5']}"


def build_texts(home, name, passages):
    """A Lucene index that keeps its texts, as JSON with the field `contents`."""
    documents = ({"id": i, "contents": text} for i, text in passages)
    build_index(documents, _made(home, name), "JsonCollection", "-storeRaw")


def build_impacts(home, name, passages, checkpoint):
    """A Lucene index of the weights that pyserini's uniCOIL gives, the checkpoint being a folder."""
    start_java()
    from pyserini.encode import UniCoilDocumentEncoder

    weights = UniCoilDocumentEncoder(str(checkpoint), device="cpu").encode([text for _, text in passages])
    ImpactIndex.build([i for i, _ in passages], weights, _made(home, name))


def build_vectors(home, name, passages, encoder, checkpoint):
    """A flat faiss index with its `docid` file, by one of the papers' encoders."""
    vectors = load_paper_encoder(encoder, checkpoint, threads=1).encode_documents([t for _, t in passages])
    DenseIndex.from_vectors([i for i, _ in passages], vectors).save(_made(home, name))


def _made(home, name):
    folder = index_folder(home, name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder
