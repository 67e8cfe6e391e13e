"""The promises of LittlePull's policy, sentence by sentence, each with what shows that it is kept."""

from __future__ import annotations

from functools import partial

from privacy.models import SubjectRequest
from privacy.promises import cookies, kept, media, money, published, rights, sharing, stored
from privacy.promises.promise import Check, Document, Promise

Kind = SubjectRequest.Kind


def _promise(code: str, quote: str, check: Check, means: str = "") -> Promise:
    return Promise(f"L-{code}", Document.LITTLEPULL, quote, check, means)


LITTLEPULL_POLICY = (
    _promise("date", "Effective Date: [EFFECTIVE DATE]", published.policy_is_in_force),
    _promise(
        "operator",
        "This policy describes how LITTLEPULL (operated by NGUETOUM NGOUANE Cyrille) collects, uses, and protects data",
        published.operator_is_named,
    ),
    _promise(
        "password",
        "Account data: your email address and a hashed password, stored at registration.",
        stored.passwords_are_argon2id,
        "Hashed with Argon2id.",
    ),
    _promise("keys", "API keys: hashed API key secrets and associated metadata", stored.key_secrets_are_hashed),
    _promise("plaintext", "Plaintext secrets are shown once and never stored.", stored.no_plaintext_key_is_stored),
    _promise(
        "usage",
        "Usage records: extraction job metadata (timestamps, media type, credit cost, job status).",
        stored.no_column_is_undeclared,
        "What is stored is what the record of processing says, column by column.",
    ),
    _promise(
        "content",
        "Media file content is not stored in usage records.",
        stored.records_of_use_have_no_room_for_content,
        "Nor recognized text, nor results.",
    ),
    _promise(
        "payment-metadata",
        "Payment metadata: credit top-up amounts, dates, and payment reference IDs provided by Dodo Payments.",
        money.payments_hold_metadata_only,
    ),
    _promise(
        "cards",
        "Full card data is processed exclusively by Dodo Payments and is never transmitted to or stored by LittlePull.",
        money.no_card_number_is_stored,
    ),
    _promise(
        "card-forms",
        "Full card data is processed exclusively by Dodo Payments and is never transmitted to or stored by LittlePull.",
        money.no_form_asks_for_cards,
        "No form of ours has a field for it.",
    ),
    _promise(
        "purpose",
        "We collect this data solely to operate the service: to authenticate API requests, manage credit balances, "
        "process extraction jobs, and handle billing.",
        sharing.only_processors_receive_data,
    ),
    _promise(
        "marketing",
        "We do not sell or share your data with third parties for marketing purposes.",
        sharing.nobody_follows_visitors,
    ),
    _promise(
        "transient",
        "Audio and image files are processed via transient pipelines.",
        media.spool_holds_waiting_media_only,
    ),
    _promise(
        "sealed",
        "Audio and image files are processed via transient pipelines.",
        media.spool_is_sealed,
        "While they wait they are sealed under a key of their own.",
    ),
    _promise(
        "destroyed",
        "Images handled by self-hosted infrastructure are destroyed immediately after text extraction is complete.",
        media.media_dies_with_its_reading,
        "So are documents and recordings.",
    ),
    _promise(
        "destroyed-first",
        "destroyed immediately after text extraction is complete.",
        media.media_is_destroyed_before_the_answer,
        "Before the answer is given.",
    ),
    _promise(
        "results", "processed via transient pipelines.", media.results_end, "Results end when they are delivered."
    ),
    _promise("schemas", "processed via transient pipelines.", media.orders_end_with_their_jobs, "So do schemas."),
    _promise(
        "training",
        "None of the data processed through the LittlePull API is ever used to train third-party machine learning "
        "models.",
        sharing.vendors_do_not_train,
    ),
    _promise(
        "vendors-30-days",
        "Text data passed to LLM vendors for structured JSON mapping is retained by those vendors for a maximum of 30 "
        "days solely for temporary fraud and abuse prevention, after which it is permanently purged.",
        sharing.vendors_forget,
    ),
    _promise(
        "active",
        "Account data (email, hashed password, API key records, usage records) is retained for as long as your account "
        "is active.",
        kept.accounts_stay_while_they_are_active,
    ),
    _promise(
        "deleted",
        "You may request deletion at any time (see User Rights below).",
        kept.of_the_erased_nothing_is_left,
    ),
    _promise(
        "access",
        "You have the right to access, correct, export, or delete your personal data.",
        partial(rights.right_has_its_doors, Kind.ACCESS),
    ),
    _promise(
        "correct",
        "You have the right to access, correct, export, or delete your personal data.",
        partial(rights.right_has_its_doors, Kind.RECTIFICATION),
    ),
    _promise(
        "export",
        "You have the right to access, correct, export, or delete your personal data.",
        rights.an_export_has_everything,
    ),
    _promise(
        "delete",
        "You have the right to access, correct, export, or delete your personal data.",
        partial(rights.right_has_its_doors, Kind.ERASURE),
    ),
    _promise(
        "contact-rights", "To exercise any of these rights, contact us at [email protected].", rights.who_to_ask_is_said
    ),
    _promise("30-days", "We will respond within 30 days.", rights.requests_are_answered_in_time),
    _promise(
        "more-time", "We will respond within 30 days.", rights.more_time_has_its_reason, "Or say why it takes longer."
    ),
    _promise(
        "dodo",
        "Dodo Payments: processes credit card payments on our behalf.",
        partial(sharing.processor_is_named, "dodo", "Dodo Payments"),
    ),
    _promise(
        "vendors",
        "LLM vendor(s): receive text content for structured JSON extraction.",
        sharing.processors_are_listed,
    ),
    _promise(
        "third-parties",
        "We do not use any third-party analytics, advertising, or tracking services on this website.",
        sharing.pages_load_nothing_of_others,
    ),
    _promise(
        "browsers-told",
        "We do not use any third-party analytics, advertising, or tracking services on this website.",
        sharing.browsers_are_told_so,
        "Browsers are told to load from here alone.",
    ),
    _promise(
        "one-cookie",
        "We use a single session cookie (session_id) to maintain your logged-in state on the dashboard.",
        cookies.one_cookie,
    ),
    _promise(
        "http-only",
        "This cookie is HTTP-only, scoped to this domain, and expires after 24 hours.",
        cookies.cookie_is_http_only,
    ),
    _promise(
        "domain",
        "This cookie is HTTP-only, scoped to this domain, and expires after 24 hours.",
        cookies.cookie_is_of_this_domain,
    ),
    _promise(
        "24-hours",
        "This cookie is HTTP-only, scoped to this domain, and expires after 24 hours.",
        cookies.cookie_ends_within_a_day,
    ),
    _promise("tracking-cookies", "We do not use any tracking or advertising cookies.", cookies.reading_sets_no_cookie),
    _promise(
        "contact", "For privacy inquiries or data requests, contact [email protected].", rights.who_to_ask_is_said
    ),
)

# Sentences that tell and promise nothing, or point to what is promised elsewhere.
LITTLEPULL_SILENT = (
    "Privacy Policy",
    "when you use the LittlePull API and website.",
    "1. Data We Collect",
    "2. Purpose of Collection",
    "3. Data Processing & Retention",
    "4. User Rights",
    "5. Third-Party Processors",
    "6. Cookies",
    "7. Contact",
    "Subject to their own privacy policy and data retention practices.",
    "Text data is subject to the 30-day retention limit described above.",  # L-vendors-30-days
    "(creation date, status, credit balance).",
)
