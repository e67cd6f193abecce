"""The plan of the learning-to-hash study: which units stand behind each system on each domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reprise.experiment.unit import seed_for
from reprise.studies.hash_units import adaptation, cost, evaluation, orthants, quality, training
from reprise.studies.hash_units.preparation import Preparation
from reprise.studies.hash_units.spec import group_of

UNTRAINED = ("dense", "fp16", "sq8", "pca", "pca-fair", "pq", "opq", "opq-source", "lsh", "itq")
BEYOND = ("signs", "signs-hamming", "rabitq", "truncated")


class HashPlan(Preparation):
    """Trainings and evaluations on what the preparation made."""

    # -- trainings --------------------------------------------------------------------------------

    def trained(self, system: str, how: str, domain: str, seed: int) -> str:
        """The unit that trains a system ("dense", "bpr", "jpq") for a domain, adapted or not."""
        t, m, (start, model) = self.p.training, self.p.method, self.base
        name = f"train/{system}/{seed}" if how == "none" else f"train/{system}+{how}/{domain}/{seed}"
        number = seed_for("hash", f"{system}+{how}", domain if how != "none" else "source", seed)
        if system == "bpr" and how == "none":
            return self.heavy(
                name,
                training.train_hash,
                {
                    "start": start,
                    "loop": t.loop("bpr"),
                    "limits": t.limits,
                    "hashing": m.hashing,
                    "mined": t.mined,
                    "depth": t.negative_depth,
                },
                {"collection": self.collection("source"), "base": self.vectors("source"), **model},
                number,
            )
        if system == "jpq":
            return self._trained_product(name, how, domain, number)
        made = {"queries": self.queries(domain)} if how == "genq" else {"labels": self.labels(domain)}
        own = {"scale": m.jpq_scale} if system == "dense" else {"hashing": m.hashing}
        return self.heavy(
            name,
            adaptation.adapt_dense if system == "dense" else adaptation.adapt_hash,
            {"method": how, "start": start, "loop": t.loop(f"adapt-{system}"), "limits": t.limits, **own},
            {"collection": self.collection(domain), **made, **model},
            number,
        )

    def _trained_product(self, name: str, how: str, domain: str, number: int) -> str:
        t, m, (start, model) = self.p.training, self.p.method, self.base
        at = "source" if how == "none" else domain
        needs = {
            "collection": self.collection(at),
            "base": self.vectors(at),
            "codebook": self.codebook(at),
            **model,
        }
        shared = {"start": start, "trained_layers": t.trained_layers}
        if how == "none":
            own = {"loop": t.loop("jpq"), "method": m.product(m.jpq_depth)}
            return self.heavy(name, training.train_product, {**shared, **own}, needs, number)
        teacher, trained = self.teacher() if how == "gpl" else (None, {})
        labels = {"labels": self.labels(domain)} if how == "gpl" else {}
        depth = self.p.adaptation.live_negatives if how == "gpl" else m.jpq_depth
        return self.heavy(
            name,
            adaptation.adapt_product,
            {
                **shared,
                "method": how,
                "loop": t.loop("adapt-jpq"),
                "settings": m.product(depth),
                "teacher": teacher,
                "precision": self.p.precision,
                "max_tokens": t.pair_tokens,
            },
            {**needs, **trained, **labels, "queries": self.queries(domain)},
            number,
        )

    # -- evaluations ------------------------------------------------------------------------------

    def judged(self, domain: str) -> dict[str, Any]:
        """What is evaluated on a domain."""
        return {"split": self.split(domain), "dataset": domain, "measures": list(self.p.measures)}

    def untrained(self, domain: str) -> str:
        """Cells of every index that needs vectors only."""
        m = self.p.method
        jpq_needs_codebook = {"codebook": self.codebook("source")}
        return self.add(
            f"evaluate/untrained/{domain}",
            evaluation.evaluate_untrained,
            {
                "judged": self.judged(domain),
                "depth": self.p.depth,
                "methods": [*UNTRAINED, *BEYOND],
                "subspaces": m.subspaces,
                "bits": m.bits,
                "iterations": m.opq_iterations,
                "pca_dimensions": m.pca_dimensions,
                "candidates": m.candidates,
            },
            {"collection": self.collection(domain), "base": self.vectors(domain), **jpq_needs_codebook},
        )

    def system(self, system: str, how: str, domain: str, seed: int) -> str:
        """Cells of a trained system on a domain."""
        key = system if how == "none" else f"{system}+{how}"
        needs = {"collection": self.collection(domain)}
        released = self.p.released.get(key)
        if not released:
            needs["model"] = self.trained(system, how, domain, seed)
        parameters: dict[str, Any] = {
            "judged": self.judged(domain),
            "depth": self.p.depth,
            "factors": {"method": system, "adaptation": how},
            "reading": self.reading(),
        }
        name = f"evaluate/{key}/{domain}/{seed}"
        if system == "jpq" and released:
            towers = [tower.format(dataset=group_of(domain)) for tower in released]
            return self.heavy(name, evaluation.evaluate_towers, {**parameters, "towers": towers}, needs)
        if system == "jpq":
            needs["base"] = self.vectors(domain)
            return self.heavy(name, evaluation.evaluate_product, parameters, needs)
        own = {
            "encoder": str(released).format(dataset=group_of(domain)) if released else None,
            "candidates": self.p.method.candidates if system == "bpr" else None,
        }
        return self.heavy(name, evaluation.evaluate_encoder, {**parameters, **own}, needs)

    # -- the rest ---------------------------------------------------------------------------------

    def quality(self) -> list[str]:
        """How good generators and teacher are, on the source."""
        a, (encoder, model), (teacher, trained) = self.p.adaptation, self.base, self.teacher()
        needs = {"collection": self.collection("source"), "base": self.vectors("source")}
        made = [
            self.heavy(
                "quality/generators",
                quality.generator_quality,
                {
                    "generators": ["extractive", "seq2seq"],
                    "released": a.released_generator,
                    "held_out": a.held_out,
                    "encoder": encoder,
                    "reading": self.reading(),
                },
                {**needs, **model, **self.generator("seq2seq")},
                seed=seed_for("hash", "generator quality", "source"),
            )
        ]
        if self.p.development:
            made.append(
                self.heavy(
                    "quality/teacher",
                    quality.teacher_quality,
                    {
                        "judged": {
                            "split": self.p.development,
                            "dataset": "source, development",
                            "measures": ["nDCG@10"],
                        },
                        "depth": 20,
                        "teacher": teacher,
                        "precision": self.p.precision,
                        "max_tokens": self.p.training.pair_tokens,
                        "most": 60,
                    },
                    {**needs, **trained},
                )
            )
        return made

    def orthants(self, domain: str, systems: Mapping[str, Mapping[str, str]]) -> str:
        """Where codes lie; `systems` maps a unit (or "base") to the factors of its codes."""
        roles = {unit: unit for unit in systems if unit != "base"}
        return self.add(
            f"orthants/{domain}",
            orthants.measure_orthants,
            {"dataset": domain, "systems": dict(systems), "radii": list(self.p.radii)},
            {"base": self.vectors(domain), **roles},
        )

    def cost(self, count: int) -> str:
        """Sizes and times on so many synthetic vectors."""
        c = self.p.cost
        return self.add(
            f"cost/{count}",
            cost.measure_cost,
            {
                "count": count,
                "dim": c.dim,
                "methods": list(c.methods),
                "queries": c.queries,
                "depth": self.p.depth,
                "candidates": c.candidates,
                "repeats": c.repeats,
            },
            seed=seed_for("hash", "cost", str(count)),
            memory_gb=2.0 + 1e-9 * 2 * 4 * count * c.dim,  # the vectors, and a flat index of them
        )
