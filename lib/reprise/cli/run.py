"""`reprise run`: units, then the notebook, then tables and figures, for each study; then what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from reprise.experiment.results import Results
    from reprise.experiment.run import RunLog
    from reprise.experiment.study import Parameters, Study


def run(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Names of studies; all when none is given.")
    ] = None,
    profile: Annotated[str, typer.Option(help="smoke, default, open or paper.")] = "default",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=(
                "Another value for a parameter (YAML; NAME may be dotted). Then the results "
                "are a trial and stand in the cache folder."
            ),
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Worker processes; one for each core when left out.")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, tcp://...")] = None,
    notebook: Annotated[bool, typer.Option(help="Execute the notebook too.")] = True,
    fewer: Annotated[
        bool,
        typer.Option(
            "--fewer", help="Replace stored results also by some that lack a collection which is not here."
        ),
    ] = False,
) -> None:
    """Run studies: fresh units are reused, missing ones run, and a stopped run goes on where it was."""
    from reprise.cli.choose import choose_studies, validate_all
    from reprise.cli.run_tables import end_with, print_units, print_where
    from reprise.errors import RepriseError, passed_over
    from reprise.experiment.notebook import check_notebook
    from reprise.experiment.parameters import parse_settings
    from reprise.experiment.project import find_root
    from reprise.experiment.run import RunLog
    from reprise.report.summary import print_claims
    from reprise.report.verdicts import judge_study

    root = find_root()
    chosen = choose_studies(studies or [], profile, root)
    overrides = parse_settings(set_ or [])
    failures: dict[str, RepriseError] = {}
    # what is wrong with the order itself ends it; of several studies a wrong file ends its own study alone
    kept = failures if len(chosen) > 1 and not overrides else None
    parameters = validate_all(chosen, profile, root, overrides, kept)
    for study in chosen:
        with passed_over(study.name, kept):
            judge_study(study.name, root)  # before the work that the ledger is about
            if notebook:
                check_notebook(study, root)
    finished: list[Results] = []
    shown_anew = False
    for study in chosen:
        if study.name in failures:
            continue
        log = RunLog()
        with passed_over(study.name, failures):
            results, changed = _run_one(
                study, parameters[study.name], profile, root, overrides, jobs, cluster, notebook, fewer, log
            )
            finished.append(results)
            shown_anew = shown_anew or (changed and results.folder.is_relative_to(root / "results"))
        print_units(study.name, log)
    print_claims(finished, root, failures)
    if shown_anew:
        from reprise.site.pages import write_site

        write_site(root, failures=failures)
    if finished:
        print_where(finished, root)
    end_with(failures)


def _run_one(
    study: Study,
    parameters: Parameters,
    profile: str,
    root: Path,
    overrides: dict[str, Any],
    jobs: int | None,
    cluster: str | None,
    notebook: bool,
    fewer: bool,
    log: RunLog,
) -> tuple[Results, bool]:
    """The results, and whether a notebook, table or figure was made anew."""
    from concurrent.futures import ThreadPoolExecutor

    from reprise.cli.report import write_report
    from reprise.experiment.notebook import run_notebook
    from reprise.experiment.results import Results
    from reprise.experiment.run import run_study
    from reprise.experiment.signals import catch_signals

    results = run_study(
        study, parameters, profile=profile, root=root, jobs=jobs, cluster=cluster, log=log, fewer=fewer
    )
    executed = False
    if notebook:
        catch_signals()
    # beside each other: the notebook runs in a process of its own, which this one would only wait for
    with ThreadPoolExecutor(max_workers=1) as beside:
        report = beside.submit(write_report, study, results.folder, root)
        if notebook:
            executed = run_notebook(study, parameters, profile, root, overrides)
        written = report.result()
    return Results.load(results.folder), executed or written
