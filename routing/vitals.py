"""How each model does at the moment, as this process sees it: speed, failures, circuit, room under its rate limit.

Plain dicts, touched only by the event loop's thread. Nothing here is content: times, counts and outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic

from routing import meters
from routing.circuit import Circuit
from routing.contracts import Room
from routing.errors import RateLimited, UpstreamError, UpstreamRefused
from routing.words import Finish

SMOOTHING = 0.2  # weight of the newest measurement, once there are a few
FAILURE_SMOOTHING = 0.1
MEMORY = 0.98  # what is left of the older evidence at each new piece of it
FEWEST_TOKENS = 8  # a shorter answer says nothing about throughput
SLOW = 3.0  # times the usual first token
LIMITED_SECONDS = 5.0  # how long a 429 without a date is believed
OURS = {401, 402, 403, 404}  # refusals that will not pass: the key, the account, the model


@dataclass(frozen=True, slots=True)
class Vital:
    """`expected_ms` to the first token. `good` and `bad`: fading counts, for exploration."""

    expected_ms: float = 800.0
    tokens_per_second: float = 60.0
    failure_rate: float = 0.0
    open: bool = False
    room: Room | None = None
    good: float = 0.0
    bad: float = 0.0
    measured: int = 0


UNMEASURED = Vital()  # the prior: what is believed of a model that nobody has asked yet


@dataclass(slots=True)
class _Live:
    vital: Vital = UNMEASURED
    circuit: Circuit = field(default_factory=Circuit)
    room_until: float = 0.0


_live: dict[str, _Live] = {}
_seen: dict[str, Vital] = {}  # what choices look at, kept as it should be read
_passing: set[str] = set()  # models of which something passes with time: an open circuit, a used-up limit


def vitals() -> Mapping[str, Vital]:
    if _passing:
        now = monotonic()
        for model in tuple(_passing):
            _refresh(model, now)
    return _seen


def note_success(
    model: str,
    *,
    first_token_s: float | None,
    latency_s: float,
    output_tokens: int,
    room: Room | None = None,
    finish: str = Finish.STOP,
) -> None:
    """`first_token_s`: None for an answer that came whole."""
    live, now = _of(model), monotonic()
    old = live.vital
    waited_ms = 1000 * (latency_s if first_token_s is None else first_token_s)
    slow = old.measured > 0 and first_token_s is not None and waited_ms > SLOW * old.expected_ms
    worth = 0.5 if slow or finish in (Finish.LENGTH, Finish.REFUSAL) else 1.0
    live.vital = replace(
        old,
        expected_ms=_blend(old.expected_ms, waited_ms, old.measured) if first_token_s is not None else old.expected_ms,
        tokens_per_second=_throughput(old, first_token_s, latency_s, output_tokens),
        failure_rate=old.failure_rate * (1 - FAILURE_SMOOTHING),
        good=old.good * MEMORY + worth,
        bad=old.bad * MEMORY + 1 - worth,
        measured=old.measured + 1,
    )
    _count(live, model, bad=False, now=now)
    if room is not None:
        _set_room(live, room, now)
    _refresh(model, now)


def note_failure(model: str, error: UpstreamError) -> None:
    """What only this one request is to blame for, a prompt too long for it, counts against nobody."""
    if isinstance(error, UpstreamRefused) and error.status not in OURS:
        return
    live, now = _of(model), monotonic()
    old = live.vital
    rate = old.failure_rate + FAILURE_SMOOTHING * (1 - old.failure_rate)
    live.vital = replace(old, failure_rate=rate, good=old.good * MEMORY, bad=old.bad * MEMORY + 1)
    _count(live, model, bad=True, now=now)
    if isinstance(error, RateLimited):
        _set_room(live, Room(requests=0, resets_in=error.retry_after or LIMITED_SECONDS), now)
    _refresh(model, now)


def note_feedback(model: str, score: float) -> None:
    """What a caller thought of an answer, 0 to 1."""
    live = _of(model)
    old = live.vital
    live.vital = replace(old, good=old.good * MEMORY + score, bad=old.bad * MEMORY + 1 - score)
    _refresh(model, monotonic())


def may_try(model: str, among: Iterable[str] = ()) -> bool:
    """Ask right before a try: half open, whoever asks first is the probe. Where all of `among` (without it, all
    models in use) are open there is nothing to spare, and everybody may."""
    live = _live.get(model)
    if live is None:
        return True
    now = monotonic()
    if live.circuit.may_try(now):
        _refresh(model, now)
        return True
    rivals = [_live.get(name) for name in among] or list(_live.values())
    return all(rival is not None and rival.circuit.is_open(now) for rival in rivals)


def forget() -> None:
    """Everything, as after a restart."""
    for known in (_live, _seen, _passing):
        known.clear()


def _of(model: str) -> _Live:
    live = _live.get(model)
    if live is None:
        live = _live[model] = _Live()
    return live


def _count(live: _Live, model: str, *, bad: bool, now: float) -> None:
    before = live.circuit.open_until
    live.circuit.note(bad=bad, now=now)
    if live.circuit.open_until > before:
        meters.note_opening(model, pause=live.circuit.pause)


def _blend(old: float, new: float, measured: int) -> float:
    """An exponential mean that leaves the prior behind quickly."""
    weight = max(SMOOTHING, 1 / (measured + 2))
    return old + weight * (new - old)


def _throughput(old: Vital, first_token_s: float | None, latency_s: float, output_tokens: int) -> float:
    # Of an answer that came whole it is not known when it began: all of its time counts.
    seconds = latency_s - (first_token_s or 0.0)
    if output_tokens < FEWEST_TOKENS or seconds <= 0:
        return old.tokens_per_second
    return _blend(old.tokens_per_second, output_tokens / seconds, old.measured)


def _set_room(live: _Live, room: Room, now: float) -> None:
    live.vital = replace(live.vital, room=room)
    live.room_until = now + (LIMITED_SECONDS if room.resets_in is None else room.resets_in)


def _refresh(model: str, now: float) -> None:
    live = _live[model]
    vital = live.vital
    if vital.room is not None and now >= live.room_until:
        vital = live.vital = replace(vital, room=None)
    if vital.open != live.circuit.is_open(now):
        vital = live.vital = replace(vital, open=not vital.open)
    _seen[model] = vital
    if vital.open or vital.room is not None:
        _passing.add(model)
    else:
        _passing.discard(model)
