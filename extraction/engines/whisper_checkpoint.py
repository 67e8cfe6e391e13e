"""Whisper's weights from CTranslate2's file to the checkpoint that openai-whisper loads.

The file is a flat list of named tensors. There, the projections of one attention are stacked into one
matrix; here they are apart again: query, key and value of self-attention, key and value of the other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

FLOAT16 = 4
LAYERS = 6
HEADS = 8
BLOCKS = {"encoder": ("self_attention",), "decoder": ("self_attention", "attention")}
NAMES = {"self_attention": "attn", "attention": "cross_attn"}

Tensors = dict[str, np.ndarray]


def convert(source: Path, target: Path) -> None:
    tensors = dict(read_tensors(source / "model.bin"))
    state = {name: torch.from_numpy(value.astype(np.float16)) for name, value in state_of(tensors)}
    torch.save({"dims": dims_of(tensors), "model_state_dict": state}, target)


def read_tensors(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The tensors of half precision; the others are switches of CTranslate2's own."""
    with path.open("rb") as file:
        _unpack(file, "<I")
        _name(file)
        _unpack(file, "<I")
        for _ in range(_unpack(file, "<I")):
            name, rank = _name(file), _unpack(file, "<B")
            shape = struct.unpack(f"<{rank}I", file.read(4 * rank))
            kind, size = _unpack(file, "<B"), _unpack(file, "<I")
            content = file.read(size)
            if kind == FLOAT16:
                yield name, np.frombuffer(content, np.float16).reshape(shape)


def _unpack(file: BinaryIO, form: str) -> int:
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


def _name(file: BinaryIO) -> str:
    return file.read(_unpack(file, "<H")).rstrip(b"\0").decode()


def dims_of(tensors: Tensors) -> dict[str, int]:
    state, mels, _ = tensors["encoder/conv1/weight"].shape
    shared = {"state": state, "head": HEADS, "layer": LAYERS}
    return {
        "n_mels": mels,
        "n_vocab": tensors["decoder/embeddings/weight"].shape[0],
        "n_audio_ctx": tensors["encoder/position_encodings/encodings"].shape[0],
        "n_text_ctx": tensors["decoder/position_encodings/encodings"].shape[0],
        **{f"n_audio_{name}": value for name, value in shared.items()},
        **{f"n_text_{name}": value for name, value in shared.items()},
    }


def state_of(tensors: Tensors) -> Iterator[tuple[str, np.ndarray]]:
    for conv in ("conv1", "conv2"):
        yield from _pair(tensors, f"encoder/{conv}", f"encoder.{conv}")
    yield "decoder.token_embedding.weight", tensors["decoder/embeddings/weight"]
    for side in BLOCKS:
        yield f"{side}.positional_embedding", tensors[f"{side}/position_encodings/encodings"]
        for layer in range(LAYERS):
            yield from _block(tensors, side, layer)
    yield from _norm(tensors, "encoder/layer_norm", "encoder.ln_post")
    yield from _norm(tensors, "decoder/layer_norm", "decoder.ln")


def _block(tensors: Tensors, side: str, layer: int) -> Iterator[tuple[str, np.ndarray]]:
    theirs, ours = f"{side}/layer_{layer}", f"{side}.blocks.{layer}"
    for attention in BLOCKS[side]:
        yield from _attention(tensors, f"{theirs}/{attention}", f"{ours}.{NAMES[attention]}")
        yield from _norm(tensors, f"{theirs}/{attention}/layer_norm", f"{ours}.{NAMES[attention]}_ln")
    yield from _norm(tensors, f"{theirs}/ffn/layer_norm", f"{ours}.mlp_ln")
    yield from _pair(tensors, f"{theirs}/ffn/linear_0", f"{ours}.mlp.0")
    yield from _pair(tensors, f"{theirs}/ffn/linear_1", f"{ours}.mlp.2")


def _attention(tensors: Tensors, theirs: str, ours: str) -> Iterator[tuple[str, Any]]:
    """The stacks in order: query, key, value; then the way out. A key has no bias: its share is zeros."""
    linears = [name for name in (f"{theirs}/linear_{n}" for n in range(3)) if f"{name}/weight" in tensors]
    for part in ("weight", "bias"):
        stacked = np.concatenate([tensors[f"{name}/{part}"] for name in linears])
        for name, value in zip(("query", "key", "value", "out"), np.split(stacked, 4), strict=True):
            if (name, part) != ("key", "bias"):
                yield f"{ours}.{name}.{part}", value


def _pair(tensors: Tensors, theirs: str, ours: str) -> Iterator[tuple[str, np.ndarray]]:
    for part in ("weight", "bias"):
        yield f"{ours}.{part}", tensors[f"{theirs}/{part}"]


def _norm(tensors: Tensors, theirs: str, ours: str) -> Iterator[tuple[str, np.ndarray]]:
    yield f"{ours}.weight", tensors[f"{theirs}/gamma"]
    yield f"{ours}.bias", tensors[f"{theirs}/beta"]
