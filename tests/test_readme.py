"""What the README shows is what there is: the committed results, and what its lines of Python print."""

import doctest
import re
from pathlib import Path

from reprise.site.readme import readme_is_current

ROOT = Path(__file__).parents[1]


def test_the_generated_parts_of_the_readme_are_up_to_date():
    assert readme_is_current(ROOT), "run `make report` and commit README.md"


def test_the_lines_of_python_print_what_the_readme_says():
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    shown = [block for block in blocks if block.startswith(">>>")]
    assert len(shown) == 1
    test = doctest.DocTestParser().get_doctest(shown[0], {}, "README.md", "README.md", 0)
    said = []
    doctest.DocTestRunner().run(test, out=said.append)
    assert said == [], "".join(said)
