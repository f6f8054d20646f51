"""WebKit, as WebKitGTK ships it, driven by its own driver through Selenium."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from engines import actions, process
from engines.engine import HEIGHT, PATIENCE, WIDTH, Engine, Point, until
from engines.inspector import Inspector, inspecting

#: Where distributions put the small browser that comes with WebKitGTK.
PLACES = ["usr/lib/*/webkit*gtk-*", "usr/lib/webkit*gtk-*", "usr/libexec/webkit*gtk-*"]
#: No settings of the person who runs this count.
ENVIRONMENT = {"GSETTINGS_BACKEND": "memory", "NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11"}


def program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise pytest.UsageError(f"No {name} found. `make browsers` says what to install.")
    return found


def minibrowser() -> str:
    found = [path for place in PLACES for path in Path("/").glob(f"{place}/MiniBrowser")]
    if not found:
        raise pytest.UsageError("No MiniBrowser found. `make browsers` says what to install.")
    return str(found[0])


@contextmanager
def started(home: Path) -> Iterator[Engine]:
    # The driver can start browsers too, but would have each listen at a port that was free just
    # before, and wait for ever where it has been taken meanwhile.
    address = f"127.0.0.1:{process.a_lasting_port()}"
    with screen(home) as display:
        more = {"HOME": str(home), "DISPLAY": display, "WEBKIT_INSPECTOR_SERVER": address}
        driver = Service(program("WebKitWebDriver"), service_args=[f"--target={address}"])
        driver.start()
        try:
            yield WebKit(driver.service_url, address, home, ENVIRONMENT | more)
        finally:
            driver.stop()


@contextmanager
def screen(home: Path) -> Iterator[str]:
    """Put up a screen that nobody looks at, and give its name."""
    said = home / "xvfb.log"
    size = f"{WIDTH}x{HEIGHT + 200}x24"
    # Without -noreset it turns away who comes while it clears up after the last who went.
    words = [program("Xvfb"), "-displayfd", "2", "-noreset", "-nolisten", "tcp"]
    with process.running([*words, "-screen", "0", size], said):
        yield ":" + until(lambda: _number(said.read_text()), "a screen is up")


def _number(said: str) -> str:
    return next((line for line in said.splitlines() if line.isdigit()), "")


class WebKit:
    """A driver, and where it looks for the browser, which is another for each tab."""

    def __init__(self, driver: str, address: str, home: Path, more: dict[str, str]) -> None:
        self._driver = ClientConfig(driver, timeout=2 * PATIENCE)
        self._address = address
        self._home = home
        self._more = more

    @contextmanager
    def tab(self) -> Iterator["WebKitTab"]:
        said = self._home / "webkit.log"
        with process.running([minibrowser(), "--automation"], said, self._more) as webkit:
            until(lambda: process.listens(self._address, webkit, said), "WebKit listens")
            driver = RemoteConnection(client_config=self._driver)
            browser = WebDriver(driver, options=Options())
            try:
                with inspecting(self._address) as inspector:
                    yield WebKitTab(browser, inspector)
            finally:
                browser.quit()


class WebKitTab:
    def __init__(self, browser: WebDriver, inspector: Inspector) -> None:
        self._browser = browser
        self._inspector = inspector

    def open(self, address: str) -> None:
        self._browser.get(address)

    def reload(self) -> None:
        self._browser.refresh()

    def call(self, function: str, given: Any) -> Any:
        return self._browser.execute_script(f"return ({function})(arguments[0])", given)

    def click(self, at: Point, times: int = 1) -> None:
        self._perform(actions.clicks(at, times))

    def drag(self, start: Point, end: Point) -> None:
        self._perform(actions.drag(start, end))

    def press(self, *keys: str) -> None:
        self._perform(actions.chord(keys))

    def type(self, text: str) -> None:
        self._perform(actions.typing(text))

    def _perform(self, sources: list[actions.Source]) -> None:
        self._browser.execute(Command.W3C_ACTIONS, {"actions": sources})

    def heard(self) -> list[str]:
        self._inspector.listen()
        return list(self._inspector.heard)
