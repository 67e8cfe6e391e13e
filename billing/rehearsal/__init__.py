"""Dodo Payments and Paddle as a local server: their wire formats, their signatures, their bad days.

For tests, the demo and `manage.py simulate_payment`. Nothing here takes money: the real SDKs are pointed at it by
base URL, and it signs what it tells as they do.
"""

from billing.rehearsal.server import start
from billing.rehearsal.stage import Rehearsal

__all__ = ["Rehearsal", "start"]
