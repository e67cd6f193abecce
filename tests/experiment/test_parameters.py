"""Parameters: validated before any work, every mistake in one message, with the nearest right name."""

import math
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reprise import studies
from reprise.errors import InputError, ParameterError
from reprise.experiment.parameters import load_parameters, parse_settings, profiles_of, validate

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(
        ["", " ", "nan", "Grüße", "漢字", "it's", '"quoted"', "back\\slash", "\n", "{}", "-1", "1e400"]
    ),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)
ALL = [
    (name, field) for name in studies.names() for field in studies.load_study(name).Parameters.model_fields
]


@pytest.mark.parametrize(("name", "field"), ALL, ids=lambda value: value)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(value=ODD)
def test_any_value_for_any_parameter_of_any_study_is_taken_or_refused_in_one_message(name, field, value):
    study = studies.load_study(name)
    try:
        parameters = validate(study, {field: value}, "a test")
    except ParameterError as error:
        assert error.exit_code == 2
        assert "Traceback" not in str(error) and field in str(error)
        return
    written = parameters.model_dump(mode="json")
    assert not [v for v in written.values() if isinstance(v, float) and not math.isfinite(v)]
    again = validate(study, yaml.safe_load(yaml.safe_dump(written)), "itself")
    assert again.model_dump(mode="json") == written, "what is valid survives being written and read"


@pytest.mark.parametrize("name", studies.names())
@settings(max_examples=25, deadline=None, derandomize=True)
@given(unknown=st.text(min_size=1, max_size=12))
def test_an_unknown_name_is_refused(name, unknown):
    study = studies.load_study(name)
    if unknown in study.Parameters.model_fields:
        return
    with pytest.raises(ParameterError, match="there is no such parameter"):
        validate(study, {unknown: 1}, "a test")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("stepps: 3", "'stepps': there is no such parameter .did you mean 'steps'"),
        ("inner: {facter: 3}", "'inner.facter': there is no such parameter.*did you mean 'factor'"),
        ("parts: [{facto: 3}]", "'parts.0.facto': there is no such parameter.*did you mean 'factor'"),
        ("steps: 0", "'steps': .*at least 1 .given: 0"),
        ("weight: .nan", "'weight': .*finite"),
        ("weight: [1", "not YAML"),
        ("steps: 1\nweight: 2\nsteps: 3", "default/toy.yaml, line 3: the key 'steps' stands twice"),
        ("- 1", "must map parameter names"),
        ("label: ''", "'label': .*at least 1 character"),
        ("steps: 0\nweight: 2", "'steps'.*'weight'"),
    ],
)
def test_what_a_wrong_file_is_told(toy, text, complaint):
    (toy.root / "params" / "default" / "toy.yaml").write_text(text)
    with pytest.raises(InputError, match=complaint):
        load_parameters(toy.study, "default", toy.root)
    assert not toy.cache.exists()


def test_the_profile_changes_the_defaults_and_the_user_both(toy):
    assert profiles_of("toy", toy.root) == ["default", "small"]
    assert load_parameters(toy.study, "small", toy.root).steps == 2
    changed = load_parameters(toy.study, "small", toy.root, {"inner.factor": 3})
    assert (changed.steps, changed.inner.factor, changed.weight) == (2, 3.0, 0.5)


def test_a_dotted_name_changes_one_value_and_leaves_those_beside_it(toy):
    """Of a mapping or a list that is the study's own default, which the profile's file does not name."""
    study = studies.load_study("learning_to_hash")
    root = Path(__file__).parents[2]
    plain = load_parameters(study, "open", root)
    changed = load_parameters(study, "open", root, {"training.steps.base": 400})
    assert changed.training.steps == {**plain.training.steps, "base": 400}
    assert changed.model_copy(update={"training": plain.training}) == plain
    of_a_list = load_parameters(study, "default", root, {"seeds.1": 7})
    assert of_a_list.seeds == (0, 7, 2)


def test_null_is_a_value(toy):
    with pytest.raises(ParameterError, match=r"'weight': must be a number \(given: None\)"):
        load_parameters(toy.study, "small", toy.root, parse_settings(["weight=null"]))
    ance = studies.load_study("ance_prf")
    changed = load_parameters(ance, "default", Path(__file__).parents[2], parse_settings(["dev_split=null"]))
    assert (ance.Parameters().dev_split, changed.dev_split) == ("dev", None)


@pytest.mark.parametrize("text", ["steps=true", "steps='2'", "steps=2.0", "weight=yes", "label=1"])
def test_nothing_is_converted(toy, text):
    with pytest.raises(ParameterError, match="must be"):
        load_parameters(toy.study, "small", toy.root, parse_settings([text]))


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({1: 0.5, "1": 0.5}, "'parts': the name '1' stands twice"),
        ({True: 0.5}, "'parts': a name must be a text or a whole number"),
        ([{"factor": 2**70}], "'parts.0.factor': the number is too large"),
        (["\ud800"], "'parts.0': the text holds half of a character"),
        ([{1, 2}], "'parts.0': a set is no text, number, list or mapping"),
    ],
)
def test_what_neither_yaml_nor_json_can_say_is_refused_where_it_stands(toy, value, complaint):
    with pytest.raises(ParameterError, match=complaint):
        validate(toy.study, {"parts": value}, "a test")


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        (["steps=1", "steps=2"], "'steps' is set twice"),
        (["steps=1", "weight=1", "steps=1"], "'steps' is set twice"),
        (["inner.factor=3", "inner={factor: 2}"], "'inner.factor' and 'inner' set the same parameter"),
    ],
)
def test_a_parameter_that_is_set_twice(texts, complaint):
    with pytest.raises(ParameterError, match=complaint):
        parse_settings(texts)
    assert parse_settings(["inner=1", "inner2=2"]) == {"inner": 1, "inner2": 2}


def test_an_unknown_profile(toy):
    with pytest.raises(ParameterError, match=r"no profile 'smal'.*did you mean 'small'"):
        load_parameters(toy.study, "smal", toy.root)


@pytest.mark.parametrize("text", ["steps", "=3", "a..b=3", ".a=3", "x=[", "x={a: b: c}", "x={a: 1, a: 2}"])
def test_a_setting_that_is_none(text):
    with pytest.raises(InputError):
        parse_settings([text])


def test_a_deeply_nested_value_is_refused_and_not_followed(toy):
    deep = []
    for _ in range(sys.getrecursionlimit() * 2):
        deep = [deep]
    with pytest.raises(ParameterError):
        validate(toy.study, {"parts": deep}, "a test")
