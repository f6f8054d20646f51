#!/bin/sh
# See that there are Chromium, Firefox and WebKit for the reader's journey; install what is missing
# where that is possible.
set -eu

sh "$(dirname "$0")/browser.sh"

has() {
    command -v "$1" >/dev/null 2>&1
}

missing() {
    [ -n "${FEEDBACK_TEST_FIREFOX:-}" ] || has firefox-esr || has firefox || echo firefox-esr
    has WebKitWebDriver || echo webkit2gtk-driver
    has Xvfb || echo xvfb
}

packages=$(missing | tr '\n' ' ')
[ -n "$packages" ] || exit 0

if [ "$(id -u)" = 0 ] && has apt-get; then
    echo "Installing for the reader's journey: $packages" >&2
    apt-get update -qq >&2
    # shellcheck disable=SC2086 # one word for each package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        $packages fonts-dejavu-core >&2
fi

packages=$(missing | tr '\n' ' ')
[ -z "$packages" ] || {
    echo "The reader's journey needs Firefox, and WebKitGTK with its driver and a virtual screen." >&2
    echo "Install what is missing (Debian: apt install ${packages% })," >&2
    echo "or name a Firefox: FEEDBACK_TEST_FIREFOX=/path/to/firefox make browsers" >&2
    exit 1
}
