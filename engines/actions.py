"""The mouse and the keys in the words of WebDriver, which Firefox and WebKit both take."""

from typing import Any

from engines.engine import Point

Source = dict[str, Any]

_KEYS = {"Control": "\ue009", "Enter": "\ue007", "Escape": "\ue00c"}
_DOWN = {"type": "pointerDown", "button": 0}
_UP = {"type": "pointerUp", "button": 0}
#: Between the ends of a drag, so that the page sees the mouse move.
_STEPS = 5


def clicks(at: Point, times: int) -> list[Source]:
    return _mouse([_move(at), *[_DOWN, _UP] * times])


def drag(start: Point, end: Point) -> list[Source]:
    way = [
        Point(*(a + (z - a) * step / _STEPS for a, z in zip(start, end, strict=True)))
        for step in range(1, _STEPS + 1)
    ]
    return _mouse([_move(start), _DOWN, *map(_move, way), _UP])


def chord(keys: tuple[str, ...]) -> list[Source]:
    values = [_KEYS[key] for key in keys]
    return _keys(
        [{"type": "keyDown", "value": value} for value in values]
        + [{"type": "keyUp", "value": value} for value in reversed(values)]
    )


def typing(text: str) -> list[Source]:
    return _keys([{"type": kind, "value": each} for each in text for kind in ("keyDown", "keyUp")])


def _move(to: Point) -> Source:
    return {"type": "pointerMove", "x": round(to.x), "y": round(to.y), "duration": 0}


def _mouse(steps: list[Source]) -> list[Source]:
    parameters = {"pointerType": "mouse"}
    return [{"type": "pointer", "id": "mouse", "parameters": parameters, "actions": steps}]


def _keys(steps: list[Source]) -> list[Source]:
    return [{"type": "key", "id": "keys", "actions": steps}]
