"""The schedule of the learning rate, and settings that are refused."""

import pytest

from reprise.errors import ParameterError
from reprise.retrieval.training_settings import TrainingSettings, rate_factor


def test_schedule_without_warm_up_starts_at_the_peak_and_never_reaches_zero():
    settings = TrainingSettings(steps=4, warmup=0.0)
    assert [rate_factor(s, settings) for s in range(4)] == [1.0, 0.75, 0.5, 0.25]
    assert rate_factor(3, TrainingSettings(steps=4, warmup=0.0, decay="constant")) == 1.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("batch_size", 1.5),
        ("learning_rate", float("nan")),
        ("learning_rate", 0.0),
        ("warmup", 1.1),
        ("decay", "cosine"),
        ("precision", "float16"),
        ("accumulate", 5),
        ("threads", 0),
        ("weight_decay", -1.0),
    ],
)
def test_settings_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(ParameterError, match=name):
        TrainingSettings(**{"steps": 3, "batch_size": 32, name: value})
