"""The stacked ConvNet equals plain ones, learns, and reads features as the linear model reads inputs."""

import numpy as np
import pytest
import torch

from reprise.errors import ParameterError
from reprise.multitask.convnet import ConvNetSettings, ConvNetStack
from reprise.multitask.sampling import TaskStreams
from reprise.multitask.statistics import statistics_of

SIZE = 8


@pytest.fixture
def streams():
    """Two groups of images, classes with a bright left or right half; four tasks, signs swapped."""
    generator = np.random.default_rng(0)
    classes = generator.integers(0, 2, 60) * 2.0 - 1
    images = generator.random((2, 60, SIZE, SIZE)) * 0.5
    images[:, classes > 0, :, : SIZE // 2] += 0.5
    images[:, classes <= 0, :, SIZE // 2 :] += 0.5
    labels = np.stack([classes, -classes, classes, -classes])
    return TaskStreams.make(images.reshape(2, 60, -1), labels, [0, 0, 1, 1], 80, generator)


def make(streams, **options):
    return ConvNetStack(
        streams, [0, 1, 2, 3], SIZE, ConvNetSettings(k=2, channels=(3, 4), batch=16, **options)
    )


def test_a_stack_is_as_many_plain_networks(streams):
    net = make(streams)
    weights = net.initial(2, seed=1)
    for name, w in weights.items():  # make the two models differ
        weights[name] = w * torch.tensor([1.0, 1.5]).reshape(2, *[1] * (w.ndim - 1))
    images = torch.rand(2, 5, SIZE, SIZE)
    found = net.features(weights, images)
    for model in range(2):
        x = images[model][:, None]
        for layer in ("first", "second"):
            kernel, bias = weights[layer][model], weights[f"{layer}_bias"][model]
            x = torch.nn.functional.max_pool2d(torch.relu(torch.conv2d(x, kernel, bias, padding=1)), 2)
        assert torch.allclose(found[model], x.flatten(1) @ weights["map"][model], atol=1e-5)


def test_models_that_see_the_same_train_alike_and_the_seed_decides(streams):
    net = make(streams, steps=3)
    counts = np.full((2, 4), 10)
    trained = net.train(net.initial(2, 1), counts, seed=5)
    alone = net.train(net.initial(1, 1), counts[:1], seed=5)
    assert torch.equal(trained["map"][0], net.train(net.initial(2, 1), counts, seed=5)["map"][0])
    for name, w in trained.items():
        assert w[0].shape == alone[name][0].shape
    assert not torch.equal(trained["map"][0], net.train(net.initial(2, 1), counts, seed=6)["map"][0])
    assert torch.equal(net.initial(1, 1)["map"], net.initial(3, 1)["map"][:1])


def test_only_allocated_samples_are_used(streams):
    """A model that has no samples of tasks 1 to 3 is trained on task 0 alone: their heads do not move."""
    net = make(streams, steps=5)
    start = net.initial(1, 1)
    trained = net.train(start, np.array([[20, 0, 0, 0]]), seed=5)
    assert torch.equal(trained["heads"][0, 1:], start["heads"][0, 1:])
    assert not torch.equal(trained["heads"][0, 0], start["heads"][0, 0])


def test_features_are_read_as_inputs_of_the_linear_model(streams):
    """Grams of all allocated samples, chunk by chunk, equal those of each task's features at once."""
    net = make(streams)
    weights, counts = net.initial(2, 1), np.array([[7, 0, 30, 2], [3, 3, 3, 3]])
    found = net._source_statistics(weights, counts, most=5)
    for model in range(2):
        one = {name: w[model : model + 1] for name, w in weights.items()}
        for task in range(4):
            rows = streams.rows(task, 0, counts[model, task])
            images = streams.inputs[streams.group[task]][rows].reshape(1, -1, SIZE, SIZE)
            if not len(rows):
                assert not found.gram[model, task].any()
                continue
            x = net.features(one, torch.as_tensor(images, dtype=torch.float32)).double().numpy()
            plain = statistics_of(x, streams.labels[task][rows][None])
            assert np.allclose(found.gram[model, task], plain.gram[0], atol=1e-5)
            assert np.allclose(found.moment[model, task], plain.moment[0], atol=1e-5)


def test_training_learns_and_the_state_serves_the_target(streams):
    net = make(streams, steps=60)
    counts = np.full((1, 4), 40)
    weights = net.train(net.initial(1, 1), counts, seed=5)
    rows = streams.rows(0, 0, 20)
    images = streams.inputs[0].reshape(-1, SIZE, SIZE)
    epoch = net.read(weights, counts, np.zeros((1, 4)), images[rows][None], streams.labels[0][rows][None])
    assert epoch.fitted.heads.shape == (1, 2, 4) and epoch.head.shape == (1, 2)
    assert ((net.scores(weights, epoch, images)[0] > 0) == (streams.labels[0] > 0)).mean() > 0.95
    # tasks of opposite labels have opposite heads
    heads = epoch.fitted.heads[0]
    assert np.allclose(heads[:, 0], -heads[:, 1], atol=0.3 * np.abs(heads[:, 0]).max())


def test_bad_settings_are_refused(streams):
    with pytest.raises(ParameterError, match="above 0"):
        ConvNetSettings(k=0)
    with pytest.raises(ParameterError, match="above 0"):
        ConvNetSettings(k=2, rate=0)
    with pytest.raises(ParameterError, match="4 x 4"):
        ConvNetStack(streams, [0], 3, ConvNetSettings(k=2))
