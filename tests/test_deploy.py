"""What `deploy/` says is true where a machine can tell: settings, commands, files, figures."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from feedback.cli import feedback
from feedback.config import load, unknown
from feedback.worker import figures

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
UNITS = sorted(DEPLOY.glob("*.service"))
SAMPLES = re.compile(r"\b(?:feedback|process)_[a-z_]+\b")


def parsed(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


def lines(name: str, word: str) -> list[str]:
    """What follows a word at the beginning of the lines of a Dockerfile."""
    text = (DEPLOY / name).read_text("utf-8").replace("\\\n", " ")
    return re.findall(rf"^\s*{word} +(.+)$", text, re.MULTILINE)


def commands() -> Iterator[list[str]]:
    """Each `feedback` command that is run somewhere."""
    for unit in UNITS:
        (line,) = re.findall(
            r"^ExecStart=\S+/feedback (.+)$", unit.read_text("utf-8"), re.MULTILINE
        )
        yield shlex.split(line)
    yield from (json.loads(line) for line in lines("Dockerfile", "CMD") if "serve" in line)
    for name in ("serve", "worker", "upgrade"):
        yield parsed("compose.yaml")["services"][name]["command"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    found = re.findall(r"\bFEEDBACK_[A-Z_]+\b", path.read_text("utf-8"))

    assert unknown(dict.fromkeys(found, "")) == []


def test_the_settings_of_the_composition_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    given = parsed("compose.yaml")["services"]["serve"]["environment"]
    for name, text in given.items():
        if not name.endswith("_FILE"):
            filled = re.sub(r"\$\{SITE_HOST[^}]*\}", "feedback.example.org", text)
            monkeypatch.setenv(name, re.sub(r"\$\{SMTP_URL:-\}", "", filled))

    settings = load()

    assert settings.base_url == "https://feedback.example.org"
    assert settings.redis_url
    networks = parsed("compose.yaml")["networks"]["inside"]["ipam"]["config"]
    assert [str(each) for each in settings.trusted_proxies] == [networks[0]["subnet"]]


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_that_is_run_exists(words: list[str]) -> None:
    command = feedback.commands[words[0]]

    assert command.make_context(words[0], words[1:])


def test_the_composition_is_many_after_one_upgrade() -> None:
    services = parsed("compose.yaml")["services"]

    assert [services[name]["deploy"]["replicas"] for name in ("serve", "worker")] == [2, 2]
    for name in ("serve", "worker"):
        condition = services[name]["depends_on"]["upgrade"]["condition"]
        assert condition == "service_completed_successfully"
    named = {each for one in services.values() for each in one.get("secrets", [])}
    assert named == parsed("compose.yaml")["secrets"].keys()


def test_the_image_is_made_of_what_is_there_and_is_not_root() -> None:
    copied = [word for line in lines("Dockerfile", "COPY") for word in line.split()[:-1]]
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()

    ours = [word for word in copied if not word.startswith(("--", "/"))]
    assert ours
    assert [word for word in ours if not (ROOT / word).exists()] == []
    assert [word for word in ours if f"!{word}" not in kept] == []
    assert lines("Dockerfile", "USER") == ["10001"]
    assert "/readyz" in lines("Dockerfile", "HEALTHCHECK")[0]
    assert all(
        line.startswith("[") for word in ("RUN", "CMD") for line in lines("Dockerfile", word)
    )
    assert any("--require-hashes" in line for line in lines("Dockerfile", "RUN"))


def test_the_units_differ_in_what_they_run_alone() -> None:
    serve, worker = (unit.read_text("utf-8").splitlines() for unit in UNITS)

    differ = [one.split("=")[0] for one, other in zip(serve, worker, strict=True) if one != other]

    assert [each for each in differ if not each.startswith("#")] == ["Description", "ExecStart"]
    assert {"User=feedback", "NoNewPrivileges=yes", "ProtectSystem=strict"} < set(serve)


# Figures


def expressions() -> Iterator[str]:
    """All that is asked of Prometheus."""
    for panel in json.loads((DEPLOY / "grafana.json").read_text("utf-8"))["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    for group in parsed("alerts.yml")["groups"]:
        yield from (rule["expr"] for rule in group["rules"])


@pytest.fixture
def told(app: Flask) -> set[str]:
    """The name of each sample that `/metrics` tells, or would once there is something to tell."""
    with app.app_context():
        figures.add_up()
    text = app.test_client().get("/metrics").text
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    suffixes = {"histogram": ("_bucket", "_sum", "_count")}
    return {name + end for name, kind in kinds.items() for end in suffixes.get(kind, ("",))}


def test_every_figure_that_is_asked_for_is_told(told: set[str]) -> None:
    asked = {name for each in expressions() for name in SAMPLES.findall(each)}

    assert len(asked) > 15
    assert asked - told == set()


def test_every_alert_is_in_the_docs() -> None:
    rules = [rule for group in parsed("alerts.yml")["groups"] for rule in group["rules"]]
    docs = (ROOT / "docs" / "run.md").read_text("utf-8")

    assert [rule["alert"] for rule in rules if f"`{rule['alert']}`" not in docs] == []
    assert all(rule["labels"]["severity"] in {"page", "look"} for rule in rules)


def test_prometheus_is_told_the_alerts() -> None:
    config = parsed("prometheus.yml")

    assert config["rule_files"] == ["alerts.yml"]
    assert config["scrape_configs"][0]["job_name"] == "feedback"


def test_no_two_panels_overlap() -> None:
    panels = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))["panels"]

    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in panels}) == len(panels)
