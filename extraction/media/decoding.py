"""The one place where a decoder's many ways to fail become the caller's few reasons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from extraction.errors import MediaError
from extraction.media.refusals import refused


@contextmanager
def decoding() -> Iterator[None]:
    """Decoders given hostile bytes raise nearly anything: inside, whatever goes wrong is the file's fault.

    Their messages may repeat what the file says about itself, so none is passed on.
    """
    try:
        yield
    except MediaError:
        raise
    except MemoryError:
        raise refused("media_too_large") from None
    except Exception:
        raise refused("media_unreadable") from None
