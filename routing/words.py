"""The fixed lists of the gateway: the only words that its records can hold."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Task(TextChoices):
    """What kind of thing a request asks for."""

    CODING = "coding"
    MATH = "math"
    REASONING = "reasoning"
    EXTRACTION = "extraction"
    SUMMARIZATION = "summarization"
    TRANSLATION = "translation"
    CLASSIFICATION = "classification"
    REWRITING = "rewriting"
    CREATIVE_WRITING = "creative_writing"
    BRAINSTORMING = "brainstorming"
    ROLEPLAY = "roleplay"
    CLOSED_QA = "closed_qa"
    OPEN_QA = "open_qa"


class Cause(TextChoices):
    """By what evidence a task was told."""

    TOOLS = "tools"  # the functions it brings
    RESPONSE_FORMAT = "response_format"  # the schema it asks for
    INSTRUCTION = "instruction"  # words that leave no doubt
    CONTENT = "content"  # the trained model, sure
    WEAK_CONTENT = "weak_content"  # the trained model, not sure
    NOTHING = "nothing"  # no text to go by


class Policy(TextChoices):
    """By what the caller wants candidates ordered. `named`: no choice, the caller names the model."""

    AUTO = "auto"
    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    BEST = "best"
    NAMED = "named"


class Exclusion(TextChoices):
    """Why a candidate was not in the running."""

    NOT_CONFIGURED = "not_configured"  # no key for its provider here
    DISABLED = "disabled"
    CAPABILITY = "capability"  # tools, a schema, images, streaming
    CONTEXT = "context"  # the request is too long for it
    PRICE_CAP = "price_cap"
    PRICE_UNKNOWN = "price_unknown"
    TRAINS = "trains"
    RETENTION = "retention"
    REGION = "region"
    CIRCUIT_OPEN = "circuit_open"
    RATE_LIMIT = "rate_limit"  # its own, nearly used up


class Outcome(TextChoices):
    """How a try or a request ended: "ok", or the code of the error."""

    OK = "ok"
    RATE_LIMITED = "rate_limited"
    TIMEOUT = "upstream_timeout"
    UNAVAILABLE = "upstream_unavailable"
    REFUSED = "upstream_refused"
    BAD_COMPLETION = "bad_completion"
    CUT = "cut"
    CANCELED = "canceled"
    NO_CANDIDATE = "no_candidate"


class Finish(TextChoices):
    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    REFUSAL = "refusal"
    OTHER = "other"


class Window(TextChoices):
    SECOND = "second", _("Second")
    MINUTE = "minute", _("Minute")
    HOUR = "hour", _("Hour")
    DAY = "day", _("Day")
    MONTH = "month", _("Month")
