"""A newspaper's site whose policy is the strictest, and that hears of what breaks it."""

import json
from typing import Any

from tests.browser.article import strict_policy
from tests.browser.loopback import ArticleHandler, ArticleSite


class PaperHandler(ArticleHandler):
    server: "Paper"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.violations.append(body["csp-report"])
        self.send(204, b"", {})


class Paper(ArticleSite):
    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = PaperHandler
        self.violations: list[dict[str, Any]] = []

    def print(self, path: str, html: str, service: str) -> str:
        """Publish a page under the strict policy; browsers report to us what breaks it."""
        policy = f"{strict_policy(service)}; report-uri {self.origin}/violations"
        return self.publish(path, html, {"Content-Security-Policy": policy})
