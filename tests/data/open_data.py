"""Makes small sets under REPRISE_DATA."""

import gzip
import json


def write_set(home, kind, name, readme="", **files):
    """A set of these files, "__" in a name for "."; lists become lines of JSON, texts stay, .gz is zipped."""
    folder = home / kind / name
    folder.mkdir(parents=True)
    if readme:
        (folder / "README.md").write_text(readme)
    for file, content in files.items():
        path = folder / file.replace("__", ".")
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        raw = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return folder
