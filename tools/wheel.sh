#!/usr/bin/env bash
# Build the wheel from the sdist, install it alone, start it, and ask it for what ships with it.
set -euo pipefail
cd "$(dirname "$0")/.."
make --no-print-directory setup

work=$(mktemp -d)
service=""
finish() {
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

.venv/bin/python -m build --outdir "$work/dist" . >"$work/build.log" 2>&1 \
    || { cat "$work/build.log" >&2; exit 1; }
.venv/bin/uv venv --quiet --python .venv/bin/python "$work/venv"
.venv/bin/uv pip install --quiet --python "$work/venv/bin/python" --require-hashes \
    -r requirements/run.txt
.venv/bin/uv pip install --quiet --python "$work/venv/bin/python" --no-deps "$work"/dist/*.whl

port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cd "$work" # nothing of the checkout may be found by accident
FEEDBACK_HOME="$work/home" "$work/venv/bin/feedback" serve --bind "127.0.0.1:$port" \
    >"$work/serve.log" 2>&1 &
service=$!

"$work/venv/bin/python" - "http://127.0.0.1:$port" <<'PYTHON' || { cat "$work/serve.log" >&2; exit 1; }
import sys
import time
import urllib.error
import urllib.request

base = sys.argv[1]
for _ in range(600):
    try:
        urllib.request.urlopen(base + "/readyz").read()
        break
    except urllib.error.URLError:
        time.sleep(0.1)
for path, expected in (
    ("/readyz", b"ok"),
    ("/embed.js", b"import("),
    ("/sign-in", b"csrf_token"),
    ("/static/any/css/desk.css", b"color-scheme"),
):
    body = urllib.request.urlopen(base + path).read()
    assert expected in body, (path, body[:200])
print("The installed wheel answers.")
PYTHON
kill -TERM "$service"
wait "$service"
service=""
echo "It stopped when told to."
