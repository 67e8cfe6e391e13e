"""What extraction gives up of a person: jobs are stopped, media and results destroyed, their records deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from accounts.sealing import SealBroken
from extraction import jobs
from extraction.models import Job, SchemaVersion
from extraction.saved_schemas import open_version


def stop_jobs(user: User) -> int:
    """Those that wait or run, with their media: how many. Their holds are released."""
    return sum(jobs.cancel(job) for job in Job.objects.owned_by(user).active())


def destroy_content(user: User) -> None:
    """Results not fetched yet, and media that a crash left without its key."""
    for job in Job.objects.owned_by(user).filter(result_destroyed_at=None).finished().iterator():
        jobs.destroy_result(job)
    for job_id in Job.objects.owned_by(user).filter(media_destroyed_at=None).values_list("pk", flat=True):
        jobs.remove_bytes(job_id)


def export_schemas(user: User) -> Iterator[dict[str, Any]]:
    """Every version of each saved schema, opened: they are theirs."""
    for version in SchemaVersion.objects.filter(saved__user=user).select_related("saved").iterator(chunk_size=100):
        yield {
            "schema_id": version.saved_id,
            "name": version.saved.name,
            "version": version.number,
            "created_at": version.created_at,
            "schema": _find_schema(version),
        }


def _find_schema(version: SchemaVersion) -> Any | None:
    """None for one whose seal nobody here can open: the others are theirs all the same."""
    try:
        return open_version(version)
    except SealBroken:
        return None
