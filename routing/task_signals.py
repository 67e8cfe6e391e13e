"""What a request's tools and response format say about its task: evidence added to the model's scores.

Only the names of functions, fields and choices are looked at, as whole words, in any of the usual spellings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from routing.task_model import TASKS, Floats
from routing.words import Task

CLEAR, HINT = 5.0, 2.0
PAGE = 280  # letters from which on a request for a schema is likely to be about the text it brings
NAMES = 60  # looked at
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_WORDS = {
    Task.TRANSLATION: "translation translated translate target_text",
    Task.SUMMARIZATION: "summary summarize summarise tldr abstract synopsis",
    Task.CLASSIFICATION: "sentiment label category class classification classify topic intent toxicity spam polarity",
    Task.REWRITING: "rewritten corrected paraphrase revised correction",
    Task.CODING: "code python sql shell bash terminal execute compile commit patch repository lint file edit",
    Task.MATH: "calculator calculate equation solve steps working",
    Task.EXTRACTION: "extract extraction entities extracted invoice receipt fields",
    Task.CLOSED_QA: "citations quote evidence passage",
    Task.BRAINSTORMING: "ideas suggestions options",
}
_TASK_OF = {word: task for task, words in _WORDS.items() for word in words.split()}


def weigh_tools(body: Mapping[str, Any]) -> Floats:
    """A function that is named for a task is a hint; one that must be called is clear evidence."""
    evidence = np.zeros(len(TASKS), np.float32)
    tools = body.get("tools")
    names = [_name_of(tool) for tool in tools[:NAMES]] if isinstance(tools, list) else []
    for task in {task for name in names for task in _tasks_named(name)}:
        evidence[TASKS.index(task)] += HINT
    forced = body.get("tool_choice")
    if isinstance(forced, Mapping):
        for task in _tasks_named(_name_of(forced)):
            evidence[TASKS.index(task)] += CLEAR
    return evidence


def weigh_format(body: Mapping[str, Any], letters: int) -> Floats:
    """The fields asked for. A schema of one choice is a classification; of many fields over a page, an extraction."""
    evidence = np.zeros(len(TASKS), np.float32)
    schema = _schema_of(body.get("response_format"))
    if schema is None:
        return evidence
    fields = schema.get("properties")
    if not isinstance(fields, Mapping) or not fields:
        return evidence
    for task in {task for name in list(fields)[:NAMES] for task in _tasks_named(name)}:
        evidence[TASKS.index(task)] += HINT
    if len(fields) <= 2 and any(isinstance(field, Mapping) and "enum" in field for field in fields.values()):
        evidence[TASKS.index(Task.CLASSIFICATION)] += CLEAR
    elif not evidence.any() and len(fields) > 1 and letters >= PAGE:
        evidence[TASKS.index(Task.EXTRACTION)] += CLEAR
    elif not evidence.any() and len(fields) > 1:
        evidence[TASKS.index(Task.EXTRACTION)] += HINT
    return evidence


def _schema_of(wanted: Any) -> Mapping[str, Any] | None:
    if not isinstance(wanted, Mapping) or wanted.get("type") != "json_schema":
        return None
    described = wanted.get("json_schema")
    schema = described.get("schema") if isinstance(described, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def _name_of(tool: Any) -> str:
    function = tool.get("function") if isinstance(tool, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    return name if isinstance(name, str) else ""


def _tasks_named(name: Any) -> Iterable[Task]:
    if not isinstance(name, str):
        return []
    parts = [part.lower() for part in _PARTS.findall(name[:80])]
    return {_TASK_OF[part] for part in parts if part in _TASK_OF}
