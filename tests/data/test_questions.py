import pytest

from reprise.data.questions import Question, load_questions

from .open_data import write_set


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_DATA", str(tmp_path))
    return tmp_path


def padded(*odd):
    """Twenty good lines and these, so that the odd ones are no tenth."""
    return [{"id": f"g{n}", "question": "?", "choices": ["a", "b"], "answer": 1} for n in range(20)] + [*odd]


def test_every_form_is_read(home):
    rows = [
        {"id": "0", "question": "Which?", "choices": [*"abc"], "answer": 2, "subject": "s", "asks": "x"},
        {"id": 1, "question": "Is it?", "passage": "It is.", "choices": ["no", "yes"], "answer": 1},
        {"id": "2", "question": "Who?", "answers": ["She", "she"]},
        {"id": "3", "question": "True?", "best": "yes", "correct": ["yes"], "incorrect": ["no", "never"]},
    ]
    write_set(home, "questions", "all", "Licence: MIT.", test__jsonl__gz=rows)
    found = load_questions("all", "test")
    assert found.questions == (
        Question("0", "Which?", ("a", "b", "c"), 2, subject="s", more={"asks": "x"}),
        Question("1", "Is it?", ("no", "yes"), 1, passage="It is."),
        Question("2", "Who?", answers=("She", "she")),
        Question(
            "3",
            "True?",
            ("yes", "no", "never"),
            0,
            more={"best": "yes", "correct": ["yes"], "incorrect": ["no", "never"]},
        ),
    )
    assert (found.licence, found.oddities) == ("MIT", ())
    assert [round(q.chance, 3) for q in found.questions] == [0.333, 0.5, 0.0, 0.333]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"id": "x", "choices": ["a", "b"], "answer": 0}, "without an id or a question, left out: 1 of 21"),
        ({"id": "x", "question": " ", "answers": ["a"]}, "without an id or a question, left out: 1 of 21"),
        ({"id": "x", "question": "?", "choices": ["a"], "answer": 0}, "without two choices that are text"),
        ({"id": "x", "question": "?", "choices": ["a", 1], "answer": 0}, "without two choices that are text"),
        ({"id": "x", "question": "?", "choices": ["a", "b"], "answer": 2}, "answer is none of the choices"),
        (
            {"id": "x", "question": "?", "choices": ["a", "b"], "answer": True},
            "answer is none of the choices",
        ),
        ({"id": "x", "question": "?", "answers": []}, "lines without choices or answers, left out"),
        ({"id": "g0", "question": "?", "choices": ["a", "b"], "answer": 0}, "id repeats, the first one kept"),
    ],
)
def test_odd_lines_are_left_out_and_counted(home, line, said):
    write_set(home, "questions", "odd", test__jsonl=padded(line))
    found = load_questions("odd", "test")
    assert len(found.questions) == 20
    assert len(found.oddities) == 1 and said in str(found.oddities[0])


def test_equal_choices_are_kept_and_counted(home):
    twice = {"id": "x", "question": "?", "choices": ["a", "a"], "answer": 0}
    write_set(home, "questions", "odd", test__jsonl=padded(twice))
    found = load_questions("odd", "test")
    assert len(found.questions) == 21
    assert str(found.oddities[0]).startswith("questions with two equal choices, kept: 1 of 21")
