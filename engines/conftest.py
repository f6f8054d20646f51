"""The service, a paper, and Ann in each engine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from engines import chromium, firefox, process, webkit
from engines.engine import Engine
from engines.paper import Paper
from engines.plug import Plug
from engines.reader import Ann
from tests.browser.service import Service

ENGINES: dict[str, Callable[[Path], AbstractContextManager[Engine]]] = {
    "chromium": chromium.started,
    "firefox": firefox.started,
    "webkit": webkit.started,
}


@pytest.fixture(scope="session")
def paper() -> Iterator[Paper]:
    with Paper.running() as paper:
        yield paper


@pytest.fixture(scope="session")
def service(paper: Paper, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Install a service with one site and Ed; `plug` has it running."""
    service = Service(tmp_path_factory.mktemp("service"), f"127.0.0.1:{process.a_lasting_port()}")
    service.install(paper.origin)
    return service


@pytest.fixture(scope="session")
def _plug(service: Service) -> Iterator[Plug]:
    plug = Plug(service)
    yield plug
    plug.pull()


@pytest.fixture
def plug(_plug: Plug) -> Plug:
    _plug.put_in()
    return _plug


@pytest.fixture(scope="session", params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as engine:
        yield engine


@pytest.fixture
def ann(
    request: pytest.FixtureRequest, engine: Engine, paper: Paper, service: Service, plug: Plug
) -> Iterator[Ann]:
    """Ann, not yet at any article. What the console hears, and what breaks the policy, fails."""
    paper.violations.clear()
    with engine.tab() as tab:
        ann = Ann(tab, paper, service, f"/{request.node.name}")
        yield ann
        noise = ann.noise()
        print("The console:", *tab.heard(), sep="\n  ")
        violations = ann.violations()
    assert noise == []
    assert violations == []
