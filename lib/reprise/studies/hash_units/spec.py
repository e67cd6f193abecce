"""What the learning-to-hash study can be told: domains, trainings, indexes, and the sizes that are timed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PlainValidator, model_validator

from reprise.experiment.precision import Precision
from reprise.experiment.study import Parameters
from reprise.experiment.values import (
    BatchSize,
    Count,
    Depth,
    Distinct,
    Factor,
    Name,
    Positive,
    Rate,
    Repetitions,
    Seed,
    Several,
    Share,
    Tokens,
    Workers,
    complete,
    each_once,
    misfit,
)
from reprise.retrieval.checkpoint import MINILM, check_name
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.values import Checkpoint, Encoder, Measures, dimension_of, layers_of

Kind = Literal["base", "bpr", "jpq", "adapt-dense", "adapt-bpr", "adapt-jpq", "teacher", "generator"]

SYSTEMS = ("bpr", "jpq")
ADAPTATIONS = ("genq", "gpl")

ReleasedSystem = Literal[
    "bpr", "bpr+genq", "bpr+gpl", "jpq", "jpq+genq", "jpq+gpl", "dense+genq", "dense+gpl"
]
Layers = Annotated[int, Field(ge=1, le=100)]
Dimensions = Annotated[int, Field(ge=1, le=65_536)]


def _check_released(given: Any) -> str | tuple[str, str]:
    if isinstance(given, str):
        return _check_template(given)
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(isinstance(n, str) for n in given):
        raise ValueError("must be a checkpoint, or for JPQ a pair of them")
    return _check_template(given[0]), _check_template(given[1])


def _check_template(name: str) -> str:
    try:
        filled = name.format(dataset="target")
    except (LookupError, ValueError):
        raise ValueError("in braces there may only be {dataset}") from None
    check_name(filled)
    return name


Released = Annotated[Any, PlainValidator(_check_released)]
"""A checkpoint, or a pair of them: query tower and document tower; "{dataset}" stands for the target."""


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

    steps: Annotated[dict[Kind, Count], complete(*get_args(Kind))] = {
        "base": 30,
        "bpr": 30,
        "jpq": 40,
        "adapt-dense": 30,
        "adapt-bpr": 30,
        "adapt-jpq": 40,
        "teacher": 200,
        "generator": 60,
    }
    rates: Annotated[dict[Kind, Rate], complete(*get_args(Kind))] = {
        "base": 5e-5,
        "bpr": 5e-5,
        "jpq": 5e-5,
        "adapt-dense": 5e-5,
        "adapt-bpr": 5e-5,
        "adapt-jpq": 5e-5,
        "teacher": 1e-4,
        "generator": 3e-4,
    }
    batch_size: Annotated[BatchSize, Field(ge=2)] = 8
    jpq_batch_size: BatchSize = 16
    teacher_batch_size: BatchSize = 8
    teacher_negatives: Depth = 3
    teacher_mined: Depth = 20
    trained_layers: Layers | None = 2
    mined: Depth = 4
    negative_depth: Depth = 50
    query_tokens: Tokens = 24
    document_tokens: Tokens = 48
    pair_tokens: Annotated[Tokens, Field(ge=16)] = 128
    decoder_layers: Layers = 2
    precision: Precision = "auto"
    checkpoint_every: Count = 20

    @model_validator(mode="after")
    def _fits(self) -> HashTraining:
        for name in ("mined", "teacher_mined", "teacher_negatives"):
            if getattr(self, name) > self.negative_depth:
                what = f"must be at most negative_depth, {self.negative_depth}"
                raise misfit(name, what, getattr(self, name))
        return self

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

    alpha: Factor = 2.0
    gamma: Factor = 0.1
    norm: Positive | None = 10.0
    scale: Positive = 0.1
    pooling: Literal["mean", "cls"] = "mean"
    candidates: Count = 100
    subspaces: Dimensions = 48
    bits: Annotated[int, Field(ge=1, le=8)] = 8
    opq_iterations: Repetitions = 20
    jpq_depth: Depth = 200
    rank_cut: Depth = 200
    centroid_rate: Rate = 5e-4
    jpq_scale: Positive = 20.0
    pca_dimensions: Dimensions = 128

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
    released_generator: Checkpoint | None = None
    held_out: Annotated[Count, Field(ge=2)] = 100
    budget: Count = 300
    at_least: Repetitions = 1
    miners: Annotated[Distinct[Encoder], each_once(lambda name: name.rsplit("/", 1)[-1])] = (MINILM,)
    negative_depth: Depth = 50
    tuples_a_query: Repetitions = 1
    live_negatives: Depth = 8
    calibrate: bool = True
    uncompressed: Distinct[Literal["genq", "gpl"]] = ADAPTATIONS

    @model_validator(mode="after")
    def _fits(self) -> Adaptation:
        if self.budget < self.at_least:
            raise misfit("budget", f"must be at least at_least, {self.at_least}", self.budget)
        if self.tuples_a_query > self.negative_depth:
            what = f"must be at most negative_depth, {self.negative_depth}"
            raise misfit("tuples_a_query", what, self.tuples_a_query)
        for name in self.miners:
            if name.rsplit("/", 1)[-1] == "base":
                raise misfit("miners", "the name is that of the uncompressed retriever", name)
        return self


class Cost(Parameters):
    """The synthetic vectors on which indexes are weighed and timed."""

    sizes: Several[Annotated[Count, Field(ge=256)]] = (10_000, 100_000, 1_000_000)
    dim: Annotated[Dimensions, Field(multiple_of=8)] = 768
    methods: Several[Literal["sq8", "bpr", "jpq", "rabitq"]] = ("sq8", "bpr", "jpq", "rabitq")
    queries: Count = 30
    candidates: Count = 1000
    repeats: Repetitions = 7

    @model_validator(mode="after")
    def _fits(self) -> Cost:
        if "jpq" in self.methods and min(self.sizes) < self.dim:
            raise misfit("sizes", f"must be at least dim, {self.dim}, for OPQ to be fitted", min(self.sizes))
        if self.repeats > self.queries:
            raise misfit("repeats", f"must be at most queries, {self.queries}", self.repeats)
        return self


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
    targets: Annotated[dict[Name, CollectionSpec], Field(min_length=1)] = {
        "pandas": pydocs_domain("pandas"),
        "sklearn": pydocs_domain("sklearn"),
    }
    development: Name | None = "dev"
    base: Encoder = MINILM
    train_base: bool = True
    teacher: Checkpoint | None = None
    start: Checkpoint = MINILM
    released: dict[ReleasedSystem, Released] = {}
    training: HashTraining = Field(default_factory=HashTraining)
    method: HashMethod = HashMethod()
    adaptation: Adaptation = Adaptation()
    cost: Cost = Cost()
    seeds: Several[Seed] = (0, 1, 2)
    radii: Several[Share] = (0.3, 0.35, 0.4, 0.45, 0.5)
    measures: Measures = ("nDCG@10", "R@100")
    depth: Annotated[Depth, Field(ge=10)] = 100
    document_tokens: Tokens = 64
    precision: Precision = "auto"
    threads: Workers = 1
    memory_gb: Positive = 3.0
    skip_missing: bool = False

    @model_validator(mode="after")
    def _fits(self) -> LearningToHashParameters:
        for name, spec in (("source", self.source), *((f"targets.{n}", t) for n, t in self.targets.items())):
            if len(spec.splits) > 1:
                raise misfit(f"{name}.splits", "a domain is evaluated on one split", list(spec.splits))
        if wrong := {"source", "average"} & set(self.targets):
            raise misfit("targets", "a target domain cannot be called source or average", sorted(wrong))
        if self.development is not None:
            self.source.check_split(self.development, "development")
        if self._trains_on_source():
            self.source.check_trainable("train", "source")
        if not self.train_base and self.teacher and not {"bpr", "jpq"} <= set(self.released):
            what = "without train_base and with a released teacher these must be released too: bpr, jpq"
            raise misfit("released", what, sorted(self.released))
        for name, given in self.released.items():
            if isinstance(given, str) == name.startswith("jpq"):
                what = "JPQ has two towers and takes a pair of checkpoints, the others take one"
                raise misfit(f"released.{name}", what, given)
        if min(self.cost.sizes) < self.depth:
            what = f"must be at least depth, the length of the list, {self.depth}"
            raise misfit("cost.sizes", what, min(self.cost.sizes))
        self._check_dimensions()
        return self

    def _trains_on_source(self) -> bool:
        return self.train_base or not self.teacher or not self.adaptation.released_generator

    def _check_dimensions(self) -> None:
        """What must divide or fit the vectors of the uncompressed retriever, where their length is known."""
        dim, layers, m = dimension_of(self.base), layers_of(self.base), self.method
        if dim is not None:
            if dim % m.subspaces:
                raise misfit("method.subspaces", f"must divide the {dim} dimensions of base", m.subspaces)
            if m.pca_dimensions > dim:
                raise misfit("method.pca_dimensions", f"base has {dim} dimensions", m.pca_dimensions)
        if layers is not None and (self.training.trained_layers or 0) > layers:
            raise misfit("training.trained_layers", f"base has {layers} layers", self.training.trained_layers)
        layers = layers_of(self.start)
        if layers is not None and self.training.decoder_layers > layers:
            raise misfit(
                "training.decoder_layers", f"start has {layers} layers", self.training.decoder_layers
            )
