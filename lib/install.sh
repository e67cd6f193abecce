#!/bin/sh
# Install the locked versions and this project into the environment at $1, which is made when it is not there.
# An environment that conda made has the first file already; the second, without dependencies, it cannot say.
# uv is used when it is present (seconds), pip otherwise (about three minutes).
set -eu
environment=$1
python=${PYTHON:-python3}

fail() { printf 'reprise: %s\n' "$1" >&2; exit 3; }

if [ ! -x "$environment/bin/python" ]; then
    command -v "$python" >/dev/null || fail "no $python found. To mend it: install Python 3.11 to 3.14."
    "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
        || fail "the locked packages are not there for $("$python" -V). To mend it: set PYTHON to a Python 3.11 to 3.14."
    if command -v uv >/dev/null; then
        uv venv --quiet --python "$python" "$environment"
    else
        "$python" -m venv "$environment" \
            || { rm -rf "$environment"; fail "$python cannot make an environment. To mend it: install python3-venv, or uv."; }
    fi
fi

printf 'reprise: installing the locked versions into %s (about 3 GB)\n' "$environment"
if command -v uv >/dev/null; then
    uv pip install --python "$environment/bin/python" --requirement requirements.lock
    uv pip install --python "$environment/bin/python" --no-deps \
        --requirement lib/requirements-no-deps.lock --editable .
else
    "$environment/bin/python" -m pip install --disable-pip-version-check --progress-bar off --quiet --requirement requirements.lock
    "$environment/bin/python" -m pip install --disable-pip-version-check --quiet --no-deps \
        --requirement lib/requirements-no-deps.lock --editable .
fi
