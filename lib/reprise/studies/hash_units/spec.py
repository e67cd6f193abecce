"""What the learning-to-hash study can be told: domains, trainings, indexes, and the sizes that are timed."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from reprise.experiment.study import Parameters
from reprise.retrieval.checkpoint import MINILM
from reprise.studies.retrieval_units.collections import CollectionSpec

Kind = Literal["base", "bpr", "jpq", "adapt-dense", "adapt-bpr", "adapt-jpq", "teacher", "generator"]

SYSTEMS = ("bpr", "jpq")
ADAPTATIONS = ("genq", "gpl")


def group_of(target: str) -> str:
    """The set that a target belongs to: itself, or what stands before the slash of a part of a larger set.

    >>> group_of("scifact"), group_of("cqadupstack/android")
    ('scifact', 'cqadupstack')
    """
    return target.partition("/")[0]


def pydocs_domain(*domains: str, **options: Any) -> CollectionSpec:
    """Some libraries of pydocs as a domain of the study."""
    return CollectionSpec(name="pydocs", options={"domains": list(domains), **options})


class HashTraining(Parameters):
    """How everything is trained: what two cores can do in minutes.

    The teacher's steps, rate, negatives and length were chosen on the source's dev topics, so that it ranks
    better than the retriever that it teaches; other rates were not searched for. `trained_layers` is how many
    top layers of an encoder move (None: all). `mined` negatives a source query, `teacher_mined` for the
    teacher, come from the first `negative_depth` documents of the uncompressed retriever.
    """

    steps: dict[Kind, int] = {
        "base": 30,
        "bpr": 30,
        "jpq": 40,
        "adapt-dense": 30,
        "adapt-bpr": 30,
        "adapt-jpq": 40,
        "teacher": 200,
        "generator": 60,
    }
    rates: dict[Kind, float] = {
        "base": 5e-5,
        "bpr": 5e-5,
        "jpq": 5e-5,
        "adapt-dense": 5e-5,
        "adapt-bpr": 5e-5,
        "adapt-jpq": 5e-5,
        "teacher": 1e-4,
        "generator": 3e-4,
    }
    batch_size: int = Field(default=8, ge=2)
    jpq_batch_size: int = Field(default=16, ge=1)
    teacher_batch_size: int = Field(default=8, ge=1)
    teacher_negatives: int = Field(default=3, ge=1)
    teacher_mined: int = Field(default=20, ge=1)
    trained_layers: int | None = 2
    mined: int = Field(default=4, ge=1)
    negative_depth: int = Field(default=50, ge=1)
    query_tokens: int = Field(default=24, ge=4)
    document_tokens: int = Field(default=48, ge=8)
    pair_tokens: int = Field(default=128, ge=16)
    decoder_layers: int = Field(default=2, ge=1)
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    checkpoint_every: int = Field(default=20, ge=1)

    def loop(self, kind: Kind) -> dict[str, Any]:
        """The training loop's settings for one kind of training."""
        batch = {
            "jpq": self.jpq_batch_size,
            "adapt-jpq": self.jpq_batch_size,
            "teacher": self.teacher_batch_size,
        }
        return {
            "steps": self.steps[kind],
            "learning_rate": self.rates[kind],
            "batch_size": batch.get(kind, self.batch_size),
            "precision": self.precision,
            "dropout": False,
            "checkpoint_every": self.checkpoint_every,
        }

    @property
    def limits(self) -> dict[str, Any]:
        """Lengths in training, and what of an encoder is trained."""
        return {
            "max_query_tokens": self.query_tokens,
            "max_document_tokens": self.document_tokens,
            "trained_layers": self.trained_layers,
        }


class HashMethod(Parameters):
    """BPR's and JPQ's own settings; see `HashSettings` and `JpqSettings` for what they mean."""

    alpha: float = Field(default=2.0, ge=0)
    gamma: float = Field(default=0.1, ge=0)
    norm: float | None = 10.0
    scale: float = Field(default=0.1, gt=0)
    pooling: Literal["mean", "cls"] = "mean"
    candidates: int = Field(default=100, ge=1)
    subspaces: int = Field(default=48, ge=1)
    bits: int = Field(default=8, ge=1, le=8)
    opq_iterations: int = Field(default=20, ge=1)
    jpq_depth: int = Field(default=200, ge=1)
    rank_cut: int = Field(default=200, ge=1)
    centroid_rate: float = Field(default=5e-4, gt=0)
    jpq_scale: float = Field(default=20.0, gt=0)
    pca_dimensions: int = Field(default=128, ge=1)

    @property
    def hashing(self) -> dict[str, Any]:
        """BPR's settings."""
        return self.model_dump(include={"alpha", "gamma", "norm", "scale", "pooling"})

    def product(self, depth: int) -> dict[str, Any]:
        """JPQ's settings with so many documents searched a query."""
        return {
            "depth": depth,
            "rank_cut": self.rank_cut,
            "centroid_rate": self.centroid_rate,
            "scale": self.jpq_scale,
            "norm": None if self.norm is None else 1.0,
            "pooling": self.pooling,
        }


class Adaptation(Parameters):
    """GenQ and GPL: `budget` queries a target in all, at least `at_least` a document that is used.

    `generator` is "extractive" or "seq2seq"; `released_generator` names one instead of the one trained here.
    `miners` are encoders beside the uncompressed retriever that mine negatives. `live_negatives` is how many
    documents JPQ+GPL takes from the live index at a step. `calibrate` multiplies the teacher's logits with
    a number, one a target, so that its margins spread as far as the uncompressed retriever's (see
    `margin_factor`); those of the paper have one scale. `uncompressed` are the adaptations that the
    uncompressed retriever gets too; trained here it averages tokens, as MiniLM does.
    """

    generator: Literal["extractive", "seq2seq"] = "extractive"
    released_generator: str | None = None
    held_out: int = Field(default=100, ge=2)
    budget: int = Field(default=300, ge=1)
    at_least: int = Field(default=1, ge=1)
    miners: tuple[str, ...] = (MINILM,)
    negative_depth: int = Field(default=50, ge=1)
    tuples_a_query: int = Field(default=1, ge=1)
    live_negatives: int = Field(default=8, ge=1)
    calibrate: bool = True
    uncompressed: tuple[Literal["genq", "gpl"], ...] = ADAPTATIONS


class Cost(Parameters):
    """The synthetic vectors on which indexes are weighed and timed."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    dim: int = Field(default=768, ge=8, multiple_of=8)
    methods: tuple[Literal["sq8", "bpr", "jpq", "rabitq"], ...] = ("sq8", "bpr", "jpq", "rabitq")
    queries: int = Field(default=30, ge=1)
    candidates: int = Field(default=1000, ge=1)
    repeats: int = Field(default=3, ge=1)


class LearningToHashParameters(Parameters):
    """The whole study; the defaults are the `default` profile.

    `base` is the uncompressed retriever, trained on the source unless `train_base` is False. `released` maps
    a system ("bpr", "bpr+gpl", "jpq", ...) to a checkpoint used in the place of training, "{dataset}" being
    the target; for JPQ a pair, query tower first. Targets "set/part" are parts of one set, which counts once
    in averages and has one checkpoint for all of them. The first seed serves every system, the others the
    main ones. `threads` and `memory_gb` are those of one unit that encodes, trains or evaluates: a corpus of
    8.8 million vectors takes 27 GB. With `skip_missing` a target that is not here is left out and named.
    """

    source: CollectionSpec = pydocs_domain("numpy", "scipy")
    targets: dict[str, CollectionSpec] = {
        "pandas": pydocs_domain("pandas"),
        "sklearn": pydocs_domain("sklearn"),
    }
    development: str | None = "dev"
    base: str = MINILM
    train_base: bool = True
    teacher: str | None = None
    start: str = MINILM
    released: dict[str, str | tuple[str, str]] = {}
    training: HashTraining = HashTraining()
    method: HashMethod = HashMethod()
    adaptation: Adaptation = Adaptation()
    cost: Cost = Cost()
    seeds: tuple[int, ...] = Field(default=(0, 1, 2), min_length=1)
    radii: tuple[float, ...] = (0.3, 0.35, 0.4, 0.45, 0.5)
    measures: tuple[str, ...] = ("nDCG@10", "R@100")
    depth: int = Field(default=100, ge=10)
    document_tokens: int = Field(default=64, ge=8)
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    threads: int = Field(default=1, ge=1)
    memory_gb: float = Field(default=3.0, gt=0)
    skip_missing: bool = False

    @model_validator(mode="after")
    def _has_targets(self) -> LearningToHashParameters:
        if not self.targets:
            raise ValueError("there is no target domain")
        if {"source", "average"} & set(self.targets):
            raise ValueError("a target domain cannot be called source or average")
        if "nDCG@10" not in self.measures:
            raise ValueError("nDCG@10 is the paper's measure and must be among the measures")
        return self
