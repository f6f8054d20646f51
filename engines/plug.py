"""The service's plug: out of its socket, the service cannot be reached."""

import re
import urllib.request
from contextlib import ExitStack

from engines.engine import PATIENCE
from tests.browser.service import Service

_REPORTS = re.compile(r"^feedback_reports_total\{.*\} (\S+)$", re.MULTILINE)


class Plug:
    """The service, which can be pulled and put in again."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._running = ExitStack()
        self._in = False

    def put_in(self) -> None:
        if not self._in:
            self._running.enter_context(self._service.running())
        self._in = True

    def pull(self) -> None:
        self._running.close()
        self._in = False

    def reports_taken(self) -> int:
        """How many reports have come in since it was put in, whatever came of them."""
        with urllib.request.urlopen(f"{self._service.origin}/metrics", timeout=PATIENCE) as answer:
            figures = answer.read().decode()
        return round(sum(map(float, _REPORTS.findall(figures))))
