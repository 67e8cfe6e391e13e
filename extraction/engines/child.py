"""The media process: `python -m extraction.engines.child probe|engine`.

Everything strangers send is decoded here and nowhere else. It answers frames on the pipe it was given
and keeps quiet otherwise: what C libraries print about a file goes nowhere, and an exception leaves as
a code, or as its class and our line, never with its message. It has no network, writes no file and starts no program.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from dataclasses import asdict
from typing import Any, BinaryIO

from extraction.engines import confinement, limits
from extraction.engines.frames import Header, receive, send
from extraction.engines.weights import Wanted
from extraction.errors import MediaError
from extraction.media.facts import RecognizeRequest

Answer = tuple[Header, bytes]
_confined = False


def main() -> None:
    role = sys.argv[1]
    requests, answers = _private_pipes()
    limits.apply(role)
    global _confined
    _confined = confinement.confine()  # before there is a thread that it would not hold
    limits.die_with_parent()
    while (received := receive(requests)) is not None:
        header, payload = _answer(*received, answers)
        del received
        send(answers, header, payload)


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Moves the pipes off descriptors 0 and 1, so that no library can read from or print into them."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return requests, answers


def _answer(header: Header, payload: bytes, answers: BinaryIO) -> Answer:
    try:
        return ACTS[header["op"]](header, payload, answers)
    except MediaError as error:
        return {"error": error.code}, b""
    except Wanted as wanted:
        return {"wants": wanted.names}, b""
    except Exception as error:  # reported by class and place: a message could repeat the media
        return {"error": "engine_failed", "where": _where(error)}, b""


def _where(error: BaseException) -> str:
    """The innermost line of ours, such as `ValueError at media.pages:41`."""
    ours = [
        f"{frame.f_globals['__name__'].removeprefix('extraction.')}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__", "").startswith("extraction.")
    ]
    return f"{type(error).__name__} at {ours[-1] if ours else 'child'}"


def _preload(header: Header, payload: bytes, answers: BinaryIO) -> Answer:
    from extraction.media.probe import load_decoders

    load_decoders()
    if header["engines"]:
        from extraction.engines import recognizing

        recognizing.preload(header["engines"])
    gc.freeze()  # what is loaded by now stays: to look through it again and again took a fifth of the mapping's time
    return {"confined": _confined}, b""


def _probe(header: Header, payload: bytes, answers: BinaryIO) -> Answer:
    from extraction.media.probe import probe

    return asdict(probe(payload, header.get("password"))), b""


def _recognize(header: Header, payload: bytes, answers: BinaryIO) -> Answer:
    from extraction.engines import recognizing

    def announce(stage: str, done: int, total: int) -> None:
        send(answers, {"progress": [stage, done, total]})

    recognized = recognizing.recognize(payload, _request(header["request"]), announce)
    return {}, json.dumps(recognized.to_json()).encode()


def _request(value: dict[str, Any]) -> RecognizeRequest:
    pages = value["pages"]
    chosen = {"languages": tuple(value["languages"]), "pages": None if pages is None else tuple(pages)}
    return RecognizeRequest(**{**value, **chosen})


def _map(header: Header, payload: bytes, answers: BinaryIO) -> Answer:
    from extraction.mapping.embedded import map_embedded
    from extraction.recognized import Recognized

    asked = json.loads(payload)
    recognized = Recognized.from_json(asked["recognized"])
    mapped = map_embedded(recognized, asked["schema"], languages=tuple(asked["languages"]))
    return {}, json.dumps(mapped.to_json()).encode()


ACTS = {"preload": _preload, "probe": _probe, "recognize": _recognize, "map": _map}

if __name__ == "__main__":
    main()
