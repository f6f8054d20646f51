"""Drawing: JSON Schema of the models, for the documents that programs read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

Schema = dict[str, Any]
Wanted = tuple[Any, JsonSchemaMode]
#: Where the schema of each model that was wanted is.
Drawn = dict[Wanted, Schema]


class _Untitled(GenerateJsonSchema):
    """Schemas without a title for each field, which only says its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- pydantic's
        return False


def draw(
    wanted: Iterable[Wanted], place: str, called: Mapping[str, str] | None = None
) -> tuple[Drawn, dict[str, Schema]]:
    """Draw each model that is sent or answered; give references to them, and what they name.

    Lists of words are put where they are used, as in the models, and each other model is called
    by its own name, or as it is `called`. `place` is what references begin with.
    """
    references, drawn = models_json_schema(
        list(dict.fromkeys(wanted)), ref_template=place + "{model}", schema_generator=_Untitled
    )
    found: dict[str, Schema] = drawn["$defs"]
    words = {name: schema["enum"] for name, schema in found.items() if "enum" in schema}
    own = {name: name.rpartition("__")[2] for name in found if name not in words}
    names = {name: (called or {}).get(short, short) for name, short in own.items()}
    tidy = _Tidy(place, words, names)
    schemas = {short: tidy(found[name]) for name, short in names.items()}
    if len(schemas) < len(names):
        raise AssertionError(f"two models have one name: {sorted(names.values())}")
    return {key: tidy(each) for key, each in references.items()}, schemas


def fields(model: type[BaseModel], place: str) -> Iterator[tuple[str, Schema]]:
    """Draw each field of a model by itself, with its name."""
    drawn = model.model_json_schema(ref_template=place + "{model}", schema_generator=_Untitled)
    words = {name: schema["enum"] for name, schema in drawn.get("$defs", {}).items()}
    tidy = _Tidy(place, words, {})
    for name, untidy in drawn["properties"].items():
        yield name, tidy(untidy)


class _Tidy:
    """Leaves out titles, and puts short names and words for what is referred to."""

    def __init__(
        self, place: str, words: Mapping[str, list[str]], names: Mapping[str, str]
    ) -> None:
        self._place = place
        self._words = words
        self._names = names

    def __call__(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self(each) for each in node]
        if not isinstance(node, dict):
            return node
        kept = {key: self(value) for key, value in node.items() if not _is_title(key, value)}
        named = str(kept.get("$ref", "")).removeprefix(self._place)
        if named in self._words:
            del kept["$ref"]
            return {"type": "string", "enum": self._words[named], **kept}
        if named in self._names:
            return kept | {"$ref": self._place + self._names[named]}
        return kept


def _is_title(key: str, value: object) -> bool:
    """Tell a title from a property that is called so."""
    return key == "title" and isinstance(value, str)
