#!/bin/sh
# See that there is a Chromium for the browser tests; install it where that is possible.
set -eu

found() {
    [ -n "${FEEDBACK_TEST_CHROMIUM:-}" ] && return 0
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

found && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests" >&2
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-dejavu-core >&2
fi

found || {
    echo "The browser tests need Chromium. Install it (Debian: apt install chromium)," >&2
    echo "or name one: FEEDBACK_TEST_CHROMIUM=/path/to/chrome make test" >&2
    exit 1
}
