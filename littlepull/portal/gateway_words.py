"""What the fixed lists of the gateway mean to whoever reads its log."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routing.models import Generation
from routing.words import Cause, Exclusion, Outcome, Policy, Task

Words = str | Promise

TASKS: dict[str, Words] = {
    Task.CODING: gettext_lazy("Coding"),
    Task.MATH: gettext_lazy("Mathematics"),
    Task.REASONING: gettext_lazy("Reasoning"),
    Task.EXTRACTION: gettext_lazy("Extraction from text"),
    Task.SUMMARIZATION: gettext_lazy("Summarization"),
    Task.TRANSLATION: gettext_lazy("Translation"),
    Task.CLASSIFICATION: gettext_lazy("Classification"),
    Task.REWRITING: gettext_lazy("Rewriting"),
    Task.CREATIVE_WRITING: gettext_lazy("Creative writing"),
    Task.BRAINSTORMING: gettext_lazy("Brainstorming"),
    Task.ROLEPLAY: gettext_lazy("Roleplay"),
    Task.CLOSED_QA: gettext_lazy("Questions about a text"),
    Task.OPEN_QA: gettext_lazy("Open questions"),
}
CAUSES: dict[str, Words] = {
    Cause.TOOLS: gettext_lazy("by the functions that the request brings"),
    Cause.RESPONSE_FORMAT: gettext_lazy("by the schema that it asks for"),
    Cause.INSTRUCTION: gettext_lazy("by words that leave no doubt"),
    Cause.CONTENT: gettext_lazy("by our trained model, which was sure"),
    Cause.WEAK_CONTENT: gettext_lazy("by our trained model, which was not sure"),
    Cause.NOTHING: gettext_lazy("by nothing: there was no text to go by"),
}
POLICIES: dict[str, Words] = {
    Policy.AUTO: gettext_lazy("auto: the most useful for its price and time"),
    Policy.CHEAPEST: gettext_lazy("auto:cheapest: the cheapest that is good enough"),
    Policy.FASTEST: gettext_lazy("auto:fastest"),
    Policy.BEST: gettext_lazy("auto:best: the best at this kind of task"),
    Policy.NAMED: gettext_lazy("none: the request names its model"),
}
EXCLUSIONS: dict[str, Words] = {
    Exclusion.NOT_CONFIGURED: gettext_lazy("There is no key for its provider here."),
    Exclusion.DISABLED: gettext_lazy("It is switched off here."),
    Exclusion.CAPABILITY: gettext_lazy(
        "It cannot do what the request asks for: functions, a schema, images or streaming."
    ),
    Exclusion.CONTEXT: gettext_lazy("The request is too long for it."),
    Exclusion.PRICE_CAP: gettext_lazy("It is dearer than the request allows."),
    Exclusion.PRICE_UNKNOWN: gettext_lazy("Its price is unknown, and is never taken for nothing."),
    Exclusion.TRAINS: gettext_lazy("Its provider is not known to refrain from training on requests, as the key asks."),
    Exclusion.RETENTION: gettext_lazy("Its provider is not known to forget requests as soon as the key asks."),
    Exclusion.REGION: gettext_lazy("It is not in a region that the key allows."),
    Exclusion.CIRCUIT_OPEN: gettext_lazy("It was failing, and was left alone for a while."),
    Exclusion.RATE_LIMIT: gettext_lazy("Its provider's rate limit was nearly used up."),
}
OUTCOMES: dict[str, Words] = {
    Outcome.OK: gettext_lazy("answered"),
    Outcome.RATE_LIMITED: gettext_lazy("asked for fewer requests"),
    Outcome.TIMEOUT: gettext_lazy("did not answer in time"),
    Outcome.UNAVAILABLE: gettext_lazy("was down, overloaded or out of reach"),
    Outcome.REFUSED: gettext_lazy("refused the request, and would refuse it again"),
    Outcome.BAD_COMPLETION: gettext_lazy("did not answer with what was asked for"),
    Outcome.CUT: gettext_lazy("broke off its answer"),
    Outcome.CANCELED: gettext_lazy("was left when the caller went away"),
    Outcome.NO_CANDIDATE: gettext_lazy("could not be found: nobody may or can serve the request"),
}
WHAT_TO_DO: dict[str, Words] = {
    Outcome.RATE_LIMITED: gettext_lazy("Send it again a little later, or let the gateway choose with model: auto."),
    Outcome.TIMEOUT: gettext_lazy("Send it again, or try auto:fastest."),
    Outcome.UNAVAILABLE: gettext_lazy("Send it again, or let the gateway choose with model: auto."),
    Outcome.REFUSED: gettext_lazy("Another model may take it: name one, or let the gateway choose with model: auto."),
    Outcome.BAD_COMPLETION: gettext_lazy("Allow more output tokens, or try auto:best."),
    Outcome.CUT: gettext_lazy("Send it again. What had arrived by then was charged."),
    Outcome.NO_CANDIDATE: gettext_lazy("Look at the exclusions below: each says what to loosen."),
}
STATES: dict[str, tuple[str, Words]] = {
    Generation.Status.SUCCEEDED: ("good", gettext_lazy("succeeded")),
    Generation.Status.FAILED: ("bad", gettext_lazy("failed")),
    Generation.Status.CUT: ("warn", gettext_lazy("cut off")),
    Generation.Status.CANCELED: ("idle", gettext_lazy("canceled")),
}


@dataclass(frozen=True, slots=True)
class Ending:
    """`advice` is empty where nothing went wrong."""

    tone: str
    word: Words
    meaning: Words = ""
    advice: Words = ""


def task_words(task: str) -> str:
    return str(TASKS.get(task, task))


def ending_of(generation: Generation) -> Ending:
    tone, word = STATES[generation.status]
    if generation.outcome == Outcome.OK:
        return Ending(tone, word)
    if generation.outcome == Outcome.CANCELED:
        return Ending(tone, word, _("The caller went away before the answer was complete."))
    said = OUTCOMES.get(generation.outcome, generation.outcome)
    meaning = _("The provider %(outcome)s.") % {"outcome": said}
    if generation.outcome == Outcome.NO_CANDIDATE:
        meaning = _("Nobody here can, or may, serve this request.")
    return Ending(tone, word, meaning, WHAT_TO_DO.get(generation.outcome, ""))
