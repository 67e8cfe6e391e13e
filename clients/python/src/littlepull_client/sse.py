"""Server-sent events: bytes to lines, lines to messages."""

from __future__ import annotations


class Lines:
    """Lines end with LF or CRLF and nothing else: the line separators of Unicode may stand inside a message."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, content: bytes) -> list[str]:
        self._rest += content
        *whole, rest = self._rest.split(b"\n")
        self._rest = rest
        return [line.removesuffix(b"\r").decode("utf-8", "replace") for line in whole]


class Messages:
    """Comments and names of events are passed over: the data says it all."""

    def __init__(self) -> None:
        self._data: list[str] = []

    def feed(self, line: str) -> str | None:
        """The data of the message that this line ends, if it ends one."""
        if not line:
            data, self._data = self._data, []
            return "\n".join(data) if data else None
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
        return None
