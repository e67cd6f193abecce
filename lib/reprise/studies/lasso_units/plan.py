"""The units of the study of Lasso task selection: which experiment is run with what, and what needs what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from reprise.data.images import fingerprint
from reprise.data.mnist_test import mnist_test_fingerprint
from reprise.experiment.unit import Unit, seed_for
from reprise.studies.lasso_units import convnet, images, linear, recovery, scaling, summary, synthetic
from reprise.studies.lasso_units.mnist_test import prepare_mnist_test
from reprise.studies.lasso_units.parameters import PAPERS, ImageSetSpec, LassoParameters, Synthetic

STUDY = "lasso_task_selection"
PAIRS = (("L1", "uniform"), ("L1", "L2"), ("L2", "uniform"))
OURS = ("gradient", "embedding", "shared", "shuffled")
MORE_PAIRS = (
    ("L1", "target only"),
    ("L2", "target only"),
    ("L1", "shuffled"),
    ("gradient", "L1"),
    ("embedding", "L1"),
    ("shared", "L1"),
    ("gradient", "L2"),
)

OUTSIDE = {
    "mnist-C": partial(fingerprint, "mnist"),
    "mnist-test-C": mnist_test_fingerprint,
    "fashion-C": partial(fingerprint, "fashion-mnist"),
    "mnist-C-released": partial(fingerprint, "mnist_c"),
}
"""Image sets that lie outside the project, and what tells one copy from another ("missing" without any)."""


def synthetic_units(p: Synthetic) -> Iterator[Unit]:
    """Units of the synthetic model."""
    seeds = [seed_for(STUDY, "instance", "synthetic", i) for i in range(p.seeds)]
    model = p.model.model_dump(exclude={"cell_timeout"})
    middle = p.budgets[len(p.budgets) // 2]
    for family in p.families:
        for budget in p.budgets:
            yield _unit(
                f"synthetic/{family}/{budget}",
                synthetic.run_strategies,
                {
                    "family": family,
                    "model": model,
                    "budget": budget,
                    "seeds": seeds,
                    "noise": p.noise,
                    "target_samples": p.target_samples,
                    "floor": p.floor,
                    "epochs": p.epochs,
                    "penalty": p.penalty,
                    "known": [*PAPERS, *(p.powers if budget == middle else ())],
                },
            )
        for samples in p.recovery_samples:
            yield _unit(
                f"recovery/{family}/{samples}",
                recovery.recover_relevance,
                {
                    "family": family,
                    "model": model,
                    "samples": samples,
                    "penalties": p.recovery_penalties,
                    "seeds": seeds,
                    "noise": p.noise,
                    "target_samples": p.target_samples,
                },
            )
        for scheme in ("sample", "opening"):
            yield _unit(
                f"costs/{family}/{scheme}",
                recovery.spend_money,
                {
                    "family": family,
                    "model": model,
                    "scheme": scheme,
                    "spread": p.price_spread,
                    "opening": p.opening,
                    "money": p.money,
                    "floor": p.floor,
                    "seeds": seeds,
                    "noise": p.noise,
                    "target_samples": p.target_samples,
                },
            )
    for name, spec in p.scaling.items():
        roles = []
        for value in spec.values:
            roles.append(f"budgets/{name}/{value}")
            yield _unit(
                roles[-1],
                scaling.measure_budgets,
                {
                    "axis": spec.axis,
                    "value": value,
                    "family": spec.family,
                    "model": spec.model.model_dump(exclude={"cell_timeout"}),
                    "strategies": list(PAPERS),
                    "risk": p.risk,
                    "noise": p.noise,
                    "seeds": seeds,
                    "floor": p.floor,
                },
            )
        yield _unit(
            f"slopes/{name}",
            scaling.fit_slopes,
            {"experiment": name, "axis": spec.axis, "roles": roles, "seeds": seeds},
            {role: role for role in roles},
        )


def image_units(p: LassoParameters, spec: ImageSetSpec) -> Iterator[Unit]:
    """Units of one image set: images, both representations, ablations and what is made of them."""
    tasks, kinds = p.images, list(p.images.kinds)
    for seed in range(max(tasks.seeds, tasks.convnet_seeds, p.ablations.seeds)):
        yield _unit(
            f"images/{spec.name}/{seed}",
            prepare_mnist_test if spec.name == "mnist-test-C" else images.prepare_images,
            {"kinds": kinds, **spec.model_dump(exclude={"cell_timeout", "disjoint"})},
            seed=seed_for(STUDY, "images", spec.name, seed),
            inputs={spec.name: OUTSIDE[spec.name]()} if spec.name in OUTSIDE else {},
        )
    shown = [
        10 * kinds.index(kind) + int(digit)
        for kind, digit in (s.split("/") for s in tasks.shown)
        if kind in kinds
    ]
    common = {
        "k": tasks.k,
        "samples": tasks.samples,
        "target_samples": tasks.target_samples,
        "penalty": tasks.penalty,
        "disjoint": spec.disjoint,
    }
    one = {
        **common,
        "strategies": ["target only", *PAPERS, *OURS],
        "epochs": tasks.epochs,
        "ridge": tasks.ridge,
    }
    yield from _image_runs(
        p, spec, "linear", linear.run_linear, one, tasks.seeds, shown, (*PAIRS, *MORE_PAIRS)
    )
    if tasks.convnet_seeds:
        two = {
            **common,
            "strategies": list(PAPERS),
            "epochs": tasks.convnet_epochs,
            "size": spec.size,
            "network": tasks.network.model_dump(exclude={"cell_timeout"}),
        }
        yield from _image_runs(
            p, spec, "convnet", convnet.run_convnet, two, tasks.convnet_seeds, shown, PAIRS
        )
    yield from _ablation_units(p, spec, {**one, "strategies": list(PAPERS)})


def _image_runs(
    p: LassoParameters,
    spec: ImageSetSpec,
    name: str,
    function: Any,
    settings: Mapping[str, Any],
    seeds: int,
    shown: list[int],
    pairs: tuple[tuple[str, str], ...],
) -> Iterator[Unit]:
    """One representation: a unit for some kinds and a seed, then the summary over all of them."""
    kinds = list(p.images.kinds)
    batches = [list(range(len(kinds)))[i : i + p.images.batch] for i in range(0, len(kinds), p.images.batch)]
    runs: dict[str, list[str]] = {}
    for seed in range(seeds):
        for number, batch in enumerate(batches):
            role = f"{name}/{spec.name}/{seed}/{number}"
            runs.setdefault(str(seed), []).append(role)
            yield _unit(
                role,
                function,
                {**settings, "kinds": batch, "shown": shown if seed == 0 else []},
                {"images": f"images/{spec.name}/{seed}"},
                seed=seed_for(STUDY, "tasks", spec.name, seed),
                gpu=p.images.gpu and name == "convnet",
            )
    yield _summary_unit(
        f"summary/{spec.name}/{name}",
        spec,
        {"representation": name},
        kinds,
        runs,
        settings["strategies"],
        pairs,
    )


def _ablation_units(p: LassoParameters, spec: ImageSetSpec, settings: Mapping[str, Any]) -> Iterator[Unit]:
    kinds = list(p.images.kinds)
    chosen = [kinds.index(kind) for kind in p.ablations.kinds if kind in kinds]
    sources = 10 * (len(kinds) - 1)
    for axis in ("k", "penalty", "epochs", "samples"):
        for value in getattr(p.ablations, axis):
            if axis == "k" and value > sources:
                continue
            runs: dict[str, list[str]] = {}
            only = {"strategies": ["L1"]} if axis == "penalty" else {}
            for seed in range(p.ablations.seeds):
                role = f"ablation/{spec.name}/{axis}={value:g}/{seed}"
                runs[str(seed)] = [role]
                yield _unit(
                    role,
                    linear.run_linear,
                    {**settings, **only, axis: value, "kinds": chosen, "shown": []},
                    {"images": f"images/{spec.name}/{seed}"},
                    seed=seed_for(STUDY, "tasks", spec.name, seed),
                )
            factors = {"ablation": axis, axis: f"{value:g}"}
            name = f"summary/{spec.name}/{axis}={value:g}"
            yield _summary_unit(
                name, spec, factors, kinds, runs, only.get("strategies", settings["strategies"]), ()
            )


def _summary_unit(
    name: str,
    spec: ImageSetSpec,
    factors: Mapping[str, str],
    kinds: list[str],
    runs: Mapping[str, list[str]],
    strategies: list[str],
    pairs: tuple[tuple[str, str], ...],
) -> Unit:
    parameters = {
        "dataset": spec.name,
        "factors": factors,
        "kinds": kinds,
        "runs": runs,
        "strategies": strategies,
        "pairs": pairs,
    }
    needs = {role: role for roles in runs.values() for role in roles}
    return _unit(name, summary.summarise_images, parameters, needs, seed=seed_for(STUDY, "summary", name))


def _unit(
    name: str,
    function: Any,
    parameters: Mapping[str, Any],
    needs: Mapping[str, str] | None = None,
    *,
    seed: int | None = None,
    inputs: Mapping[str, str] | None = None,
    gpu: bool = False,
) -> Unit:
    seed = seed_for(STUDY, name, "synthetic") if seed is None else seed
    return Unit(name, function, parameters, needs or {}, inputs or {}, seed, memory_gb=1.5, gpu=gpu)
