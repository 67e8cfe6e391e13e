"""Two machines of one installation: process trees with folders and sockets of their own, and what hosts share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flows.gateways import add_models, scripted_provider
from tests.postgresql import Cluster
from tests.redis_server import RedisServer, find_redis, running_redis
from tests.server import Product

NEVER = "3600"  # seconds between looks: what happens sooner was rung for


@dataclass
class Hosts:
    """`web` only serves; the worker is on `work`. One PostgreSQL, one Redis, one mounted spool."""

    web: Product
    work: Product
    redis: RedisServer


@pytest.fixture(scope="module")
def hosts(postgresql: Cluster, static_files: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    binary = find_redis()
    if binary is None:
        pytest.skip("no Redis binary on this machine")
    folder = tmp_path_factory.mktemp("hosts")
    database = postgresql.create_database()
    with running_redis(binary) as redis, scripted_provider() as provider:
        hosts = Hosts(_host(folder / "web", redis, provider, database), None, redis)  # type: ignore[arg-type]
        hosts.work = _host(folder / "work", redis, provider, database)
        hosts.web.options = ["--no-worker"]
        try:
            hosts.work.start()
            hosts.web.start()
            add_models(hosts.work, ("good",))
            yield hosts
        finally:
            hosts.web.kill()
            hosts.work.kill()


def _host(folder: Path, redis: RedisServer, provider: str, database: str) -> Product:
    return Product(
        folder, DATABASE_URL=database, REDIS_URL=redis.url, SPOOL_DIR=str(folder.parent / "mounted"),
        DOORBELL_DIR=str(folder / "bell"), LOOK_AGAIN_SECONDS=NEVER, ENGINE_PRELOAD="rapidocr",
        RATE_LIMIT_REQUESTS="5000", RATE_LIMIT_WINDOW_SECONDS="86400",
        GROQ_API_KEY="secret-of-groq", GROQ_BASE_URL=provider,
    )  # fmt: skip
