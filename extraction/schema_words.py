"""The words of JSON Schema 2020-12, by what comes of them here."""

from __future__ import annotations

ANNOTATIONS = frozenset({
    "$schema", "$id", "$anchor", "$dynamicAnchor", "$comment", "$vocabulary", "title", "description", "default",
    "examples", "deprecated", "readOnly", "writeOnly", "definitions", "$defs",
})  # fmt: skip
# Checked by the server in every result.
ASSERTED = frozenset({
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "oneOf", "allOf",
    "not", "if", "then", "else", "$ref", "$dynamicRef", "format", "pattern", "minLength", "maxLength", "minimum",
    "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems",
    "prefixItems", "contains", "minContains", "maxContains", "minProperties", "maxProperties", "propertyNames",
    "patternProperties", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedItems",
    "unevaluatedProperties",
})  # fmt: skip
UNCHECKED = frozenset({"contentEncoding", "contentMediaType", "contentSchema"})
# JSON Schema allows any other word as format, and asks nobody to check it.
FORMATS = frozenset({
    "date", "time", "date-time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex",
})  # fmt: skip
