"""JSON Schemas of the OpenAPI document as flat lists of fields, for people, and as examples, for a shell.

A field is named by its way from the top: `options.languages`, `fields[].citations[].page`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Schema = Mapping[str, Any]
REFERENCE = "#/components/schemas/"
DEEPEST = 8
SAMPLE_ID = "01jd3r8m5x7q2w9t4v6y0z1abc"
# What a type alone does not tell; for any other text there is a word that would do.
SAMPLES: dict[str, Any] = {
    "credits": "100",
    "threshold": "100",
    "file": "@receipt.jpg",
    "messages": [{"role": "user", "content": "What is the capital of France?"}],
    "model": "auto",
    "name": "delivery-notes",
    "product": "starter",
    "schema": {"type": "object", "properties": {"total": {"type": "number"}}},
    "schema_name": "receipt",
    "score": 0.9,
    "to_key": f"key_{SAMPLE_ID[::-1]}",
    "url": "https://example.com/hooks",
}


@dataclass(frozen=True, slots=True)
class Field:
    """`limits`: sentences. `default`: as JSON, empty where there is none."""

    name: str
    kind: str
    required: bool
    text: str
    choices: tuple[str, ...]
    limits: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads schemas that point into one set of components."""

    components: Mapping[str, Schema]

    def follow(self, schema: Schema) -> Schema:
        """What a reference points at, with what is said beside it."""
        if "$ref" not in schema:
            return schema
        beside = {name: said for name, said in schema.items() if name != "$ref"}
        return {**self.components[schema["$ref"].removeprefix(REFERENCE)], **beside}

    def bare(self, schema: Schema) -> tuple[Schema, bool]:
        """Without the null that it allows, and whether it did."""
        found = self.follow(schema)
        variants = found.get("anyOf")
        if not variants:
            return found, False
        some = [one for one in variants if one.get("type") != "null"]
        beside = {name: said for name, said in found.items() if name != "anyOf"}
        bare = {**self.follow(some[0]), **beside} if len(some) == 1 else {**beside, "anyOf": some}
        return bare, len(some) < len(variants)

    def kind(self, schema: Schema) -> str:
        bare, nullable = self.bare(schema)
        return f"{self._kind(bare)} | null" if nullable else self._kind(bare)

    def _kind(self, schema: Schema) -> str:
        if "anyOf" in schema:
            return " | ".join(dict.fromkeys(self.kind(one) for one in schema["anyOf"]))
        if schema.get("format") == "binary":
            return "file"
        known = schema.get("type", "any" if "const" not in schema else type_of(schema["const"]))
        if known == "array":
            return f"array<{self.kind(schema.get('items', {}))}>"
        values = schema.get("additionalProperties")
        if known == "object" and isinstance(values, dict) and not schema.get("properties"):
            return f"object<{self.kind(values)}>"
        said = schema.get("format") or schema.get("contentEncoding")
        return f"{known} ({said})" if said else str(known)

    def fields(self, schema: Schema, way: str = "", depth: int = 0) -> Iterator[Field]:
        """Those of an object, each followed by its own."""
        inner, opened = self._open(schema)
        way += opened if way or opened == "[]" else ""
        required = inner.get("required", ())
        for name, of_field in inner.get("properties", {}).items():
            path = f"{way}.{name}" if way else name
            yield self._field(path, of_field, required=name in required)
            if depth < DEEPEST:
                yield from self.fields(of_field, path, depth + 1)

    def _open(self, schema: Schema) -> tuple[Schema, str]:
        """The object inside arrays and maps, and how deep it lies: `[]` for each array, `.*` for each map."""
        bare, _nullable = self.bare(schema)
        values = bare.get("additionalProperties")
        if bare.get("type") == "array" and "items" in bare:
            inner, opened = self._open(bare["items"])
            return inner, f"[]{opened}"
        if isinstance(values, dict) and not bare.get("properties"):
            inner, opened = self._open(values)
            return inner, f".*{opened}"
        for one in bare.get("anyOf", ()):
            inner, opened = self._open(one)
            if inner.get("properties"):
                return inner, opened
        return bare, ""

    def _field(self, name: str, schema: Schema, *, required: bool) -> Field:
        bare, _nullable = self.bare(schema)
        items = self.bare(bare["items"])[0] if "items" in bare else {}
        return Field(
            name=name,
            kind=self.kind(schema),
            required=required,
            text=bare.get("description", ""),
            choices=tuple(json.dumps(one) for one in _choices(bare) or _choices(items)),
            limits=(*limits_of(bare), *(_("each: %(limit)s") % {"limit": limit} for limit in limits_of(items))),
            default=json.dumps(bare["default"]) if bare.get("default") not in (None, "") else "",
        )

    def sample(self, name: str, schema: Schema) -> Any:
        """A value that this schema accepts, for the field of this name."""
        bare, _nullable = self.bare(schema)
        if choices := _choices(bare):
            return choices[0]
        known = bare.get("type")
        if known == "object" and "properties" in bare:
            return self.sample_object(bare)
        if name in SAMPLES and known != "array":
            return SAMPLES[name]
        if prefix := id_prefix(bare.get("pattern", "")):
            return f"{prefix}{SAMPLE_ID}"
        if known == "array":
            return SAMPLES["messages"] if name == "messages" else [self.sample(name, bare.get("items", {}))]
        if known in ("integer", "number"):
            return bare.get("default", bare.get("minimum", 1))
        return bare.get("default", {"boolean": True, "object": {}}.get(known or "", "text"))

    def sample_object(self, schema: Schema) -> dict[str, Any]:
        """What has to be there; where nothing has to, the first thing that may be."""
        bare, _nullable = self.bare(schema)
        properties = bare.get("properties", {})
        wanted = list(bare.get("required", ()))
        if "oneOf" in bare:
            source = ["file"] if "file" in properties else []
            wanted = [*source, *bare["oneOf"][-1].get("required", ())]
        names = wanted or list(properties)[:1]
        return {name: self.sample(name, properties[name]) for name in names}


def _choices(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def type_of(value: Any) -> str:
    return {str: "string", bool: "boolean", int: "integer", type(None): "null"}.get(type(value), "any")


def id_prefix(pattern: str) -> str:
    """`key_` of `^key_[0-9a-z]{26}$`."""
    prefix = pattern[1:5]
    if pattern.startswith("^[a-z]{3}_["):
        return "key_"
    return prefix if len(prefix) == 4 and prefix.endswith("_") and prefix[:3].isalpha() else ""


def limits_of(schema: Schema) -> list[str]:
    said = [_("not empty")] if 1 in (schema.get("minLength"), schema.get("minItems")) else []
    words = {
        "minimum": _("at least %(limit)s"),
        "maximum": _("at most %(limit)s"),
        "exclusiveMinimum": _("more than %(limit)s"),
        "exclusiveMaximum": _("less than %(limit)s"),
        "minLength": _("at least %(limit)s characters"),
        "maxLength": _("at most %(limit)s characters"),
        "minItems": _("at least %(limit)s items"),
        "maxItems": _("at most %(limit)s items"),
        "maxProperties": _("at most %(limit)s entries"),
        "pattern": _("matches %(limit)s"),
    }
    told_already = {name for name in ("minLength", "minItems") if schema.get(name) == 1}
    said += [word % {"limit": schema[name]} for name, word in words.items() if name in schema.keys() - told_already]
    return [*said, _("no item twice")] if schema.get("uniqueItems") else said


def alternatives(schema: Schema) -> list[list[str]]:
    """`[[schema], [schema_name]]`: of these, exactly one has to be there."""
    return [one["required"] for one in schema.get("oneOf", ()) if "required" in one]
