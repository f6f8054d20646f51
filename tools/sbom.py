"""The bill of materials: what is installed to run the service, as CycloneDX 1.6 JSON.

    python -m tools.sbom > sbom.json

It says what `requirements/run.txt` pins: names, versions, and the hashes of the files that may be
installed. https://cyclonedx.org/docs/1.6/json/
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

PINNED = Path(__file__).parent.parent / "requirements" / "run.txt"

_PIN = re.compile(r"^([\w.-]+)==([\w.+!-]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(pins: str) -> dict[str, Any]:
    """Give the bill of what the text of a file of pins names."""
    ours = _component("application", "reader-feedback", version("reader-feedback"))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": ours},
        "components": list(_components(pins)),
    }


def _components(pins: str) -> Iterator[dict[str, Any]]:
    """Go through the pins, one a logical line (PEP 508 with `--hash` options)."""
    for line in pins.replace("\\\n", " ").splitlines():
        if pin := _PIN.match(line):
            component = _component("library", pin[1], pin[2])
            files = [
                {"type": "distribution", "url": f"https://pypi.org/project/{pin[1]}/{pin[2]}/"}
                | {"hashes": [{"alg": "SHA-256", "content": found}]}
                for found in _HASH.findall(line)
            ]
            yield component | {"externalReferences": files}


def _component(kind: str, name: str, number: str) -> dict[str, Any]:
    """Give a component; the reference is a package URL (https://github.com/package-url)."""
    address = f"pkg:pypi/{name.lower().replace('_', '-')}@{number}"
    return {"type": kind, "name": name, "version": number, "bom-ref": address, "purl": address}


if __name__ == "__main__":
    json.dump(bill(PINNED.read_text("utf-8")), sys.stdout, indent=2)
    sys.stdout.write("\n")
