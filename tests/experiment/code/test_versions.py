"""The same text gives the same hashes on every Python that a study may run on."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import reprise

LIB = Path(reprise.__file__).parents[1]

# what versions have parsed or written down differently
STRANGE = '''
K = {"é": 1_000, "\\N{SNOWMAN}\\x7f\\u2028": 1e400, b"\\xff": 3j, None: ...}
def f(a, /, b: "list[int]" = 2, *c, d=f"{K!r:>{10}}{'a' 'b'}" f"c{{" "d{", **e) -> None:
    """Documented."""
    x = f"{a = }" f"{b:%Y-%m-%d}" f"" u"old"
    return [y async for y in c if (z := y)] or x @ -a ** 2, (yield), lambda *, k=1: k
async def g(): return await f(1)
class A(dict, total=(1, 2)):
    """Documented."""
    field: int
    """Documented too."""
match K:
    case {"a": A(x=1) | [_, *rest], **more} if rest: del more
try: pass
except* OSError as e: raise
'''

ASK = """
import ast, json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from reprise.experiment.code.module import read_module
texts = {"strange": sys.stdin.read()}
for file in sorted(Path(sys.argv[1], "reprise").rglob("*.py"))[::9]:
    texts[file.relative_to(sys.argv[1]).as_posix()] = file.read_text(encoding="utf-8")
found = {n: read_module(t.encode(), "reprise.x", frozenset({"reprise"})) for n, t in texts.items()}
print(json.dumps({n: [[p.digest, p.reads, p.wholes, p.acts] for p in m.pieces] for n, m in found.items()}))
"""


def interpreters():
    """Other Pythons on this machine, by version: where pyenv keeps them, or on the path."""
    known = {}
    for version in ("3.11", "3.12", "3.13", "3.14"):
        kept = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
        if found := next(map(str, kept), None) or shutil.which(f"python{version}"):
            known[version] = found
    return known


def ask(python):
    done = subprocess.run([python, "-c", ASK, str(LIB)], input=STRANGE, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def here():
    code, out, err = ask(sys.executable)
    assert code == 0, err
    return json.loads(out)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_another_version_of_python_gives_the_same_hashes(version, here):
    python = interpreters().get(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    code, out, err = ask(python)
    if "No module named" in err or "is not a working" in err or "command not found" in err:
        pytest.skip(f"Python {version} cannot be used here: {err.strip().splitlines()[-1]}")
    assert code == 0, err
    assert json.loads(out) == here
