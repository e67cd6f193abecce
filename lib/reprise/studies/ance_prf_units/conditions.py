"""The conditions for one retriever on one dataset, as units, and which pairs of them are tested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from reprise.experiment.unit import seed_for
from reprise.studies.ance_prf_units import analyse, cost, evaluate
from reprise.studies.ance_prf_units.plan import PrfPlan
from reprise.studies.retrieval_units.collections import CollectionSpec
from reprise.studies.retrieval_units.parameters import DenseSpec

Factors = dict[str, str]

SYSTEM = {"system": "ance-prf"}
RETRAINED = {**SYSTEM, "training": "retrained"}
UNCHANGED = "unchanged"


class Condition(NamedTuple):
    """A unit with cells and the factors of the system that it evaluates."""

    unit: str
    factors: Factors


class Conditions:
    """Adds a retriever's conditions to a plan; `evaluated` and `pairs` are what `compare_systems` takes."""

    def __init__(self, plan: PrfPlan, spec: CollectionSpec, split: str, retriever: DenseSpec) -> None:
        self.plan, self.p = plan, plan.parameters
        self.spec, self.split, self.retriever = spec, split, retriever
        self.place = f"{spec.name}/{split}/{retriever.name}"
        self.dense = {"dense": retriever.name}
        self.base = {**self.dense, "system": "base"}
        self.evaluated: list[str] = []
        self.pairs: list[tuple[Factors, Factors]] = []

    def add_all(self) -> None:
        """Everything that the parameters ask for."""
        main = []
        baselines = self._baselines()
        if self.p.train:
            main.append(self._untrained())
            main.append(self._retrained())
            main.append(self._fused())
            if self.retriever.name == self.p.variants_on:
                self._variants()
        for k, checkpoint in self.p.checkpoints.get(self.retriever.name, {}).items():
            main.append(self._released(k, checkpoint))
        self._analysis([baselines, *main])

    def _baselines(self) -> str:
        p = self.p
        unit = self.plan.add(
            f"baselines/{self.place}",
            evaluate.evaluate_baselines,
            {
                "judged": self.plan.judged(self.spec, self.split),
                "searched": self.plan.searched(self.retriever),
                "factors": self.dense,
                "k": p.main_k,
                "vector_prf": {name: weights.model_dump() for name, weights in p.vector_prf.items()},
                "weight": p.weight,
                "sparse": p.sparse[0],
            },
            self.plan.search_needs(self.spec, self.split, self.retriever),
        )
        self.evaluated.append(unit)
        self.pairs += [({**self.dense, "system": n, "k": str(p.main_k)}, self.base) for n in p.vector_prf]
        return unit

    def _untrained(self) -> str:
        """The retriever's own encoder, reading the same passages in the same form before any step."""
        factors = {**self.dense, **SYSTEM, "training": "untrained", "k": str(self.p.main_k)}
        unit = self._read_untrained(factors)
        self.evaluated.append(unit)
        trained = {**self.dense, **RETRAINED, "k": str(self.p.main_k)}
        self.pairs += [(factors, self.base), (trained, factors)]
        return unit

    def _read_untrained(self, factors: Factors, *, on_dev: bool = False) -> str:
        plan, p, k = self.plan, self.p, self.p.main_k
        split, dataset = p.dev_split if on_dev else self.split, self.spec.dataset(self.split)
        queries = plan.read_topics(
            self.spec,
            split,
            self.retriever,
            k,
            form=p.prf.form(),
            label=f"{self.retriever.name}/untrained/k{k}",
        )
        named = f"{dataset}-dev" if on_dev else dataset
        return plan.evaluated(self.spec, split, self.retriever, queries, factors, dataset=named)

    def _retrained(self) -> str:
        """Every k; the main one with all its seeds, averaged."""
        p, main = self.p, ""
        for k in p.ks:
            factors = {**self.dense, **RETRAINED, "k": str(k)}
            if k == p.main_k:
                runs = [
                    self._trained(k, {**factors, "seed": str(seed)}, repetition=seed)
                    for seed in range(p.seeds)
                ]
                unit = main = self.plan.add(
                    f"mean/{self.place}/k{k}",
                    analyse.average_seeds,
                    {"evaluated": runs, "factors": factors},
                    {run: run for run in runs},
                )
            else:
                unit = self._trained(k, factors)
            self.evaluated.append(unit)
            self.pairs.append((factors, self.base))
        trained = {**self.dense, **RETRAINED, "k": str(p.main_k)}
        self.pairs += [(trained, {**self.dense, "system": n, "k": str(p.main_k)}) for n in p.vector_prf]
        return main

    def _trained(
        self, k: int, factors: Factors, *, variant: str = "", repetition: int = 0, on_dev: bool = False
    ) -> str:
        plan, p = self.plan, self.p
        training = p.prf.changed(p.variants[variant]) if variant else p.prf
        model = plan.model(self.spec, self.retriever, training, k, variant=variant, repetition=repetition)
        split = p.dev_split if on_dev else self.split
        dataset = self.spec.dataset(self.split)
        queries = plan.read_topics(self.spec, split, self.retriever, k, model=model)
        label = "/unchanged" if factors.get("variant") == UNCHANGED else ""
        return plan.evaluated(
            self.spec,
            split,
            self.retriever,
            queries,
            factors,
            label=label,
            dataset=f"{dataset}-dev" if on_dev else dataset,
        )

    def _fused(self) -> str:
        plan, k = self.plan, self.p.main_k
        model = plan.model(self.spec, self.retriever, self.p.prf, k)
        factors = {**self.dense, **RETRAINED, "k": str(k)}
        read = {
            role: plan.read_topics(
                self.spec, self.split, self.retriever, k, model=model, fused=role == "fused"
            )
            for role in ("dense", "fused")
        }
        unit = plan.add(
            f"fused/{self.place}",
            evaluate.evaluate_fused,
            {
                "judged": plan.judged(self.spec, self.split),
                "searched": plan.searched(self.retriever),
                "factors": factors,
                "weight": self.p.weight,
                "sparse": self.p.sparse[0],
            },
            {**plan.search_needs(self.spec, self.split, self.retriever), **read},
        )
        self.evaluated.append(unit)
        fused = {"sparse": self.p.sparse[0]}
        alone = {**self.base, **fused, "stage": "no-prf"}
        for stage in evaluate.FUSED:
            at = {**fused, "stage": stage}
            rocchio = {**self.dense, "system": next(iter(self.p.vector_prf)), "k": str(k), **at}
            self.pairs += [({**factors, **at}, alone), ({**factors, **at}, rocchio)]
        return unit

    def _variants(self) -> None:
        """One changed setting each, beside the same run unchanged; all on dev, the paper's on test too."""
        p, k = self.p, self.p.main_k
        factors = {**self.dense, **RETRAINED, "k": str(k)}
        unchanged = {**factors, "variant": UNCHANGED}
        if p.variants:
            self.evaluated.append(self._trained(k, unchanged))
            if p.dev_split is not None:  # what the ledger's gate compares with
                start = {**self.dense, **SYSTEM, "training": "untrained", "k": str(k)}
                self._read_untrained(start, on_dev=True)
        for name in [UNCHANGED, *p.variants]:
            changed, variant = {**factors, "variant": name}, "" if name == UNCHANGED else name
            if p.dev_split is not None and p.variants:
                self._trained(k, changed, variant=variant, on_dev=True)
            if variant in p.tested:
                self.evaluated.append(self._trained(k, changed, variant=variant))
                self.pairs.append((changed, unchanged))

    def _released(self, k: int, checkpoint: str) -> str:
        """The authors' checkpoint as it is to be used, and with the case of the text left as it is."""
        cases, units = {"lower": {}, "mixed": {"lower_case": False}}, {}
        for case, form in cases.items():
            factors = {**self.dense, **SYSTEM, "training": "released", "k": str(k), "case": case}
            queries = self.plan.read_topics(
                self.spec,
                self.split,
                self.retriever,
                k,
                checkpoint=checkpoint,
                form=form,
                label=f"{self.retriever.name}/released/k{k}/{case}",
            )
            units[case] = Condition(
                self.plan.evaluated(self.spec, self.split, self.retriever, queries, factors), factors
            )
            self.evaluated.append(units[case].unit)
        self.pairs += [
            (units["lower"].factors, self.base),
            (units["lower"].factors, units["mixed"].factors),
        ]
        return units["lower"].unit

    def _analysis(self, evaluated: list[str]) -> None:
        plan, p = self.plan, self.p
        judged = plan.judged(self.spec, self.split)
        plan.add(
            f"feedback/{self.place}",
            analyse.analyse_feedback,
            {
                "judged": judged,
                "evaluated": evaluated,
                "base": self.base,
                "measure": "nDCG@10" if "nDCG@10" in p.measures else p.measures[0],
                "k": p.main_k,
            },
            {
                "collection": plan.collection(self.spec),
                "first": plan.dense_run(self.spec, self.split, self.retriever),
                **{unit: unit for unit in evaluated},
            },
        )
        checkpoint = p.checkpoints.get(self.retriever.name, {}).get(p.main_k)
        if not p.cost_queries or not (p.train or checkpoint):
            return
        trained = {"trained": plan.model(self.spec, self.retriever, p.prf, p.main_k)} if p.train else {}
        plan.add(
            f"cost/{self.place}",
            cost.measure_cost,
            {
                "split": self.split,
                "dataset": judged["dataset"],
                "factors": self.dense,
                "training": "retrained" if p.train else "released",
                "source": plan.source(self.retriever, checkpoint),
                "form": {},
                "k": p.main_k,
                "weights": next(iter(p.vector_prf.values())).model_dump(),
                "queries": p.cost_queries,
                "repeats": 2,
                "depth": p.depth,
                "precision": p.precision,
                "prebuilt": self.retriever.index,
                "texts": self.spec.bm25_index,
            },
            {
                "collection": plan.collection(self.spec),
                **plan.dense_index(self.spec, self.retriever),
                **plan.trained_retriever(self.retriever),
                **trained,
            },
            heavy=True,
        )


def add_comparisons(plan: PrfPlan, dataset: str, conditions: list[Conditions]) -> None:
    """The unit that tests the pairs of all retrievers on a dataset: one family a measure."""
    evaluated = list(dict.fromkeys(unit for c in conditions for unit in c.evaluated))
    pairs: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [pair for c in conditions for pair in c.pairs]
    plan.add(
        f"compare/{dataset}",
        analyse.compare_systems,
        {"evaluated": evaluated, "pairs": pairs},
        {unit: unit for unit in evaluated},
        seed=seed_for("ance_prf", "compare", dataset),
    )
