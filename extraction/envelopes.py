"""Putting a job's secrets into envelopes, opening them, and shredding them."""

from __future__ import annotations

import json
from typing import Any

from accounts import sealing
from extraction.models import Envelope, Job

Content = Envelope.Content


def keep_key(job: Job, content: Content, key: bytes) -> None:
    """For what is sealed elsewhere: the envelope holds the key alone."""
    wrapped = sealing.wrap(key, context=_context(job.pk, content))
    Envelope.objects.create(job=job, content=content, wrapped_key=wrapped)


def put(job: Job, content: Content, value: Any) -> None:
    """Seals a JSON value under a key of its own."""
    key, context = sealing.new_key(), _context(job.pk, content)
    sealed = sealing.seal(json.dumps(value).encode(), key, context=context)
    Envelope.objects.create(job=job, content=content, wrapped_key=sealing.wrap(key, context=context), sealed=sealed)


def find_key(job_id: str, content: Content) -> bytes | None:
    envelope = Envelope.objects.filter(job_id=job_id, content=content).first()
    return sealing.unwrap(bytes(envelope.wrapped_key), context=_context(job_id, content)) if envelope else None


def find(job_id: str, content: Content) -> Any | None:
    """The JSON value, or None once it has been shredded."""
    envelope = Envelope.objects.filter(job_id=job_id, content=content).first()
    if envelope is None:
        return None
    context = _context(job_id, content)
    key = sealing.unwrap(bytes(envelope.wrapped_key), context=context)
    return json.loads(sealing.unseal(bytes(envelope.sealed), key, context=context))


def shred(job_id: str, *contents: Content) -> bool:
    """True if there was anything left to shred."""
    deleted, _ = Envelope.objects.filter(job_id=job_id, content__in=contents).delete()
    return deleted > 0


def _context(job_id: str, content: Content) -> str:
    return f"{job_id}:{content}"
