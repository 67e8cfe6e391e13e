"""LittlePull's Python client: photos, PDFs and recordings in, JSON that fits your schema out.

from littlepull_client import LittlePull

with LittlePull() as client:  # LITTLEPULL_API_KEY, LITTLEPULL_BASE_URL
    receipt = client.extract("receipt.jpg", schema="receipt")
    print(receipt.data, receipt.field_at("/total"))
"""

from littlepull_client.accounts import Account, Balance, Key, Transaction, Transfer, Usage, UsageRow
from littlepull_client.batches import Batch, Refused
from littlepull_client.client import AsyncLittlePull, LittlePull, fetch_signing_keys
from littlepull_client.errors import (
    APIError,
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    ExtractionFailed,
    Fault,
    InsufficientCredits,
    InvalidRequest,
    LittlePullError,
    NotConfigured,
    NotFound,
    NotGenuine,
    NotPermitted,
    RateLimited,
    ServerFailed,
    TimedOut,
)
from littlepull_client.extraction import (
    Citation,
    Cost,
    Event,
    Extraction,
    Failure,
    Field,
    Media,
    Progress,
    Quality,
    SchemaError,
)
from littlepull_client.gateway import ChatCompletion, Routing
from littlepull_client.quote import Quote
from littlepull_client.receipts import Destruction, verify_receipt
from littlepull_client.record import Record
from littlepull_client.schemas import Report, SavedSchema, Version
from littlepull_client.version import __version__
from littlepull_client.webhooks import Message, verify_webhook

__all__ = [
    "APIError",
    "Account",
    "AsyncLittlePull",
    "AuthenticationFailed",
    "Balance",
    "Batch",
    "ChatCompletion",
    "Citation",
    "Conflict",
    "ConnectionFailed",
    "Cost",
    "Destruction",
    "Event",
    "Extraction",
    "ExtractionFailed",
    "Failure",
    "Fault",
    "Field",
    "InsufficientCredits",
    "InvalidRequest",
    "Key",
    "LittlePull",
    "LittlePullError",
    "Media",
    "Message",
    "NotConfigured",
    "NotFound",
    "NotGenuine",
    "NotPermitted",
    "Progress",
    "Quality",
    "Quote",
    "RateLimited",
    "Record",
    "Refused",
    "Report",
    "Routing",
    "SavedSchema",
    "SchemaError",
    "ServerFailed",
    "TimedOut",
    "Transaction",
    "Transfer",
    "Usage",
    "UsageRow",
    "Version",
    "__version__",
    "fetch_signing_keys",
    "verify_receipt",
    "verify_webhook",
]
