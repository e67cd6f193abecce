"""The generated parts of a README follow results and ledgers, and nothing else in it changes."""

import pytest

from reprise.errors import InputError
from reprise.site.readme import readme_is_current, rewrite_readme

TEXT = """# A project
<!-- reprise:verdicts -->
old
<!-- /reprise:verdicts -->
It takes <!-- reprise:value minutes:default -->99<!-- /reprise:value --> minutes,
<!-- reprise:value minutes:default:fusion --><!-- /reprise:value --> for one, on
<!-- reprise:value documents:pydocs --><!-- /reprise:value --> documents;
paper <!-- reprise:value minutes:paper --><!-- /reprise:value -->.
"""


@pytest.fixture
def readme(project):
    (project / "README.md").write_text(TEXT)
    return project / "README.md"


def test_counts_and_values_are_filled_in(project, readme):
    assert not readme_is_current(project)
    assert rewrite_readme(project)
    text = readme.read_text()
    assert (
        "| Fuse & be better (SIGIR 2022) | 1 ✗ · 1 – | [1 ◐ · 1 –](results/default/fusion/notebook.ipynb) |"
        in text
    )
    assert "-->10<!-- /reprise:value --> minutes" in text and "-->7,012<!--" in text
    assert "paper <!-- reprise:value minutes:paper -->(not run yet)<!--" in text
    assert "old" not in text and text.startswith("# A project\n") and "smoke" not in text


def test_every_claim_stands_with_its_verdicts_side_by_side(project, readme):
    readme.write_text("<!-- reprise:claims -->\nold\n<!-- /reprise:claims -->\n")
    rewrite_readme(project)
    text = readme.read_text()
    assert "<summary>Fuse &amp; be better</summary>" in text and "old" not in text
    assert "| claim | the paper's numbers | ours, default |" in text
    rows = [line for line in text.splitlines() if line.endswith("| ✗ | ◐ |") or line.endswith("| – | – |")]
    assert len(rows) == 2
    assert readme_is_current(project)


def test_twice_changes_nothing(project, readme):
    rewrite_readme(project)
    assert not rewrite_readme(project) and readme_is_current(project)


def test_a_changed_published_number_makes_it_out_of_date(project, readme):
    rewrite_readme(project)
    file = project / "params" / "published" / "fusion.yaml"
    file.write_text(file.read_text().replace("nDCG@10: 0.45", "nDCG@10: 0.55"))
    assert not readme_is_current(project)


def test_without_results_the_papers_own_numbers_are_judged_all_the_same(project, readme):
    import shutil

    shutil.rmtree(project / "results" / "default")
    rewrite_readme(project)
    assert "| 1 ✗ · 1 – |" in readme.read_text() and "No results but those" in readme.read_text()


def test_a_table_of_a_study_stands_where_it_is_asked_for(project, readme):
    readme.write_text("<!-- reprise:table default/fusion/table1 -->\nout of date\n<!-- /reprise:table -->\n")
    rewrite_readme(project)
    text = readme.read_text()
    assert "out of date" not in text and "| :--- |" in text and readme_is_current(project)
    readme.write_text("<!-- reprise:table open/fusion/table1 -->\n<!-- /reprise:table -->\n")
    rewrite_readme(project)
    assert "(not run yet)" in readme.read_text()
    readme.write_text("<!-- reprise:table default/fusion/table9 -->\n<!-- /reprise:table -->\n")
    with pytest.raises(InputError, match="fusion/table9"):
        rewrite_readme(project)


def test_an_unknown_value_is_refused(project, readme):
    readme.write_text("<!-- reprise:value minuets:default --><!-- /reprise:value -->")
    with pytest.raises(InputError, match="minuets"):
        rewrite_readme(project)
