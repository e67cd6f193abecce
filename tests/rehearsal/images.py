"""Image sets as they are distributed: arrays of the released MNIST-C, ImageNet's folders of JPEG files."""

import numpy as np

from reprise.data.corruptions import KINDS
from reprise.data.digits import load_digits_28


def write_mnist_c(data, train, test):
    """mnist_c/<kind>/{train,test}_{images,labels}.npy: the embedded digits, darker from kind to kind."""
    images, labels = load_digits_28()
    chosen = np.random.default_rng(0).permutation(len(labels))
    parts = {"train": chosen[:train], "test": chosen[train : train + test]}
    for number, kind in enumerate(KINDS):
        folder = data / "images" / "mnist_c" / kind
        folder.mkdir(parents=True)
        for part, rows in parts.items():
            shaded = (images[rows] * (255 - 8 * number)).astype(np.uint8)
            np.save(folder / f"{part}_images.npy", shaded[..., None])  # the release has a last axis of 1
            np.save(folder / f"{part}_labels.npy", labels[rows].astype(np.int64))


def write_imagenet(data, classes, train, val):
    """imagenet/{train,val}/<class>/<image>.JPEG, of several shapes."""
    from PIL import Image

    generator = np.random.default_rng(0)
    for part, count in (("train", train), ("val", val)):
        for number in range(classes):
            folder = data / "images" / "imagenet" / part / f"n{number:08}"
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = generator.integers(0, 256, (40 + 4 * i, 56, 3), np.uint8)
                Image.fromarray(pixels).save(folder / f"n{number:08}_{i}.JPEG")
