"""Parameters of the sparse network study; their defaults are the default profile."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from reprise.experiment.study import Parameters
from reprise.experiment.values import (
    AtLeastOne,
    BatchSize,
    Count,
    Name,
    Rate,
    Repetitions,
    Several,
    Share,
    ShareBelowOne,
    each_once,
    misfit,
    one_of,
)
from reprise.sparsity.models import FAMILIES
from reprise.sparsity.peers import DENSE_LAYERS, NETWORKS, SPARSE_LAYERS
from reprise.sparsity.pruning import BLOCKS
from reprise.studies.sparse_units.matched import Block, Pair, Width

NetworkName = Annotated[Name, one_of("network", *FAMILIES)]

Rows = Annotated[int, Field(ge=1, le=4), one_of("block", *BLOCKS)]
"""Output channels that share their zeros."""

Side = Annotated[int, Field(ge=32, le=2048)]
"""Pixels of an image's side."""

TEST_IMAGES = {"mnist": 9000, "fashion": 10_000, "cifar": 10_000}
"""Images that may be tested on; of MNIST's 10,000 the others are trained on. The embedded tasks have what is
asked for, "digits" at most its last 797."""


def _own_or_large_enough(side: int) -> int:
    if 0 < side < 32:
        raise ValueError("must be 0, for the network's own, or at least 32")
    return side


class Timing(Parameters):
    """Repetitions, and the seconds after which no more are begun (for a layer shape, or a network).

    Threads are compared in several spells, as the system moves them about.
    """

    repeats: Annotated[Repetitions, Field(ge=3)] = 15
    seconds: Annotated[float, Field(gt=0, le=3600)] = 6.0
    spells: Annotated[int, Field(ge=1, le=100)] = 5


class LayerTable(Parameters):
    """One network's 1x1 layers."""

    network: NetworkName
    sparsities: Several[ShareBelowOne] = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
    blocks: Several[Rows] = (1, 2, 4)
    most_layers: Annotated[int, Field(ge=0, le=1000)] = 0


class Variant(Parameters):
    """A sparse network: its sparsity and block."""

    sparsity: ShareBelowOne
    block: Block = "paper"

    @property
    def label(self) -> str:
        """What tells it from other variants of its network."""
        return f"{self.sparsity:g} {self.block}"


class Network(Parameters):
    """A network at a width, with its sparse variants; `side` 0 is the network's own image size."""

    network: NetworkName
    width: Width = 1.0
    variants: Annotated[tuple[Variant, ...], each_once("label")] = ()
    side: Annotated[int, Field(ge=0, le=2048), AfterValidator(_own_or_large_enough)] = 0

    @property
    def label(self) -> str:
        """A name for units."""
        return f"{self.network}-{self.width:g}"


class Layouts(Parameters):
    """MobileNet v2 as it was and laid out for the cache, unstructured."""

    sparsity: ShareBelowOne = 0.85
    width: Width = 1.0
    side: Side = 224


class Small(Parameters):
    """A small network that is trained here."""

    width: Annotated[int, Field(ge=2, le=1024)]
    sparsity: ShareBelowOne = 0.0
    block: Rows = 1
    method: Literal["dense", "gradual", "one-shot", "random"] = "dense"
    pair: Annotated[str, Field(max_length=60, pattern=r"^(\w[\w.+ -]*)?$")] = ""

    @model_validator(mode="after")
    def _fits(self) -> Small:
        if (self.method == "dense") != (self.sparsity == 0):
            what = 'must be 0 for the method "dense" and above 0 for the others'
            raise misfit("sparsity", what, self.sparsity)
        return self

    @property
    def label(self) -> str:
        """A name for units."""
        return f"{self.method}-{self.width}-{self.sparsity:g}-{self.block}x1"


class Task(Parameters):
    """An image task, how it is trained, and its networks; those of one `pair` have about equal MACs."""

    task: Literal["parts", "digits", "mnist", "fashion", "cifar"]
    networks: Annotated[AtLeastOne[Small], each_once("label")]
    steps: Annotated[Count, Field(ge=10)] = 600
    batch: BatchSize = 64
    rate: Rate = 6e-3
    smoothing: ShareBelowOne = 0.05
    test: Annotated[Count, Field(ge=10)] = 3000
    seeds: Repetitions = 5

    @model_validator(mode="after")
    def _fits(self) -> Task:
        most = TEST_IMAGES.get(self.task, self.test)
        if self.test > most:
            raise misfit("test", f"{self.task} has {most} images to test on", self.test)
        return self


def _v(*given: tuple[float, str]) -> tuple[Variant, ...]:
    return tuple(Variant(sparsity=s, block=b) for s, b in given)


_V1_ALL = _v(
    (0.9, "paper"), (0.9, "1x1"), (0.9, "2x1"), (0.9, "4x1"), (0.0, "4x1"), (0.3, "1x1"), (0.3, "4x1")
)
_V2_ALL = _v((0.85, "paper"), (0.85, "1x1"), (0.85, "2x1"), (0.85, "4x1"))


class Imagenet(Parameters):
    """Training on ImageNet; the paper's own settings could not be read, these are common ones."""

    networks: Annotated[AtLeastOne[Network], each_once("label")]
    epochs: Annotated[int, Field(ge=1, le=10_000)] = 150
    batch: BatchSize = 512
    rate: Rate = 0.4
    decay: Share = 4e-5
    smoothing: ShareBelowOne = 0.1
    workers: Annotated[int, Field(ge=0, le=1024)] = 8

    @model_validator(mode="after")
    def _fits(self) -> Imagenet:
        for place, network in enumerate(self.networks):
            if not network.variants:
                raise misfit(f"networks.{place}.variants", "there must be one to be trained", ())
        return self


class SparseConvnetsParameters(Parameters):
    """The default: every published network, and two tasks that train in minutes.

    With `skip_missing` a task whose images are not here is left out and named.
    """

    skip_missing: bool = False
    timing: Timing = Timing()
    layer_tables: Annotated[AtLeastOne[LayerTable], each_once("network")] = (
        LayerTable(network="mobilenet-v1"),
        LayerTable(network="mobilenet-v2", sparsities=(0.0, 0.7, 0.8, 0.85, 0.9)),
        LayerTable(network="efficientnet-b0", sparsities=(0.0, 0.7, 0.8, 0.9), blocks=(1, 4)),
        LayerTable(network="efficientnet-b1", sparsities=(0.0, 0.8, 0.85), blocks=(1, 4)),
    )
    layer_peers: Several[Annotated[Name, one_of("peer", *DENSE_LAYERS, *SPARSE_LAYERS)]] = (
        "onednn-packed",
        "conv2d",
        "numpy",
        "torch-csr",
        "scipy-csr",
    )
    networks: Annotated[AtLeastOne[Network], each_once("label")] = (
        Network(network="mobilenet-v1", width=0.5),
        Network(network="mobilenet-v1", width=0.75, variants=_v((0.9, "paper"))),
        Network(network="mobilenet-v1", width=1.0, variants=_V1_ALL),
        Network(network="mobilenet-v1", width=1.2),
        Network(network="mobilenet-v1", width=1.3, variants=_v((0.9, "1x1"))),
        Network(network="mobilenet-v1", width=1.4, variants=_v((0.9, "paper"))),
        Network(network="mobilenet-v1", width=1.5, variants=_v((0.9, "1x1"))),
        Network(network="mobilenet-v1", width=1.8, variants=_v((0.9, "1x1"))),
        Network(network="mobilenet-v2", width=0.8, variants=_v((0.85, "paper"))),
        Network(network="mobilenet-v2", width=1.0, variants=_V2_ALL),
        Network(network="mobilenet-v2", width=1.15, variants=_v((0.85, "paper"))),
        Network(network="mobilenet-v2", width=1.4, variants=_v((0.85, "paper"))),
        Network(network="mobilenet-v2", width=1.8, variants=_v((0.8, "1x1"))),
        Network(network="mobilenet-v2", width=2.0, variants=_v((0.85, "paper"))),
        Network(network="efficientnet-b0", variants=_v((0.8, "1x1"), (0.8, "4x1"))),
        Network(network="efficientnet-b1", variants=_v((0.85, "1x1"))),
    )
    network_peers: Several[Annotated[Name, one_of("peer", *NETWORKS)]] = (
        "onednn-packed",
        "torch",
        "onnxruntime",
    )
    matched: Annotated[tuple[Pair, ...], each_once("name")] = (
        Pair(name="slim 63", dense=(0.5, 63.3), sparse=(0.75, 64.4), block="paper"),
        Pair(name="slim 68", dense=(0.75, 68.4), sparse=(1.0, 68.4), block="paper"),
        Pair(name="slim 71", dense=(1.0, 70.9), sparse=(1.4, 72.0), block="paper"),
        Pair(name="sgk 73", dense=(1.0, 72.7), sparse=(1.3, 72.9), block="1x1"),
        Pair(name="sgk 74", dense=(1.2, 73.8), sparse=(1.5, 73.8), block="1x1"),
        Pair(name="sgk 75", dense=(1.4, 74.8), sparse=(1.8, 74.9), block="1x1"),
    )
    layouts: Layouts | None = Layouts()
    imagenet: Imagenet | None = None
    tasks: Annotated[AtLeastOne[Task], each_once("task")] = (
        Task(
            task="parts",
            steps=500,
            networks=(
                Small(width=6, pair="small"),
                Small(width=14, sparsity=0.9, method="gradual", pair="small"),
                Small(width=8, pair="large"),
                Small(width=20, sparsity=0.9, method="gradual", pair="large"),
                Small(width=14, sparsity=0.9, method="gradual", block=2),
                Small(width=14, sparsity=0.9, method="gradual", block=4),
                Small(width=14, sparsity=0.9, method="one-shot"),
                Small(width=14, sparsity=0.9, method="random"),
            ),
        ),
        Task(
            task="digits",
            steps=400,
            networks=(
                Small(width=6, pair="small"),
                Small(width=12, sparsity=0.9, method="gradual", pair="small"),
                Small(width=8, pair="large"),
                Small(width=16, sparsity=0.9, method="gradual", pair="large"),
            ),
        ),
    )

    @model_validator(mode="after")
    def _fits(self) -> SparseConvnetsParameters:
        if not set(self.layer_peers) & set(DENSE_LAYERS):
            what = f"one must be dense, of {', '.join(DENSE_LAYERS)}, for the others to be compared with"
            raise misfit("layer_peers", what, self.layer_peers)
        return self
