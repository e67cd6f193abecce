"""What a unit is handed, and the small machinery around it: threads, locks, JSON, cost."""

import os
import threading

import numpy as np
import pytest

from reprise.errors import ParameterError, StudyFailed
from reprise.experiment.canonical import canonical_json
from reprise.experiment.context import Context
from reprise.experiment.gpu import gpu_count
from reprise.experiment.locks import hold, try_hold
from reprise.experiment.measure import measure
from reprise.experiment.threads import limit_threads
from reprise.experiment.unit import Unit, seed_for


def test_another_units_outcome_is_asked_for_by_role(tmp_path):
    (tmp_path / "value.json").write_text('{"a": 1}')
    context = Context(tmp_path / "here", tmp_path / "checkpoints", {"model": tmp_path})
    assert context.value("model") == {"a": 1}
    assert context.folder_of("model") == tmp_path
    assert context.has("model") and not context.has("index")
    with pytest.raises(ParameterError, match="needs nothing in the role 'index'"):
        context.value("index")
    assert not (tmp_path / "checkpoints").exists()
    assert context.checkpoints.is_dir()


def test_progress_gives_the_items_and_always_reports_the_end(tmp_path):
    reports = []
    context = Context(tmp_path, tmp_path, {}, report=lambda *what: reports.append(what))
    assert list(context.progress("abc", label="letters")) == ["a", "b", "c"]
    assert reports[-1] == ("letters", 3, 3)
    assert list(context.progress(iter([1]), total=None)) == [1]


def test_threads_hold_inside_and_are_set_back_after(monkeypatch):
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    before = [pool["num_threads"] for pool in threadpool_info()]
    with limit_threads(1):
        assert {pool["num_threads"] for pool in threadpool_info()} <= {1}
        assert os.environ["OMP_NUM_THREADS"] == "1"
    assert [pool["num_threads"] for pool in threadpool_info()] == before
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_a_lock_has_one_owner_and_the_next_is_told(tmp_path):
    said, order = [], []

    def second():
        with hold(tmp_path, "unit", said.append):
            order.append("second")

    with hold(tmp_path, "unit"):
        with try_hold(tmp_path, "unit") as held:
            assert not held
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.3)
        order.append("first")
    waiting.join(5)
    assert order == ["first", "second"]
    assert said == [f"unit is being made by process {os.getpid()}; waiting for it"]


def test_an_owner_that_died_is_named(tmp_path):
    child = os.fork()
    if child == 0:
        with hold(tmp_path, "unit"):
            os._exit(1)
    os.waitpid(child, 0)
    said = []
    with hold(tmp_path, "unit", said.append):
        pass
    assert said == [f"unit: taken over from process {child}, which ended without finishing"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1.5: 2}, {"a": [np.nan]}])
def test_what_no_result_can_be(value):
    with pytest.raises(StudyFailed):
        canonical_json(value)


def test_numpy_values_are_written_as_numbers():
    assert canonical_json([np.float32(0.5), np.int64(2), np.array([1, 2]), True]) == canonical_json(
        [0.5, 2, [1, 2], True]
    )


def test_memory_and_time_are_measured():
    with measure() as cost:
        block = np.ones(40_000_000)  # 320 MB
        assert block[0] == 1
    assert cost.peak_memory_gb > 0.3
    with measure() as later:
        pass
    assert later.seconds < cost.seconds + 1


def test_gpus_that_are_hidden_do_not_count(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert gpu_count() == 0


def test_a_function_that_another_process_cannot_import_is_refused():
    with pytest.raises(ParameterError, match="module-level function"):
        Unit("a", lambda context: None)


def test_a_unit_keeps_what_it_was_given():
    needs = {}
    unit = Unit("a", seed_for, needs=needs)
    needs["late"] = "b"
    assert unit.needs == {}


def test_seeds_are_the_same_for_ever():
    assert seed_for("ance_prf", "k=3", "pydocs") == 707_405_401
