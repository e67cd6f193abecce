"""Parameters of the sparse network study; their defaults are the default profile."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from reprise.experiment.study import Parameters
from reprise.studies.sparse_units.matched import Pair


class Timing(Parameters):
    """Repetitions, and the seconds after which no more are begun (for a layer shape, or a network).

    Threads are compared in several spells, as the system moves them about.
    """

    repeats: int = Field(default=15, ge=3)
    seconds: float = Field(default=6.0, gt=0)
    spells: int = Field(default=5, ge=1)


class LayerTable(Parameters):
    """One network's 1x1 layers."""

    network: str
    sparsities: tuple[float, ...] = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
    blocks: tuple[Literal[1, 2, 4], ...] = (1, 2, 4)
    most_layers: int = Field(default=0, ge=0)


class Variant(Parameters):
    """A sparse network: its sparsity and block."""

    sparsity: float = Field(ge=0, lt=1)
    block: Literal["1x1", "2x1", "4x1", "paper"] = "paper"


class Network(Parameters):
    """A network at a width, with its sparse variants; `side` 0 is the network's own image size."""

    network: str
    width: float = Field(default=1.0, gt=0)
    variants: tuple[Variant, ...] = ()
    side: int = Field(default=0, ge=0)


class Layouts(Parameters):
    """MobileNet v2 as it was and laid out for the cache, unstructured."""

    sparsity: float = Field(default=0.85, ge=0, lt=1)
    width: float = Field(default=1.0, gt=0)
    side: int = Field(default=224, ge=32)


class Small(Parameters):
    """A small network that is trained here."""

    width: int = Field(ge=2)
    sparsity: float = Field(default=0.0, ge=0, lt=1)
    block: Literal[1, 2, 4] = 1
    method: Literal["dense", "gradual", "one-shot", "random"] = "dense"
    pair: str = ""

    @property
    def label(self) -> str:
        """A name for units."""
        return f"{self.method}-{self.width}-{self.sparsity:g}-{self.block}x1"


class Task(Parameters):
    """An image task, how it is trained, and its networks; those of one `pair` have about equal MACs."""

    task: Literal["parts", "digits", "mnist", "fashion", "cifar"]
    networks: tuple[Small, ...]
    steps: int = Field(default=600, ge=10)
    batch: int = Field(default=64, ge=1)
    rate: float = Field(default=6e-3, gt=0)
    smoothing: float = Field(default=0.05, ge=0, lt=1)
    test: int = Field(default=3000, ge=10)
    seeds: int = Field(default=5, ge=1)


def _v(*given: tuple[float, str]) -> tuple[Variant, ...]:
    return tuple(Variant(sparsity=s, block=b) for s, b in given)


_V1_ALL = _v(
    (0.9, "paper"), (0.9, "1x1"), (0.9, "2x1"), (0.9, "4x1"), (0.0, "4x1"), (0.3, "1x1"), (0.3, "4x1")
)
_V2_ALL = _v((0.85, "paper"), (0.85, "1x1"), (0.85, "2x1"), (0.85, "4x1"))


class Imagenet(Parameters):
    """Training on ImageNet; the paper's own settings could not be read, these are common ones."""

    networks: tuple[Network, ...]
    epochs: int = Field(default=150, ge=1)
    batch: int = Field(default=512, ge=1)
    rate: float = Field(default=0.4, gt=0)
    decay: float = Field(default=4e-5, ge=0)
    smoothing: float = Field(default=0.1, ge=0, lt=1)
    workers: int = Field(default=8, ge=0)


class SparseConvnetsParameters(Parameters):
    """The default: every published network, and two tasks that train in minutes.

    With `skip_missing` a task whose images are not here is left out and named.
    """

    skip_missing: bool = False
    timing: Timing = Timing()
    layer_tables: tuple[LayerTable, ...] = (
        LayerTable(network="mobilenet-v1"),
        LayerTable(network="mobilenet-v2", sparsities=(0.0, 0.7, 0.8, 0.85, 0.9)),
        LayerTable(network="efficientnet-b0", sparsities=(0.0, 0.7, 0.8, 0.9), blocks=(1, 4)),
        LayerTable(network="efficientnet-b1", sparsities=(0.0, 0.8, 0.85), blocks=(1, 4)),
    )
    layer_peers: tuple[str, ...] = ("onednn-packed", "conv2d", "numpy", "torch-csr", "scipy-csr")
    networks: tuple[Network, ...] = (
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
    network_peers: tuple[str, ...] = ("onednn-packed", "torch", "onnxruntime")
    matched: tuple[Pair, ...] = (
        Pair(name="slim 63", dense=(0.5, 63.3), sparse=(0.75, 64.4), block="paper"),
        Pair(name="slim 68", dense=(0.75, 68.4), sparse=(1.0, 68.4), block="paper"),
        Pair(name="slim 71", dense=(1.0, 70.9), sparse=(1.4, 72.0), block="paper"),
        Pair(name="sgk 73", dense=(1.0, 72.7), sparse=(1.3, 72.9), block="1x1"),
        Pair(name="sgk 74", dense=(1.2, 73.8), sparse=(1.5, 73.8), block="1x1"),
        Pair(name="sgk 75", dense=(1.4, 74.8), sparse=(1.8, 74.9), block="1x1"),
    )
    layouts: Layouts | None = Layouts()
    imagenet: Imagenet | None = None
    tasks: tuple[Task, ...] = (
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
