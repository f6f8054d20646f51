"""Where the files that ship with the code are."""

from pathlib import Path


def shipped(name: str) -> Path:
    """Find a folder that ships: beside the package in a checkout, inside it once installed."""
    here = Path(__file__).parent
    inside = here / name
    return inside if inside.is_dir() else here.parent / name
