"""What the README shows of the results is what the committed results say."""

from pathlib import Path

from reprise.site.readme import readme_is_current

ROOT = Path(__file__).parents[1]


def test_the_generated_parts_of_the_readme_are_up_to_date():
    assert readme_is_current(ROOT), "run `make report` and commit README.md"
