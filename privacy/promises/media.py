"""What was sent to be read: sealed, and gone as soon as its text is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import F, Q
from django.utils import timezone

from extraction import spool
from extraction.models import Envelope, Job
from privacy.promises.promise import Finding, found, some

AN_UPLOAD_TAKES = timedelta(minutes=20)  # by the sweep's own measure, and one sweep more
A_STEP_TAKES = timedelta(minutes=5)
LONGEST_RESULT = timedelta(hours=24)
KNOWN_BEGINNINGS = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"%PDF",
    b"RIFF",
    b"ID3",
    b"OggS",
    b"fLaC",
    b"GIF8",
    b"II*\x00",
    b"MM\x00*",
)
Content = Envelope.Content


def media_dies_with_its_reading() -> Finding:
    """No finished job has media, nor the key of any."""
    finished = Job.objects.filter(finished_at__lt=timezone.now() - A_STEP_TAKES)
    left = finished.filter(Q(media_destroyed_at=None) | Q(envelopes__content=Content.MEDIA)).distinct().count()
    return found(
        f"{finished.count()} finished jobs, none with media left",
        some(left, "finished jobs still have their media, or its key"),
    )


def media_is_destroyed_before_the_answer() -> Finding:
    """The text is read before it is mapped, so the media is gone before the job ends."""
    read = Job.objects.filter(status=Job.Status.SUCCEEDED, media_destroyed_at__isnull=False)
    late = read.filter(media_destroyed_at__gt=F("finished_at")).count()
    return found(
        f"{read.count()} answers, each given after its media was destroyed",
        some(late, "jobs ended before their media was destroyed"),
    )


def spool_holds_waiting_media_only() -> Finding:
    """A file belongs to a job that waits to be read; one without may be an upload under way, for minutes."""
    old = spool.older_than(AN_UPLOAD_TAKES.total_seconds())
    waiting = Envelope.objects.filter(content=Content.MEDIA, job__spool_id__in=old, job__finished_at=None)
    owned = set(waiting.values_list("job__spool_id", flat=True))
    orphans = [name for name in old if name not in owned]
    faults = some(len(orphans), "files in the spool belong to no waiting job")
    faults += some(spool.count_strangers(), "files in the spool are not sealed ones")
    faults += some(int(spool.keeps_what_is_removed()), "bucket keeps versions of what is removed from it")
    return found(f"{len(spool.older_than(0))} files in the spool, all of jobs that wait to be read", faults)


def spool_is_sealed() -> Finding:
    """A file that begins as pictures, documents or recordings do lies there in the clear."""
    beginnings = spool.beginnings(8)
    clear = sum(beginning.startswith(KNOWN_BEGINNINGS) for beginning in beginnings)
    return found(
        f"{len(beginnings)} files begin as no picture, document or recording does",
        some(clear, "lie in the clear"),
    )


def results_end() -> Finding:
    """A result is destroyed when it is delivered, and at the latest a day after its job."""
    now = timezone.now()
    overdue = Job.objects.filter(expires_at__lt=now - A_STEP_TAKES, result_destroyed_at=None)
    kept = Envelope.objects.filter(content=Content.RESULT, job__finished_at__lt=now - LONGEST_RESULT - A_STEP_TAKES)
    faults = some(max(overdue.count(), kept.count()), "results are past their time")
    waiting = Envelope.objects.filter(content=Content.RESULT).count()
    return found(f"{waiting} sealed results wait to be fetched, none longer than a day", faults)


def orders_end_with_their_jobs() -> Finding:
    """The schema somebody sent lives as long as the job that is to fill it."""
    left = Envelope.objects.filter(content=Content.ORDER, job__finished_at__lt=timezone.now() - A_STEP_TAKES).count()
    return found("no finished job has its schema left", some(left, "finished jobs still have theirs"))


def no_media_outside_the_spool() -> Finding:
    """What the server writes beside its database: nothing there begins as media does."""
    databases = _database_files()
    elsewhere = [p for p in _files(settings.VAR_DIR) if not _is_ours(p) and p.resolve() not in databases]
    clear = [path for path in elsewhere if _begins_as_media(path)]
    return found(
        f"{len(elsewhere)} files beside the database, none of them media",
        some(len(clear), "look like media"),
    )


def the_journal_holds_no_sentence() -> Finding:
    """The gateway's journal on disk outlives a crash: numbers, ids, codes; a sentence would have a space in it."""
    files = _files(settings.JOURNAL_DIR)
    speaking = sum(any(" " in text for text in _texts_in(path)) for path in files)
    return found(f"{len(files)} journals of numbers and codes", some(speaking, "journals hold sentences"))


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def _database_files() -> set[Path]:
    """Never to be opened: closing any handle of it drops this process's locks on an SQLite database, under which
    others then delete its log (sqlite.org/howtocorrupt.html, 2.2). That no column holds content is another check."""
    names = (str(one.settings_dict["NAME"]) for one in connections.all() if one.vendor == "sqlite")
    return {Path(name + ending).resolve() for name in names for ending in ("", "-wal", "-shm", "-journal")}


def _is_ours(path: Path) -> bool:
    """Pictures and sounds of the site itself, and the models that read."""
    ours = (settings.STATIC_ROOT, settings.SPOOL_DIR, settings.VAR_DIR / "weights", settings.VAR_DIR / "llm")
    return any(folder in path.parents for folder in map(Path, ours))


def _begins_as_media(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(8).startswith(KNOWN_BEGINNINGS)
    except FileNotFoundError:  # its job has ended since it was listed
        return False


def _texts_in(path: Path) -> Iterator[str]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:  # entered into the books since it was listed
        return
    for line in lines:
        try:
            yield from _strings(json.loads(line))
        except ValueError:
            continue  # a last line that a crash cut off


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for member in value.values() for text in _strings(member))
    elif isinstance(value, list):
        yield from (text for member in value for text in _strings(member))
