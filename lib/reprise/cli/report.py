"""`reprise report` and `reprise judge`: everything that is made from stored results, without running
anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reprise.errors import RepriseError, passed_over

if TYPE_CHECKING:
    from reprise.experiment.results import Results
    from reprise.experiment.study import Study


def judge(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Names of studies; all when none is given.")
    ] = None,
    profile: Annotated[str, typer.Option(help="smoke, default, open or paper.")] = "default",
) -> None:
    """Judge the claims again on the stored results; nothing is run.

    Verdicts that differ from the last published ones are listed, each with the rule that decided it.
    """
    from reprise.cli.run_tables import end_with
    from reprise.experiment.project import find_root
    from reprise.report.changes import changed_verdicts
    from reprise.report.summary import print_claims

    root = find_root()
    failures: dict[str, RepriseError] = {}
    found = stored_results(studies or [], profile, root, failures)
    for judged in print_claims([results for _, results in found], root, failures):
        with passed_over(judged.study, failures):
            changed = changed_verdicts(judged, judged.results.folder)
            if changed:
                print(f"{judged.study}: {len(changed)} verdicts are others than in its verdicts.json")
                print("".join(f"  {line}\n" for line in changed))
    end_with(failures)


def report(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Names of studies; all when none is given.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="One profile; all that have results when left out.")
    ] = None,
) -> None:
    """Tables, figures, the site and the generated parts of README.md again from the stored results."""
    from reprise.cli.run_tables import end_with
    from reprise.experiment.project import find_root
    from reprise.site.pages import write_site
    from reprise.site.readme import rewrite_readme

    root = find_root()
    failures: dict[str, RepriseError] = {}
    profiles = [profile] if profile else sorted(f.name for f in (root / "results").glob("*") if f.is_dir())
    for name in profiles:
        for study, results in stored_results(studies or [], name, root, failures, missing_ok=profile is None):
            with passed_over(study.name, failures):
                if write_report(study, results.folder, root):
                    print(f"{study.name}, {name}: written")
    for page in write_site(root, anew=True, failures=failures):
        print(f"{page.relative_to(root)}: written")
    # which is kept with the project, so it is not written without a study that it had
    if not failures and (root / "README.md").is_file() and rewrite_readme(root):
        print("README.md: brought up to date")
    end_with(failures)


def stored_results(
    names: list[str],
    profile: str,
    root: Path,
    failures: dict[str, RepriseError],
    missing_ok: bool = False,
) -> list[tuple[Study, Results]]:
    """The studies that have results on the profile; `EnvironmentNotReady` when none has.

    Those whose results cannot be read are kept in `failures` and left out.
    """
    from reprise import studies
    from reprise.errors import EnvironmentNotReady
    from reprise.experiment.results import Results

    found = []
    for name in names or studies.names():
        study, folder = studies.load_study(name), root / "results" / profile / name
        if (folder / "manifest.json").is_file() or (names and not missing_ok):
            with passed_over(name, failures):
                found.append((study, Results.load(folder)))
    if not found and not failures and not missing_ok:
        raise EnvironmentNotReady(
            f"there are no results on the profile {profile!r}", remedy=f"reprise run --profile {profile}"
        )
    return found


def write_report(study: Study, folder: Path, root: Path) -> bool:
    """Write the tables and figures of a results folder, unless they are fresh; whether they were written."""
    import shutil
    import tempfile

    from reprise.data.cache import cache_folder
    from reprise.experiment.notebook import presentation_key
    from reprise.experiment.publish import is_current, publish
    from reprise.experiment.results import Results

    key = presentation_key(study, folder, root)
    if is_current(folder, "report", key):
        return False
    from reprise.report.publish import write_study

    scratch = Path(tempfile.mkdtemp(prefix="report-", dir=cache_folder()))
    try:
        write_study(Results.read(folder), scratch, root)
        files = {
            p.relative_to(scratch).as_posix(): p.read_bytes()
            for p in sorted(scratch.rglob("*"))
            if p.is_file()
        }
        return publish(folder, "report", key, files)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
