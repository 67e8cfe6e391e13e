"""Jobs, what lies sealed while they run, and saved schemas. Parents first."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from extraction.erasure import export_schemas
from extraction.models import Batch, Envelope, Job
from privacy.data_map.field import FIGURES, OUR_SENTENCE, OURS, OWNERS_LABEL, SEALED_KEY, columns
from privacy.data_map.row import CHOSEN, CONTRACT, Category, Row, nobodys
from privacy.data_map.term import Term, chosen_to_go

JOBS = Category.EXTRACTIONS
UNTIL_DELETED = _("until its owner deletes it")
BEATS_KEPT = timedelta(hours=1)
SEALED_SCHEMA = _("a schema that its owner saves, sealed; opened for its owner's requests alone")
SEALED_WHILE = _(
    "the schema while its job runs and the result until it is delivered, sealed under a key of their own that is "
    "destroyed with them; the text and the media are never in it"
)


def past_jobs(now: datetime) -> QuerySet[Job]:
    """Records of extractions that have ended, of those who want them kept for less than always."""
    chosen = chosen_to_go(now, user="api_key__user", since="finished_at")
    return Job.objects.finished().filter(chosen)


def past_batches(now: datetime) -> QuerySet[Batch]:
    return Batch.objects.filter(chosen_to_go(now, user="api_key__user", since="created_at"), jobs=None)


def past_envelopes(now: datetime) -> QuerySet[Envelope]:
    """Of results that nobody fetched in time; and what a worker left behind that died while it ended a job."""
    unread = Q(content=Envelope.Content.RESULT, job__expires_at__lt=now)
    left = Q(job__status__in=Job.FINISHED) & ~Q(content=Envelope.Content.RESULT)
    return Envelope.objects.filter(unread | left)


EXTRACTION = (
    Row(
        "extraction.Batch",
        _("which files were sent together"),
        _("to run and bill jobs"),
        CONTRACT,
        CHOSEN,
        columns(identifier="id", link="api_key", state="refusals", time="created_at", because={"refusals": FIGURES}),
        category=JOBS,
        owner="api_key__user",
        term=Term("created_at", past=past_batches),
    ),
    Row(
        "extraction.Job",
        _("usage record: times, media type, cost, status; your own labels"),
        _("to run and bill a job"),
        CONTRACT,
        CHOSEN,
        columns(
            identifier="id spool_id",
            link="api_key batch hold",
            label="metadata",
            state="status media_type stage priority queue engines error_code error_detail failed_pages lease",
            usage="batch_index media_bytes pages seconds stage_done stage_total event_count turn attempts timings "
            "result_ttl_seconds",
            money="estimated charged",
            time="lease_expires_at run_after created_at started_at finished_at expires_at media_destroyed_at "
            "result_destroyed_at",
            because={
                "metadata": OWNERS_LABEL,
                "engines timings failed_pages": FIGURES,
                "error_detail": OUR_SENTENCE,
            },
            purpose={"metadata": _("to give it back to its caller with the answer")},
        ),
        category=JOBS,
        owner="api_key__user",
        secret=("spool_id", "lease"),
        recipients=("anthropic", "together", "fireworks", "groq"),
        term=Term("finished_at", past=past_jobs),
    ),
    Row(
        "extraction.JobEvent",
        _("progress of a job"),
        _("to show progress"),
        CONTRACT,
        CHOSEN,
        columns(
            identifier="id",
            link="job",
            state="kind stage error_code",
            usage="sequence done total",
            time="created_at",
        ),
        category=JOBS,
        owner="job__api_key__user",
        fleeting=True,
        goes_with="job",
    ),
    Row(
        "extraction.Envelope",
        _("sealed keys; schema and result, sealed"),
        _("to run a job and hand its result over"),
        CONTRACT,
        _(
            "until the text is read (media), the job ends (schema), the result is delivered or expires "
            "(at most 24 hours)"
        ),
        columns(
            identifier="id",
            link="job",
            state="content",
            sealed="wrapped_key sealed",
            because={"wrapped_key": SEALED_KEY, "sealed": SEALED_WHILE},
        ),
        category=JOBS,
        owner="job__api_key__user",
        secret=("wrapped_key", "sealed"),
        fleeting=True,
        term=Term("job__expires_at", past=past_envelopes),
    ),
    Row(
        "extraction.SavedSchema",
        _("names of saved schemas"),
        _("to be used again"),
        CONTRACT,
        UNTIL_DELETED,
        columns(
            identifier="id",
            link="user",
            label="name description",
            time="created_at",
            because={"description": OWNERS_LABEL},
        ),
        category=JOBS,
        owner="user",
    ),
    Row(
        "extraction.SchemaVersion",
        _("saved schemas, sealed"),
        _("to be used again"),
        CONTRACT,
        UNTIL_DELETED,
        columns(
            identifier="id",
            link="saved",
            usage="number",
            sealed="wrapped_key sealed",
            time="created_at",
            because={"wrapped_key": SEALED_KEY, "sealed": SEALED_SCHEMA},
        ),
        category=JOBS,
        owner="saved__user",
        export=export_schemas,
    ),
    nobodys(
        "extraction.WorkerBeat",
        _("to know that workers live"),
        _("1 hour"),
        fields=columns(
            identifier="worker_id",
            time="seen_at",
            state="ready queues",
            because={"queues": OURS},
        ),
        term=Term("seen_at", BEATS_KEPT),
    ),
)
