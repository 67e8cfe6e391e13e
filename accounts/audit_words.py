"""What the audit log can tell of. A word that was used stays: entries are never rewritten."""

from __future__ import annotations

from django.db import models


class AuditAct(models.TextChoices):
    # Who may do what, and who came in
    SIGNED_IN_TO_CONSOLE = "signed_in_to_console", "A member of staff signed in"
    ROLE_CHANGED = "role_changed", "What somebody may do here was changed"
    USER_LOCKED = "user_locked", "An account was locked out"
    USER_UNLOCKED = "user_unlocked", "A locked account was let in again"
    KEY_REVOKED = "key_revoked", "An API key was revoked"
    KEY_SETTINGS_CHANGED = "key_settings_changed", "Limits or the routing policy of a key were changed"
    # What people ask about their data
    REQUEST_OPENED = "request_opened", "A request about personal data was opened"
    REQUEST_MOVED = "request_moved", "A request about personal data was moved on"
    IDENTITY_VERIFIED = "identity_verified", "It became clear who asks"
    ERASURE_PREVIEWED = "erasure_previewed", "An erasure was previewed"
    ERASURE_APPROVED = "erasure_approved", "An erasure was approved"
    ERASURE_RUN = "erasure_run", "A person was erased"
    ERASURES_REAPPLIED = "erasures_reapplied", "Erasures were done again after a restore"
    EXPORT_MADE = "export_made", "Leave was given to download what is held about a person"
    EXPORT_READ = "export_read", "What is held about a person was downloaded"
    RECTIFIED = "rectified", "Data about a person was corrected"
    POLICY_PUBLISHED = "policy_published", "A privacy policy was published"
    # Money
    CREDITS_ADJUSTED = "credits_adjusted", "Credits were adjusted"
    REFUND_REQUESTED = "refund_requested", "A refund was requested"
    CAP_CHANGED = "cap_changed", "The spending cap of a key was changed"
    PRICE_PUBLISHED = "price_published", "Prices were published"
    PRODUCT_CHANGED = "product_changed", "What is sold was changed"
    MATTER_CLOSED = "matter_closed", "A difference or an open matter with a payment provider was closed"
    # Running the place
    MODEL_CHANGED = "model_changed", "A model, its price, its score or its provider was changed"
    JOB_CANCELED = "job_canceled", "An extraction was canceled"
    JOB_REQUEUED = "job_requeued", "An extraction was put in the queue again"
    MESSAGE_SENT_AGAIN = "message_sent_again", "A webhook message was sent again"
    PURGE_RUN = "purge_run", "What had reached its term was deleted"
    SETTINGS_CHANGED = "settings_changed", "Something else was changed in the admin"
    ROW_DELETED = "row_deleted", "A row was deleted in the admin"
    # The log itself
    LOG_CUT = "log_cut", "Entries of this log that had reached their term were deleted"
    BACKUP_RESTORED = "backup_restored", "The database was restored, and lost entries of this log"


class ActorKind(models.TextChoices):
    STAFF = "staff", "Staff"
    SYSTEM = "system", "The system"
    SUBJECT = "subject", "The person concerned"
