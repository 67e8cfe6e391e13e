"""Which keywords of JSON Schema the vendors' structured outputs hold a model to: the one table of it.

The schema a model is given (mapping.llm_schema) uses what all of them enforce and tells the rest in
words; the linter says which is which. Either way the server validates every result itself.
"""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = frozenset({"type", "properties", "required", "additionalProperties", "items", "enum"})
_SHARED = EVERYWHERE | {"const", "anyOf", "$ref", "$defs"}
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})


@dataclass(frozen=True, slots=True)
class Vendor:
    """`enforced` by what `source` said in the month `read`; what it does not name counts as not enforced."""

    name: str
    enforced: frozenset[str]
    source: str
    read: str


VENDORS = (
    Vendor(
        "openai",  # strict json_schema, as servers of its dialect mean it too
        _SHARED | _BOUNDS | {"definitions", "pattern", "format", "minItems", "maxItems"},
        "developers.openai.com, Structured Outputs: supported schemas",
        "2026-02",
    ),
    Vendor(
        "anthropic",
        _SHARED | {"definitions", "allOf", "format"},
        "platform.claude.com, Structured outputs: JSON Schema limitations; anthropic 2.12.0, transform_schema",
        "2026-11",
    ),
    # Its documentation asks for a schema and names no list: no more than the common ground is counted on.
    Vendor("together", EVERYWHERE, "docs.together.ai, Structured outputs", "2026-11"),
    Vendor("fireworks", _SHARED, "docs.fireworks.ai, Structured outputs: JSON Schema support", "2025-11"),
    Vendor("groq", _SHARED, "console.groq.com, Structured Outputs: strict mode", "2026-11"),
)

# Told to a model in words: how a value is written. Not its bounds: a model would bend what it read to keep them.
TOLD = ("format", "pattern")


def enforcement(keyword: str) -> dict[str, bool]:
    return {vendor.name: keyword in vendor.enforced for vendor in VENDORS}
