"""The bill of materials says what is pinned, and all of it; and all that is pinned has hashes."""

import re
from pathlib import Path

from tools.sbom import PINNED, bill

PINS = PINNED.read_text("utf-8")
NAMES = re.findall(r"^([\w.-]+)==", PINS, re.MULTILINE)


def test_the_bill_names_every_dependency_with_its_hashes() -> None:
    told = bill(PINS)

    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert [each["name"] for each in told["components"]] == NAMES
    assert len({each["bom-ref"] for each in told["components"]}) == len(NAMES)
    for each in told["components"]:
        assert each["purl"].startswith("pkg:pypi/")
        hashes = [file["hashes"][0]["content"] for file in each["externalReferences"]]
        assert hashes
        assert all(re.fullmatch("[0-9a-f]{64}", found) for found in hashes)


def test_whatever_is_installed_is_pinned_by_hash() -> None:
    for path in Path(PINNED).parent.glob("*.txt"):
        lines = path.read_text("utf-8").replace("\\\n", " ").splitlines()
        pins = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]

        assert pins
        assert [line for line in pins if "==" not in line or "--hash=sha256:" not in line] == []
