"""What a job's state, its stages and its errors mean, and what to do about them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from extraction.models import Job

Words = str | Promise
Status, Stage = Job.Status, Job.Stage

STAGES: dict[str, Words] = {
    Stage.RECEIVED: gettext_lazy("Waiting for its turn"),
    Stage.DECODING: gettext_lazy("Opening the file"),
    Stage.RECOGNIZING: gettext_lazy("Reading"),
    Stage.MAPPING: gettext_lazy("Fitting it to the schema"),
    Stage.DONE: gettext_lazy("Done"),
}
AGAIN = gettext_lazy("Nothing was charged. Send the file again; if it happens again, tell us the extraction's id.")
MODEL_FAILED = gettext_lazy(
    "Nothing was charged. Send it again, or leave options.mapper out: then our own mapper answers when a model fails."
)
WHAT_TO_DO: dict[str, Words] = {
    "media_unreadable": gettext_lazy(
        "Open the file yourself: if it opens, export or photograph it anew and send that."
    ),
    "media_too_long": gettext_lazy("Send it in parts, or choose pages with options.pages."),
    "image_too_many_pixels": gettext_lazy("Scale the image down: 300 dots an inch are enough to read it."),
    "encrypted_document": gettext_lazy("Send the password in the field password, or a copy without one."),
    "pages_out_of_range": gettext_lazy("Choose pages that the document has, in options.pages."),
    "schema_unsatisfied": gettext_lazy(
        "The reading was charged. Loosen the schema, or leave options.strict out and look at schema_errors."
    ),
    "engine_crashed": AGAIN,
    "engine_timeout": AGAIN,
    "engine_failed": AGAIN,
    "engine_stopped": AGAIN,
    "media_lost": AGAIN,
    "internal_error": AGAIN,
    "rate_limited": MODEL_FAILED,
    "upstream_timeout": MODEL_FAILED,
    "upstream_unavailable": MODEL_FAILED,
    "upstream_refused": MODEL_FAILED,
    "bad_completion": MODEL_FAILED,
}


@dataclass(frozen=True, slots=True)
class State:
    """`tone`: good, warn, bad or idle; never without its word."""

    tone: str
    word: Words


def job_state(job: Job) -> State:
    if job.status == Status.SUCCEEDED:
        return State("warn", _("partly read")) if job.failed_pages else State("good", _("succeeded"))
    if job.status == Status.FAILED:
        return State("bad", _("failed"))
    if job.status == Status.CANCELED:
        return State("idle", _("canceled"))
    if job.status == Status.QUEUED:
        return State("idle", _("waiting"))
    if job.stage == Stage.RECOGNIZING and job.stage_total > 1:
        counted = {"done": job.stage_done, "total": job.stage_total}
        return State("idle", _("reading %(done)d of %(total)d") % counted)
    return State("idle", _("running"))


def media_words(job: Job) -> str:
    """As in "application/pdf · 3 pages"."""
    if job.seconds is not None:
        return f"{job.media_type} · {duration_words(round(1000 * job.seconds))}"
    if job.pages is None:
        return job.media_type
    return f"{job.media_type} · " + ngettext("%(count)d page", "%(count)d pages", job.pages) % {"count": job.pages}


def duration_words(milliseconds: int) -> str:
    """As short as it can be told by, on one line."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    if milliseconds < 1000:
        words = _("%(count)d ms") % {"count": milliseconds}
    elif milliseconds < 59_950:
        words = _("%(count).1f s") % {"count": milliseconds / 1000}
    elif minutes < 60:
        words = _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}
    else:
        words = _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return words.replace(" ", "\N{NO-BREAK SPACE}")
