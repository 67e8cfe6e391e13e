"""Why a file is refused, in words for its sender: one sentence a code, none of it taken from the file.

Only the code crosses the pipe from the media process, so its parent says these words and no others.
"""

from __future__ import annotations

from extraction.errors import MediaError

MAX_IMAGE_PIXELS = 40_000_000
MAX_PAGES = 200
MAX_AUDIO_SECONDS = 4 * 3600

REASONS = {
    "unsupported_media_type": "This is not a kind of file we read: send an image, a PDF or a recording.",
    "media_unreadable": "The file is damaged, empty or not what it claims to be.",
    "media_too_large": "Decoding this file takes more memory than we give it.",
    "media_too_long": f"The file is longer than {MAX_PAGES} pages or {MAX_AUDIO_SECONDS // 3600} hours.",
    "image_too_many_pixels": f"The image has more than {MAX_IMAGE_PIXELS // 1_000_000} million pixels.",
    "encrypted_document": "The document needs a password: the right one, or none, was not sent.",
    "pages_out_of_range": "The document does not have all of the pages asked for.",
    "language_not_available": "No engine on this server reads one of the languages asked for.",
    "engine_not_installed": "The engine asked for is not installed on this server.",
}


def refused(code: str) -> MediaError:
    return MediaError(REASONS[code], code=code)
