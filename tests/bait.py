"""The address that the hostile set's own files try to make a reader connect to, and whoever does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

ADDRESS = ("127.0.0.1", 18099)  # written in the files


@pytest.fixture(scope="module")
def bait() -> Iterator[list[object]]:
    """Who connected so far. Processes of one run listen side by side: a caller comes to one of them, and is seen."""
    callers: list[object] = []
    with socket.create_server(ADDRESS, reuse_port=True) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                callers.append(address)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield callers
        done.set()
        thread.join()
    assert not callers
