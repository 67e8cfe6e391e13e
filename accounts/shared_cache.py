"""Django's cache on Redis, for what allauth keeps in one: the limits on guessing, and codes that were used already.

While Redis is away each process keeps its own: guessing stays limited, by so many times as there are processes, and
nobody is locked out. Values are JSON, never pickles: who can write to Redis must not thereby run code here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from accounts import redis_link


class Json:
    """Numbers as they are, so that Redis can add to them."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


def name_in_redis(key: str, prefix: str, version: int) -> str:
    return redis_link.blind(f"{prefix}:{version}:{key}")


def _or_meanwhile(name: str) -> Callable[..., Any]:
    def act(self: SharedCache, *args: Any, **kwargs: Any) -> Any:
        if redis_link.outage.may_try():
            try:
                answer = getattr(RedisCache, name)(self, *args, **kwargs)
            except redis_link.TROUBLE as error:
                redis_link.outage.met(error)
            else:
                redis_link.outage.ended()
                return answer
        return getattr(self.meanwhile, name)(*args, **kwargs)

    return act


class SharedCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        meanwhile = params["OPTIONS"]
        own = {"serializer": Json, **redis_link.options()}
        super().__init__([server], {**params, "KEY_FUNCTION": name_in_redis, "OPTIONS": own})  # type: ignore[arg-type]
        self.meanwhile = LocMemCache("while Redis is away", {"OPTIONS": meanwhile})

    add = _or_meanwhile("add")
    get = _or_meanwhile("get")
    set = _or_meanwhile("set")
    touch = _or_meanwhile("touch")
    delete = _or_meanwhile("delete")
    get_many = _or_meanwhile("get_many")
    has_key = _or_meanwhile("has_key")
    incr = _or_meanwhile("incr")
    set_many = _or_meanwhile("set_many")
    delete_many = _or_meanwhile("delete_many")
    clear = _or_meanwhile("clear")
