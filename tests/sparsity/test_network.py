"""Whole networks against torch: logits, batches, threads, layouts; layers that are not known, by name."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from reprise.errors import InputError, ParameterError
from reprise.sparsity.cache_aware import cache_aware_stages
from reprise.sparsity.layers import count_cost, pointwise_layers
from reprise.sparsity.models import CACHE_AWARE, FAMILIES, make_model, round_channels, small_mobilenet
from reprise.sparsity.network import compile_sparse
from reprise.sparsity.pruning import sparsify


def settle(model, channels=3, side=64):
    """Batch norms with scales of their own, so that folding them shows, and with the statistics of images.

    Without these hardly anything of an image would reach the logits of a network that was never trained.
    """
    generator = torch.Generator().manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5, generator=generator)
            module.bias.data.normal_(0, 0.1, generator=generator)
            module.momentum = None  # the average over all batches
    with torch.no_grad():
        model.train()(torch.randn(16, channels, side, side, generator=generator))
    return model.eval()


def torchs(model, x):
    with torch.no_grad():
        return model(x)


def assert_same(ours, theirs):
    assert float((ours - theirs).abs().max()) <= 1e-4 * float(theirs.abs().max())


@pytest.fixture(scope="module")
def networks():
    torch.manual_seed(0)
    return {family: settle(sparsify(make_model(family, 0.5, 20), 0.8)) for family in FAMILIES[:3]}


def test_the_logits_of_these_networks_depend_on_the_image(networks):
    """Else equal logits would say little of the layers before the last."""
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(9))
    for model in networks.values():
        first, second = torchs(model, x)
        assert float((first - second).abs().max()) > 0.3 * float(first.abs().max())


@pytest.mark.parametrize("family", FAMILIES[:3])
@pytest.mark.parametrize("side", [64, 75])
def test_logits_equal_torchs(networks, family, side):
    """75 is odd at every level: 75, 38, 19, 10, 5, 3."""
    x = torch.randn(3, 3, side, side, generator=torch.Generator().manual_seed(1))
    network = compile_sparse(networks[family], threads=2)
    expected = torchs(networks[family], x)
    assert_same(network(x), expected)
    assert_same(network(x.to(memory_format=torch.channels_last)), expected)
    assert_same(network(x[:1]), expected[:1])
    assert_same(torch.from_numpy(network(x.numpy())), expected)


def test_threads_and_repetition_change_no_bit(networks):
    x = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    one, three = (compile_sparse(networks["mobilenet-v2"], threads=t) for t in (1, 3))
    first = one(x)
    for _ in range(3):
        assert torch.equal(one(x), first) and torch.equal(three(x), first)


@pytest.mark.parametrize("block", [1, 2, 4])
def test_blocks_change_no_more_than_rounding(networks, block):
    x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    model = networks["mobilenet-v1"]
    assert_same(compile_sparse(model, block=block)(x), torchs(model, x))


@pytest.mark.parametrize("level", ["scalar"])
def test_portable_code_gives_the_same(networks, level):
    x = torch.randn(1, 3, 33, 33, generator=torch.Generator().manual_seed(4))
    for model in networks.values():
        assert_same(compile_sparse(model, level=level)(x), torchs(model, x))


def test_without_panels_no_bit_changes(networks):
    """A panel keeps the order of the sums: the same numbers, only fetched from nearer by."""
    x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(5))
    for model in networks.values():
        assert torch.equal(compile_sparse(model, panels=False)(x), compile_sparse(model)(x))


def test_images_are_read_where_they_lie(networks):
    """No copy is made: a prepared program sees what is written into the image afterwards."""
    x = np.random.default_rng(6).normal(size=(1, 3, 64, 64)).astype(np.float32)
    network = compile_sparse(networks["mobilenet-v1"])
    expected, program = network(x), network.prepare(x)
    x *= 2
    network.run_prepared(program)
    assert not np.array_equal(network(x), expected)
    x /= 2
    assert np.array_equal(network(x), expected)
    assert np.array_equal(network(np.asfortranarray(x)), expected)


def test_one_network_called_from_several_threads(networks):
    """Calls wait for each other, as a plan reads and writes in one place."""
    network = compile_sparse(networks["mobilenet-v1"], threads=2)
    images = np.random.default_rng(7).normal(size=(16, 1, 3, 64, 64)).astype(np.float32)
    expected = [network(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        assert all(map(np.array_equal, pool.map(network, images), expected))


def test_the_cache_aware_network():
    """No 1x1 layer of planes reads over 512 channels; multiply-adds are within 5 % of MobileNet v2's."""
    model, plain = make_model(CACHE_AWARE), make_model("mobilenet-v2")
    assert max(inputs for inputs, _, _ in pointwise_layers(model, 224)) <= 512
    assert count_cost(model, 224).total == pytest.approx(count_cost(plain, 224).total, rel=0.05)
    torch.manual_seed(0)
    small = settle(sparsify(make_model(CACHE_AWARE, 0.5, 10), 0.85))
    x = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(8))
    assert_same(compile_sparse(small)(x), torchs(small, x))


def test_stages_that_fit_stay():
    stages = [(1, 16, 1, 1), (6, 24, 2, 2)]
    assert cache_aware_stages(stages, 32) == [(1, 16, 1, 1), (6, 24, 1, 2), (6, 24, 1, 1)]
    assert [stage[0] for stage in cache_aware_stages([(6, 600, 2, 1)], 32)] == [6, 1]


def test_small_networks_and_a_sparse_last_layer():
    torch.manual_seed(1)
    model = settle(small_mobilenet(1, 8, ((2, 1), (4, 2), (4, 1)), 10), 1, 8)
    with torch.no_grad():
        model.classifier[1].weight.mul_(torch.rand_like(model.classifier[1].weight) < 0.2)
    x = torch.randn(5, 1, 8, 8)
    assert_same(compile_sparse(model)(x), torchs(model, x))


def test_nan_in_the_image_reaches_the_logits(networks):
    x = torch.zeros(2, 3, 64, 64)
    x[1, 0, 5, 5] = np.nan
    logits = compile_sparse(networks["mobilenet-v1"])(x)
    assert torch.isfinite(logits[0]).all() and torch.isnan(logits[1]).any()


def test_parameters_are_the_papers():
    """4.2, 3.5 and 5.3 million, as the papers print them; exactly torchvision's for the last two."""
    counts = {f: sum(p.numel() for p in make_model(f).parameters()) for f in FAMILIES}
    assert counts["mobilenet-v1"] == 4_231_976
    assert counts["mobilenet-v2"] == 3_504_872 and counts["efficientnet-b0"] == 5_288_548
    assert counts["efficientnet-b1"] == 7_794_184
    assert [round_channels(c) for c in (32 * 0.75, 64 * 1.15, 16 * 0.35)] == [24, 72, 8]


def test_names_are_torchvisions():
    keys = make_model("mobilenet-v2").state_dict().keys()
    assert {"features.0.0.weight", "features.1.conv.0.0.weight", "features.18.1.running_var"} <= keys
    assert {"features.2.conv.2.weight", "features.2.conv.3.bias", "classifier.1.weight"} <= keys
    keys = make_model("efficientnet-b0").state_dict().keys()
    assert {"features.1.0.block.1.fc1.bias", "features.2.0.block.3.1.weight", "features.8.0.weight"} <= keys


def sequence(*layers):
    stem = (nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU())
    return nn.Sequential(*stem, *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)).eval()


@pytest.mark.parametrize(
    ("layer", "path", "kind"),
    [
        (nn.MaxPool2d(2), "'2'", "MaxPool2d"),
        (nn.Conv2d(8, 8, 3, 1, 1), "'2'", "not the first layer"),
        (nn.Conv2d(8, 8, 1, 2), "'2'", "stride 2"),
        (nn.Conv2d(8, 8, 3, 1, 0, groups=8), "'2'", "padding"),
        (nn.Conv2d(8, 8, 3, 1, 1, groups=2), "'2'", "2 groups"),
        (nn.Sequential(nn.Conv2d(8, 8, 1), nn.GroupNorm(2, 8)), "'2.1'", "GroupNorm"),
        (nn.Sequential(nn.BatchNorm2d(8)), "'2.0'", "joined"),
        (nn.AdaptiveAvgPool2d(2), "'2'", "pooling to 2"),
    ],
)
def test_unknown_layers_are_named(layer, path, kind):
    with pytest.raises(InputError) as caught:
        compile_sparse(sequence(layer))
    assert path in str(caught.value) and kind in str(caught.value)


def test_wrong_input_and_weights():
    network = compile_sparse(sequence())
    for wrong in (
        np.zeros((1, 3, 8, 8)),
        np.zeros((3, 8, 8), np.float32),
        np.zeros((1, 1, 8, 8), np.float32),
        np.zeros((0, 3, 8, 8), np.float32),
    ):
        with pytest.raises(InputError, match="float32"):
            network(wrong)
    model = sequence(nn.Conv2d(8, 8, 1))
    with torch.no_grad():
        model[2].weight[3, 3] = np.inf
    with pytest.raises(InputError, match=r"'2'.*infinity"):
        compile_sparse(model)
    with pytest.raises(ParameterError, match="at least one thread"):
        compile_sparse(sequence(), threads=0)

    class Branching(nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(InputError, match="cannot be traced"):
        compile_sparse(Branching())
