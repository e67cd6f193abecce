"""Pruning: exact sparsity, the ramp, masks that survive the optimiser, torch's own pruning interface."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reprise.errors import InputError, ParameterError
from reprise.sparsity.models import make_model, small_mobilenet
from reprise.sparsity.pruning import (
    GradualPruning,
    cubic_ramp,
    magnitude_mask,
    prunable_layers,
    random_mask,
    sparsify,
)


def small():
    torch.manual_seed(0)
    return small_mobilenet(1, 8, ((2, 1), (4, 2)), 5)


@settings(max_examples=50, deadline=None)
@given(
    groups=st.integers(1, 12),
    inputs=st.integers(1, 20),
    block=st.sampled_from([1, 2, 4]),
    sparsity=st.floats(0, 0.99),
    seed=st.integers(0, 1000),
)
def test_sparsity_is_exact_and_blocks_go_whole(groups, inputs, block, sparsity, seed):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(groups * block, inputs, 1, 1, generator=generator)
    for mask in (
        magnitude_mask(weight, sparsity, block),
        random_mask(weight, sparsity, generator, block),
    ):
        blocks = mask.reshape(groups, block, inputs)
        assert (blocks == blocks[:, :1]).all()
        assert int((mask == 0).sum()) == block * round(sparsity * groups * inputs)


def test_the_smallest_go():
    """Magnitudes 1, 3 / 2, 0.5: half of four leaves 3 and 2. As blocks of two rows: sums 3 and 3.5."""
    weight = torch.tensor([[1.0, -3.0], [2.0, 0.5]])
    assert magnitude_mask(weight, 0.5).tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert magnitude_mask(weight, 0.5, 2).tolist() == [[0.0, 1.0], [0.0, 1.0]]


def test_agrees_with_torchs_pruning():
    from torch.nn.utils import prune

    ours, theirs = torch.nn.Conv2d(24, 32, 1), torch.nn.Conv2d(24, 32, 1)
    theirs.load_state_dict(ours.state_dict())
    prune.l1_unstructured(theirs, "weight", amount=0.7)
    assert (magnitude_mask(ours.weight, 0.7) == theirs.weight_mask).all()


def test_the_ramp_rises_by_its_formula():
    """Halfway: 0.9 - 0.9 * 0.5^3 = 0.7875."""
    values = [cubic_ramp(step, 10, 30, 0.9) for step in range(40)]
    assert all(a <= b for a, b in itertools.pairwise(values))
    assert values[10] == 0 and values[20] == pytest.approx(0.7875) and values[30:] == [0.9] * 10
    assert cubic_ramp(0, 0, 4, 0.8, start=0.2) == pytest.approx(0.2)


@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
@pytest.mark.parametrize("block", [1, 4])
def test_masks_survive_momentum_and_end_exact(optimiser, block):
    model = small().train()
    pruning = GradualPruning(model, 0.75, begin=2, end=10, every=3, block=block)
    parameters = model.parameters()
    made = (
        torch.optim.SGD(parameters, 0.1, momentum=0.9)
        if optimiser == "sgd"
        else torch.optim.AdamW(parameters, 0.01)
    )
    generator, seen, gone = torch.Generator().manual_seed(1), [], {}
    for _ in range(14):
        x = torch.randn(8, 1, 8, 8, generator=generator)
        loss = torch.nn.functional.cross_entropy(model(x), torch.arange(8) % 5)
        made.zero_grad()
        loss.backward()
        made.step()
        pruning.step()
        for name, layer in prunable_layers(model).items():
            zero = layer.weight_orig == 0
            assert (zero | ~gone.get(name, torch.zeros_like(zero))).all()  # what went stays away
            gone[name] = layer.weight_mask == 0
            assert (layer.weight_orig[gone[name]] == 0).all()
        seen.append(min(pruning.sparsity.values()))
    assert seen == sorted(seen) and seen[0] == 0
    pruning.finish()
    for layer in prunable_layers(model).values():
        assert float((layer.weight == 0).float().mean()) == pytest.approx(0.75, abs=1e-6)
        assert dict(layer.named_parameters()).keys() == {"weight"}


def test_layers_are_the_papers():
    """13 pairs; 16 expansions, 17 projections and the last; squeeze and excitation stays dense."""
    assert len(prunable_layers(make_model("mobilenet-v1"))) == 13
    assert len(prunable_layers(make_model("mobilenet-v2"))) == 34
    names = prunable_layers(make_model("efficientnet-b0"))
    assert not [n for n in names if "fc1" in n or "fc2" in n] and len(names) == 15 + 16 + 1


def test_by_layer_and_at_random():
    model = small()
    first, second = prunable_layers(model)
    sparsify(model, {second: 0.5}, block={second: 2})
    weights = {n: layer.weight.detach() for n, layer in prunable_layers(model).items()}
    assert (weights[first] != 0).all() and float((weights[second] == 0).float().mean()) == 0.5
    pairs = weights[second].reshape(-1, 2, 16) == 0
    assert (pairs[:, 0] == pairs[:, 1]).all()
    drawn = [
        sparsify(small(), 0.5, generator=torch.Generator().manual_seed(s)).features[1][1][0].weight
        for s in (1, 1, 2)
    ]
    assert (drawn[0] == drawn[1]).all() and not ((drawn[0] == 0) == (drawn[2] == 0)).all()


def test_errors_name_what_is_wrong():
    for sparsity in (-0.1, 1.0, 2.0, float("nan")):
        with pytest.raises(ParameterError, match=r"\[0, 1\)"):
            sparsify(small(), sparsity)
    with pytest.raises(ParameterError, match="1, 2 or 4"):
        sparsify(small(), 0.5, block=3)
    with pytest.raises(InputError, match=r"no prunable layer.*features\.7"):
        sparsify(small(), {"features.7": 0.5})
    with pytest.raises(ParameterError, match="before it ends"):
        GradualPruning(small(), 0.5, begin=5, end=5)
    with pytest.raises(ParameterError, match="at least 1"):
        GradualPruning(small(), 0.5, begin=0, end=5, every=0)
    model = small()
    with torch.no_grad():
        model.features[1][1][0].weight[0, 0] = np.nan
    with pytest.raises(InputError, match=r"features\.1\.1\.0.*NaN"):
        sparsify(model, 0.5)
