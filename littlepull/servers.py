"""The web server as one process: `python -m littlepull.servers uvicorn|daphne HOST PORT WORKERS`.

`manage.py serve` starts this beside the worker; any other ASGI server can take its place.
"""

from __future__ import annotations

import signal
import sys

GRACEFUL_SECONDS = 20
APPLICATION = "littlepull.asgi:application"


def run_uvicorn(host: str, port: int, workers: int) -> None:
    import uvicorn

    uvicorn.run(
        APPLICATION,
        host=host,
        port=port,
        workers=workers,
        lifespan="off",
        ws="websockets-sansio",
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        server_header=False,
        access_log=False,  # our own log says what is worth knowing, and no address of anybody's
        log_config=None,
    )


def run_daphne(host: str, port: int, workers: int) -> None:
    from littlepull import lean_daphne
    from littlepull.asgi import application

    if workers != 1:
        raise SystemExit("daphne is one process: start several behind a proxy, or use uvicorn.")
    lean_daphne.run(application, host=host, port=port)


SERVERS = {"uvicorn": run_uvicorn, "daphne": run_daphne}


def leave(number: int, _: object) -> None:
    """uvicorn lets requests end and raises the signal anew, which ends us at once. What was counted is told before."""
    from accounts import meters, tracing

    meters.end()
    tracing.end()
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


if __name__ in ("__main__", "__mp_main__"):  # the latter is what this module is to uvicorn's further processes
    signal.signal(signal.SIGTERM, leave)

if __name__ == "__main__":
    server, host, port, workers = sys.argv[1:]
    SERVERS[server](host, int(port), int(workers))
