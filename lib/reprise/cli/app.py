"""The commands, put together; each group has a file of its own and imports what it runs only when it runs."""

from __future__ import annotations

import typer

from reprise.cli import bench, check_collection, doctor, fetch, housekeeping, new_study, report, run, status

app = typer.Typer(
    name="reprise",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Re-run the experiments of papers and judge their claims one by one.",
    epilog="Exit codes: 0 all well, 1 a study failed, 2 bad input, 3 the environment is not able, "
    "130 and 143 interrupted.",
)

app.command()(run.run)
app.command()(status.status)
app.command()(status.explain)
app.command()(doctor.doctor)
app.command("check-collection")(check_collection.check_collection)
app.command()(fetch.fetch)
app.command()(fetch.downloads)
app.command()(report.judge)
app.command()(report.report)
app.command()(housekeeping.lab)
app.command()(bench.bench)
app.command()(housekeeping.clean)
app.command("new-study")(new_study.new_study)


@app.callback()
def _project() -> None:
    """Re-run the experiments of papers and judge their claims one by one."""
