"""make chaos: steady load, and everything that can fail does; then the proof that nobody lost anything.

    python -m tests.chaos [--rounds N]

PostgreSQL, Redis, the product and two providers are started by the run, on 127.0.0.1. Exits 1 with a line for each
fault found.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.chaos import faults
from tests.chaos.load import Load
from tests.chaos.proof import find_faults, wait_until_quiet
from tests.chaos.relay import Wire
from tests.flows.gateways import add_models, scripted_provider
from tests.postgresql import Cluster, find_binaries, running_cluster
from tests.redis_server import find_redis, running_redis
from tests.server import Product

GRANTED = 20_000
# As an operator does who has read their terms: else check_promises says, rightly, that we know of none.
STATED = """
from django.utils import timezone
from routing.models import Provider
today = timezone.now().date()
Provider.objects.filter(name="groq").update(trains=False, retention_days=0, checked_on=today)
"""
BETWEEN = (2.0, 5.0)  # seconds of ordinary work between two faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    rounds = parser.parse_args().rounds
    binaries, redis_binary = find_binaries(), find_redis()
    if binaries is None or redis_binary is None:
        print("PostgreSQL's or Redis's binaries are not on this machine.")
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="littlepull-chaos-") as name,
        scripted_provider() as provider,
        Wire(provider).running() as wire,
        running_redis(redis_binary) as redis,
    ):
        folder = Path(name)
        with running_cluster(binaries) as cluster, faults.small_disk(folder / "spool") as disk:
            spool = folder / "spool"
            product = Product(
                folder / "installation",
                DATABASE_URL=cluster.url, SPOOL_DIR=str(spool), LEASE_SECONDS="3", MAX_ATTEMPTS="8",
                ENGINE_PRELOAD="rapidocr", GROQ_API_KEY="secret-of-groq", GROQ_BASE_URL=wire.base_url,
                SELFHOSTED_BASE_URL=provider, REDIS_URL=redis.url,
                GATEWAY_BUDGET_SECONDS="4", RATE_LIMIT_REQUESTS="100000", LOG_LEVEL="ERROR",
            )  # fmt: skip
            try:
                product.start()
                add_models(product, ("hangs", "drops", "fails-500"))
                add_models(product, ("at-home",), provider="selfhosted")
                product.manage("shell", "-v", "0", "-c", STATED)
                load = Load(product, product.create_key("chaos@example.com", GRANTED))
                load.start()
                acts = [*faults_of(product, cluster, spool, disk), partial(faults.restart_redis, redis, product)]
                suffer(product, [*acts, partial(faults.hang_provider, wire, load)], rounds)
                load.stop()
                quiet = wait_until_quiet(product, load)
                print(
                    f"{len(load.accepted)} extractions; all had ended {quiet:.0f} s after the last; {dict(load.seen)}"
                )
                found = list(find_faults(product, load, spool, GRANTED))
                if found or "extraction: 500" in load.seen:
                    print(product.log.read_text()[-6000:])
            finally:
                product.kill()
    print("\n".join(found) if found else "Nothing was lost, nothing charged twice, nothing is left.")
    return 1 if found else 0


def faults_of(product: Product, cluster: Cluster, spool: Path, disk: Path | None) -> list[faults.Fault]:
    chance = random.Random(20261123)
    return [
        partial(faults.kill_worker, product),
        partial(faults.kill_web, product),
        partial(faults.restart_database, cluster, product),
        partial(faults.fill_disk, disk),
        partial(faults.corrupt_a_file, product, spool, chance),
        partial(faults.move_the_clock, product),
        partial(faults.kill_worker, product),
    ]


def suffer(product: Product, acts: list[faults.Fault], rounds: int) -> None:
    chance = random.Random(20261123)
    for _ in range(rounds):
        chance.shuffle(acts)
        for act in acts:
            time.sleep(chance.uniform(*BETWEEN))
            print(f"- {act()}", flush=True)
        product.wait_for("/readyz", seconds=120)


if __name__ == "__main__":
    sys.exit(main())
