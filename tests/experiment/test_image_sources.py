"""Images that the registry of downloads holds are fetched to where the studies look for them."""

import gzip
import struct

import numpy as np
import pytest

from reprise.data.images import load_idx
from reprise.experiment import download
from reprise.experiment.image_sources import image_source
from reprise.experiment.parameters import load_parameters
from reprise.experiment.project import find_root
from reprise.experiment.registry import read_registry
from reprise.studies.lasso_task_selection import STUDY as LASSO
from reprise.studies.sparse_convnets import STUDY as SPARSE


def idx(values):
    head = struct.pack(">HBB", 0, 8, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    return gzip.compress(head + values.astype(np.uint8).tobytes())


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A download that gives two images and labels of every file, and the names that were asked for."""
    asked = []

    def give(entry):
        asked.append(entry.name)
        file = tmp_path / "download"
        file.write_bytes(idx(np.zeros((2, 28, 28)) if "images" in entry.name else np.array([3, 7])))
        return file

    monkeypatch.setattr(download, "download_with_bar", give)
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path / "data"))
    return asked


def test_what_a_study_fetches_is_then_there(server):
    open_ = load_parameters(LASSO, "open", find_root())
    fashion = next(r for r in LASSO.requirements(open_) if r.name == "fashion-C")
    assert not fashion.present() and fashion.size == 26_421_880 + 29_515 + 4_422_102 + 5_148
    fashion.fetch()
    assert fashion.present() and len(server) == 4
    assert load_idx("fashion-mnist", "train")[1].tolist() == [3, 7]
    fashion.fetch()
    assert len(server) == 4, "what is there is not fetched again"


def test_the_test_images_alone(server):
    open_ = load_parameters(SPARSE, "open", find_root())
    mnist = next(r for r in SPARSE.requirements(open_) if r.name == "mnist-test")
    mnist.fetch()
    assert mnist.present() and all("/t10k-" in name for name in server) and len(server) == 2


def test_what_the_registry_lacks_has_no_source():
    assert image_source("imagenet") == {}
    assert {name.partition("/")[0] for name in read_registry(find_root())} == {"mnist", "fashion-mnist"}
