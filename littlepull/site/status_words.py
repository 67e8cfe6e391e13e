"""The facts of the status page in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from littlepull.site.status_parts import Part, State

Facts = Mapping[str, Any]
STATES: dict[State, str | Promise] = {
    State.GOOD: gettext_lazy("working"),
    State.WARN: gettext_lazy("impaired"),
    State.BAD: gettext_lazy("down"),
    State.IDLE: gettext_lazy("not known"),
}
NAMES: dict[str, str | Promise] = {
    "database": gettext_lazy("Database"),
    "workers": gettext_lazy("Workers and recognition engines"),
    "queue": gettext_lazy("Queue of extractions"),
    "webhooks": gettext_lazy("Webhooks"),
}


@dataclass(frozen=True, slots=True)
class Told:
    name: str
    state: str
    word: str
    sentence: str


def headline(state: State) -> str:
    if state is State.GOOD:
        return _("Everything works")
    return _("Something is down") if state is State.BAD else _("Something is impaired")


def describe(part: Part, *, provider: bool = False) -> Told:
    tell = _tell_provider if provider else SENTENCES[part.name]
    sentence = tell(part.facts) if part.facts else _unanswered(part.state)
    return Told(str(NAMES.get(part.name, part.name)), part.state, str(STATES[part.state]), sentence)


def _unanswered(state: State) -> str:
    return _("It does not answer.") if state is State.BAD else _("The database would know.")


def _tell_database(facts: Facts) -> str:
    return _("It answers in %(count)d ms.") % {"count": facts["answers_in_ms"]}


def _tell_workers(facts: Facts) -> str:
    if not facts["alive"]:
        return _("No worker is alive. What is sent in waits, and is kept.")
    alive = ngettext("%(count)d worker is alive.", "%(count)d workers are alive.", facts["alive"])
    if not facts["ready"]:
        return alive % {"count": facts["alive"]} + " " + _("Their engines are being loaded.")
    engines = _("Engines loaded: %(names)s.") % {"names": ", ".join(facts["engines"])} if facts["engines"] else ""
    return f"{alive % {'count': facts['alive']}} {engines}".rstrip()


def _tell_waiting(facts: Facts) -> str:
    few = _("Few wait, or none.")
    many = _("At least %(count)d wait.") % {"count": facts["waiting_at_least"]}
    minutes = facts["oldest_minutes"]
    age = ngettext("The oldest for %(count)d minute.", "The oldest for %(count)d minutes.", minutes)
    waited = age % {"count": minutes} if minutes else _("None for as long as a minute.")
    return f"{many if facts['waiting_at_least'] else few} {waited}"


def _tell_provider(facts: Facts) -> str:
    models = ngettext("%(count)d model.", "%(count)d models.", facts["models"]) % {"count": facts["models"]}
    if facts["paused"]:
        paused = ngettext(
            "%(count)d of them is left alone for a while, after failures.",
            "%(count)d of them are left alone for a while, after failures.",
            facts["paused"],
        )
        return f"{models} {paused % {'count': facts['paused']}}"
    return f"{models} {_('At its rate limit.')}" if facts["at_rate_limit"] else models


SENTENCES: dict[str, Callable[[Facts], str]] = {
    "database": _tell_database,
    "workers": _tell_workers,
    "queue": _tell_waiting,
    "webhooks": _tell_waiting,
}
