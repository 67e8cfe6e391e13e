"""The tables of accounts: people, their keys, the webhooks by which they are told, and the audit log."""

from accounts.models.audit import AUDIT_KEPT, AuditCheckpoint, AuditEntry, AuditEntryQuerySet, AuditHead
from accounts.models.keys import (
    ApiKey,
    ApiKeyQuerySet,
    IdempotentRequest,
    IdempotentRequestQuerySet,
    RetiredSecret,
    RetiredSecretQuerySet,
    Scope,
    every_scope,
)
from accounts.models.people import Session, SessionQuerySet, SignIn, User, UserManager
from accounts.models.webhooks import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryQuerySet,
    WebhookEndpoint,
    WebhookEndpointQuerySet,
    WebhookSecret,
)

__all__ = [
    "AUDIT_KEPT",
    "ApiKey",
    "ApiKeyQuerySet",
    "AuditCheckpoint",
    "AuditEntry",
    "AuditEntryQuerySet",
    "AuditHead",
    "IdempotentRequest",
    "IdempotentRequestQuerySet",
    "RetiredSecret",
    "RetiredSecretQuerySet",
    "Scope",
    "Session",
    "SessionQuerySet",
    "SignIn",
    "User",
    "UserManager",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookDeliveryQuerySet",
    "WebhookEndpoint",
    "WebhookEndpointQuerySet",
    "WebhookSecret",
    "every_scope",
]
