"""An object of the API read by attribute or by key, for answers whose shape is somebody else's, such as OpenAI's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Record(Mapping[str, Any]):
    """`record.choices[0].message.content` is `record["choices"][0]["message"]["content"]`.

    `raw` is the plain dict. What has the name of a mapping's method (`items`, `values`) is read by key.
    """

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    def __getitem__(self, name: str) -> Any:
        return _wrap(self.raw[name])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "raw":
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __repr__(self) -> str:
        """Names alone: the values may be a prompt's answer."""
        return f"{type(self).__name__}({', '.join(self.raw)})"


def _wrap(value: Any) -> Any:
    if isinstance(value, dict):
        return Record(value)
    return [_wrap(one) for one in value] if isinstance(value, list) else value
