"""Mail servers on loopback that behave as told: they refuse, hang up, drip, want a sign-in.

with a_mail_server(answers={"RCPT": "550 5.1.1 No such user"}) as server:
    ...
    assert server.mails == []
"""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "feedback@paper.example", "correct: horse@battery"


@dataclass
class MailServer:
    """A server that runs, and what it took."""

    port: int
    mails: list[Envelope] = field(default_factory=list)
    #: Whether each came encrypted, and by whom.
    encrypted: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    def url(self, scheme: str = "smtp", who: str = "", query: str = "") -> str:
        return f"{scheme}://{who}localhost:{self.port}{query}"


class Handler:
    """Answers as it is told, else takes everything."""

    def __init__(self, took: MailServer, answers: dict[str, str]) -> None:
        self.took = took
        self.answers = answers

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd names it
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd names it
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if (answer := self.answers.get("DATA", "250 2.0.0 Queued")).startswith("2"):
            self.took.mails.append(envelope)
            self.took.encrypted.append(bool(server.transport.get_extra_info("sslcontext")))
        return answer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.took.users.append(given.login.decode())
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)


class OnLoopback(Controller):
    """A controller that makes the server of our options, TLS from the start if asked."""

    def __init__(self, handler: Handler, context: ssl.SSLContext | None, **options: Any) -> None:
        self.options = options
        super().__init__(handler, hostname="127.0.0.1", port=0, ssl_context=context)

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.options)

    def _trigger_server(self) -> None:
        """Learn the port that the system chose; the first connection is the first test's."""
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def a_mail_server(
    *,
    answers: dict[str, str] | None = None,
    certificate: tuple[str, str] | None = None,
    implicit: bool = False,
    sign_in: bool = False,
    utf8: bool = True,
    largest: int = 2**20,
) -> Iterator[MailServer]:
    """Serve mail; with a certificate by STARTTLS, or from the first byte."""
    context = _context(certificate) if certificate else None
    took = MailServer(0)
    handler = Handler(took, answers or {})
    upgrades = context is not None and not implicit
    controller = OnLoopback(
        handler,
        context if implicit else None,
        tls_context=None if implicit else context,
        authenticator=handler.authenticate if sign_in else None,
        auth_required=upgrades and sign_in,  # or it warns
        auth_require_tls=upgrades,
        enable_SMTPUTF8=utf8,
        data_size_limit=largest,
        hostname="mail.example",
    )
    controller.start()
    took.port = controller.port
    try:
        yield took
    finally:
        controller.stop()


def _context(certificate: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@contextmanager
def a_script(*lines: bytes, drips: bool = False, stalls: bool = False) -> Iterator[int]:
    """Serve one client: a line after each of its, the first as a greeting; then hang up.

    It `stalls` instead at the end, or sends that line's bytes one by one for ever. Gives the port.
    """
    closing = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as sock:
            reader = sock.makefile("rb")
            for line in lines:
                sock.sendall(line + b"\r\n")
                reader.readline()
            while stalls and not closing.wait(0.05):
                pass
            while drips and not closing.wait(0.05):
                sock.sendall(b"2")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        closing.set()
        listener.close()
        thread.join()


@pytest.fixture(scope="module")
def localhost(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate of localhost, and its key."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl makes the certificate"
    place: Path = tmp_path_factory.mktemp("tls")
    made, key = str(place / "cert.pem"), str(place / "key.pem")
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = [openssl, "req", "-x509", *kind, *name, "-keyout", key, "-out", made]
    subprocess.run(command, check=True, capture_output=True)
    return made, key
