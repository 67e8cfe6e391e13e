"""The address that the hostile set's own files try to make a reader connect to, and whoever does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

ADDRESS = ("127.0.0.1", 18099)  # written in the files: one process of a run can listen there at a time
ONE_AT_A_TIME = pytest.mark.xdist_group("bait")


@pytest.fixture(scope="module")
def bait() -> Iterator[list[object]]:
    """Who connected so far."""
    callers: list[object] = []
    with socket.create_server(ADDRESS) as server:
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
