"""PostgreSQL: connections on which no request waits for ever.

A server that is down refuses at once. One that hangs, or a network that swallows what is sent,
says nothing: then a request is told so in time, its connection is given up, and with it the pool's
other ones, which are as old. Whoever works in the background waits for as long as it takes.
"""

from collections.abc import Generator
from typing import Any

import psycopg
from flask import has_request_context
from psycopg.pq import TransactionStatus

#: Seconds in which a connection must say that it still works, before a request is given it.
PING = 3.0
#: Seconds that a statement may take while somebody waits for a page.
STATEMENT = 8.0


class Prompt(psycopg.Connection[Any]):
    """A connection that is closed when a request has waited too long for it."""

    def wait(
        self, gen: Generator[Any, Any, Any], interval: float = 0.1, timeout: float | None = None
    ) -> Any:
        """Wait for the server. Raises OperationalError."""
        if timeout is None and has_request_context():
            timeout = PING if self.autocommit else STATEMENT  # a ping is in no transaction
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise
