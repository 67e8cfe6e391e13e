"""Celery as it is used here: to carry tickets. Imported only where QUEUE_URL is set."""

from __future__ import annotations

from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

TROUBLE = (OperationalError, RedisError, OSError)
FOR_REDIS = {"socket_connect_timeout": 1.0, "socket_timeout": 5.0, "visibility_timeout": 3 * 3600}

app = Celery("littlepull")
app.conf.update(
    broker_url=settings.QUEUE_URL,
    broker_transport_options=FOR_REDIS if settings.QUEUE_URL.startswith("redis") else {},
    broker_connection_timeout=1.0,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a worker outlives any absence of its broker
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0.0, "interval_max": 0.1},  # then it is the sweep's
    task_ignore_result=True,
    task_default_queue="cpu",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_pool="threads",  # they wait for engines, which are processes
    worker_concurrency=settings.WORKER_SLOTS,
    worker_enable_remote_control=False,  # nobody on the broker may stop a worker
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    accept_content=["json"],
    task_serializer="json",
)
