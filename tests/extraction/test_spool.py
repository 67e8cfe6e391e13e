"""The spool keeps media sealed: unreadable without its key, and noticed when touched."""

from __future__ import annotations

import pytest

from accounts.sealing import SealBroken, new_key, unwrap, wrap
from extraction import spool
from extraction.errors import MediaError
from tests.extraction.jobs_in_hand import spooled

CONTENT = bytes(range(256)) * 4096  # 1 MiB: several chunks


@pytest.mark.parametrize("size", [0, 1, spool.CHUNK - 1, spool.CHUNK, spool.CHUNK + 1, len(CONTENT)])
def test_what_goes_in_comes_out(size):
    file = spooled(CONTENT[:size])
    assert spool.read(file.spool_id, file.key) == CONTENT[:size]
    assert file.size == size


def test_nothing_of_it_is_on_disk_in_the_clear():
    file = spooled(b"a very private receipt " * 1000)
    assert b"private" not in spool.path_of(file.spool_id).read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[: len(sealed) // 2],
        lambda sealed: sealed[: spool.CHUNK + 32],  # exactly the first chunk: each seal alone is whole
        lambda sealed: bytes([sealed[0], sealed[1], sealed[2], sealed[3], sealed[4] ^ 1]) + sealed[5:],
        lambda sealed: sealed[spool.CHUNK + 32 :],
        lambda sealed: b"",
    ],
)
def test_a_file_that_was_cut_or_changed_is_not_read(spoil):
    file = spooled(CONTENT)
    path = spool.path_of(file.spool_id)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(SealBroken):
        spool.read(file.spool_id, file.key)


def test_another_key_opens_nothing():
    file = spooled(CONTENT)
    with pytest.raises(SealBroken):
        spool.read(file.spool_id, new_key())


def test_the_cap_holds_while_writing():
    writer = spool.SpoolWriter(limit=1000)
    with pytest.raises(MediaError) as refusal:
        writer.write(b"x" * 1001)
    writer.abandon()
    assert refusal.value.code == "media_too_large"
    assert not spool.path_of(writer.spool_id).exists()


def test_keys_survive_a_rotation_and_belong_to_their_place(settings):
    old, new = new_key(), new_key()
    settings.SEALING_KEYS = [old]
    wrapped = wrap(b"k" * 32, context="here")
    settings.SEALING_KEYS = [new, old]
    assert unwrap(wrapped, context="here") == b"k" * 32
    with pytest.raises(SealBroken):
        unwrap(wrapped, context="there")
    settings.SEALING_KEYS = [new]
    with pytest.raises(SealBroken):
        unwrap(wrapped, context="here")
