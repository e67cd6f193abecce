from types import SimpleNamespace

from reprise.report.language import completions, model_facts, scored_options


def results(**body):
    return SimpleNamespace(body=body)


def question(mean):
    options = [
        {"text": " a", "log_likelihood": -3.0, "tokens": 1},
        {"text": " b c", "log_likelihood": -4.0, "tokens": 2},
    ]
    return {"prompt": "Which?\nThis:", "right": 0, "mean": mean, "options": options}


def test_the_likeliest_option_is_bold_by_the_question_s_own_rule():
    grid = scored_options(results(questions=[question(False), question(True)]))
    heading, a, b, _, c, d = grid.rows
    assert heading.text == "Which? This:"
    assert [row[0].bold for row in (a, b)] == [True, False]  # -3 against -4
    assert [row[0].bold for row in (c, d)] == [False, True]  # -3 against -2 a token
    assert [str(cell) for cell in b] == ["b c", "-4.00", "2", "-2.00"]
    assert a[0].aside == "right"


def test_continuations_keep_their_lines_and_are_escaped():
    made = [
        {"form": "plain", "text": "def f(x):", "continuation": "\n    return x < 1"},
        {"form": "chat", "text": "Hi?", "continuation": "Hello."},
    ]
    piece = completions(results(completions=made))
    assert "<b>def f(x):</b>\n    return x &lt; 1" in piece.html and "<b>Hi?</b>\nHello." in piece.html
    assert "        return x < 1" in piece.markdown


def test_facts_are_named_and_numbers_grouped():
    facts = {"layers": 30, "weights": {"F32": 61, "Q4_1": 210}, "file_bytes": 98362432}
    grid = model_facts(results(model={"name": "a model", "facts": facts}))
    assert [[str(cell) for cell in row] for row in grid.rows] == [
        ["model", "a model"],
        ["layers", "30"],
        ["weights", "F32 (61 tensors), Q4_1 (210 tensors)"],
        ["bytes of the file", "98,362,432"],
    ]
