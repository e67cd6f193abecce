"""CIFAR-10's binary files: two records a file, read back; files that are missing or cut."""

import numpy as np
import pytest

from reprise.data.cifar import FILES, load_cifar
from reprise.errors import EnvironmentNotReady, InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    place = tmp_path / "images" / "cifar-10"
    place.mkdir(parents=True)
    for i, name in enumerate(name for files in FILES.values() for name in files):
        record = np.concatenate([[i], np.full(1024, 255), np.zeros(2048)]).astype(np.uint8)
        np.concatenate([record, record]).tofile(place / name)
    return place


def test_planes_and_labels(folder):
    images, labels = load_cifar("train")
    assert images.shape == (10, 3, 32, 32) and labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert (images[:, 0] == 1).all() and (images[:, 1:] == 0).all()
    assert load_cifar("test")[1].tolist() == [5, 5]


def test_what_is_wrong_is_named(folder):
    (folder / "data_batch_2.bin").write_bytes(b"\1" * 100)
    with pytest.raises(InputError, match=r"data_batch_2\.bin"):
        load_cifar("train")
    (folder / "data_batch_2.bin").write_bytes(b"\12" * 3073)
    with pytest.raises(InputError, match="labels"):
        load_cifar("train")
    (folder / "data_batch_2.bin").unlink()
    with pytest.raises(EnvironmentNotReady, match=r"data_batch_2\.bin"):
        load_cifar("train")
