"""
ExtractionError
├── BadForm             the request's form: refused
├── MediaError          the caller's file or options: refused or failed at once, nothing charged
├── SchemaError         the caller's schema: refused before anything is stored
├── JobError            the caller asks of a job what its state forbids
├── Unavailable         this machine cannot take it at the moment: nothing is kept, the caller comes again
└── EngineError         our machines: the job is tried again, then fails
    ├── EngineCrashed   the engine process died (killed, out of memory, segmentation fault)
    └── EngineTimeout   it did not answer inside its time

Each carries a stable `code`; the message says what happened and what to do, and
never repeats anything read from the media or the schema.
"""

from __future__ import annotations


class ExtractionError(Exception):
    code = "internal_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class BadForm(ExtractionError):
    code = "invalid_request"


class MediaError(ExtractionError):
    code = "media_unreadable"


class SchemaError(ExtractionError):
    code = "schema_invalid"

    def __init__(self, message: str, *, pointer: str = "", code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.pointer = pointer


class JobError(ExtractionError):
    code = "job_already_finished"


class Unavailable(ExtractionError):
    code = "temporarily_unavailable"
    retry_after = 5  # seconds

    def __init__(self) -> None:
        super().__init__("We cannot take this at the moment, and have kept nothing of it. Send it again.")


class EngineError(ExtractionError):
    code = "engine_failed"


class EngineCrashed(EngineError):
    code = "engine_crashed"


class EngineTimeout(EngineError):
    code = "engine_timeout"
