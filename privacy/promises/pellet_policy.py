"""The promises of Pellet's policy. Where it allows more than the other, the stricter holds, and is what is checked."""

from __future__ import annotations

from functools import partial

from privacy.models import SubjectRequest
from privacy.promises import cookies, kept, media, money, published, rights, secured, sharing, stored
from privacy.promises.promise import Check, Document, Promise

Kind = SubjectRequest.Kind


def _promise(code: str, quote: str, check: Check, means: str = "") -> Promise:
    return Promise(f"P-{code}", Document.PELLET, quote, check, means)


PELLET_POLICY = (
    _promise(
        "date", "Last updated: March 11, 2026", published.versions_are_unchanged, "Each version as it was published."
    ),
    _promise(
        "account",
        "Account information: Name, email address, and profile picture provided by your OAuth provider (Google or "
        "GitHub).",
        secured.providers_tell_name_address_picture,
    ),
    _promise(
        "metadata",
        "Usage data: API request metadata including task types, model selections, token counts, latency, and costs.",
        stored.records_of_use_have_no_room_for_content,
    ),
    _promise(
        "no-content",
        "We do not store the content of your prompts or completions.",
        media.the_journal_holds_no_sentence,
        "Nor does the gateway's journal on disk.",
    ),
    _promise(
        "no-column",
        "We do not store the content of your prompts or completions.",
        stored.no_column_is_undeclared,
        "Nor has the database a column that nobody declared.",
    ),
    _promise(
        "no-log",
        "We do not store the content of your prompts or completions.",
        stored.calls_are_not_logged,
        "Nor does any log.",
    ),
    _promise(
        "no-file",
        "We do not store the content of your prompts or completions.",
        stored.no_file_is_kept_by_a_model,
        "Nor does any file.",
    ),
    _promise(
        "no-media",
        "We do not store the content of your prompts or completions.",
        media.no_media_outside_the_spool,
        "Pictures and recordings within prompts included.",
    ),
    _promise(
        "paddle",
        "Billing information: Payment details are processed and stored by our payment provider, Paddle.",
        partial(sharing.processor_is_named, "paddle", "Paddle"),
    ),
    _promise("cards", "We do not store your credit card information.", money.no_column_holds_cards),
    _promise(
        "technical",
        "Technical data: IP address, browser type, and device information collected automatically when you access the "
        "dashboard.",
        stored.addresses_are_of_sign_ins_only,
        "Recorded when you sign in, and at no other time.",
    ),
    _promise(
        "technical-90-days",
        "Technical data: IP address, browser type, and device information collected automatically when you access the "
        "dashboard.",
        kept.technical_data_is_kept_90_days,
        "Kept for 90 days.",
    ),
    _promise(
        "account-active",
        "We retain your account information for as long as your account is active.",
        kept.accounts_stay_while_they_are_active,
    ),
    _promise(
        "90-days", "API request metadata is retained for 90 days for analytics purposes.", kept.metadata_is_kept_90_days
    ),
    _promise(
        "deletion",
        "You can request deletion of your account and associated data at any time by contacting us.",
        kept.of_the_erased_nothing_is_left,
    ),
    _promise("no-sale", "We do not sell your personal information.", sharing.nobody_follows_visitors),
    _promise("only-with", "We share data only with:", sharing.only_processors_receive_data),
    _promise(
        "together",
        "Infrastructure providers: Together AI, Fireworks, and Groq process your inference requests.",
        partial(sharing.processor_is_named, "together", "Together AI"),
    ),
    _promise(
        "fireworks",
        "Infrastructure providers: Together AI, Fireworks, and Groq process your inference requests.",
        partial(sharing.processor_is_named, "fireworks", "Fireworks AI"),
    ),
    _promise(
        "groq",
        "Infrastructure providers: Together AI, Fireworks, and Groq process your inference requests.",
        partial(sharing.processor_is_named, "groq", "Groq"),
    ),
    _promise(
        "providers-listed",
        "Your prompts are sent to these providers to generate completions.",
        sharing.processors_are_listed,
        "And to no provider that is not on the published list.",
    ),
    _promise(
        "payment-processor",
        "Payment processor: Paddle handles billing and subscription management.",
        money.payments_hold_metadata_only,
    ),
    _promise(
        "routing-layer",
        "Your prompts and completions pass through our API gateway to the selected inference provider.",
        secured.vendors_are_called_over_tls,
    ),
    _promise(
        "aggregates",
        "We may use aggregated, anonymized data (with no personally identifiable information) to improve our routing "
        "algorithms, benchmark model performance, and publish research.",
        sharing.figures_are_of_many,
    ),
    _promise("tls", "encrypted connections (TLS)", secured.connections_are_encrypted),
    _promise("sha-256", "hashed API keys (SHA-256)", stored.key_secrets_are_hashed),
    _promise("oauth", "secure OAuth authentication.", secured.signing_in_by_others_is_safe),
    _promise(
        "database", "Database access is restricted to internal services only.", secured.database_is_reached_from_inside
    ),
    _promise(
        "right-access", "Access the personal data we hold about you", partial(rights.right_has_its_doors, Kind.ACCESS)
    ),
    _promise(
        "right-correction",
        "Request correction of inaccurate data",
        partial(rights.right_has_its_doors, Kind.RECTIFICATION),
    ),
    _promise(
        "right-deletion", "Request deletion of your account and data", partial(rights.right_has_its_doors, Kind.ERASURE)
    ),
    _promise("right-export", "Export your usage data", partial(rights.right_has_its_doors, Kind.PORTABILITY)),
    _promise(
        "no-storage",
        "We use localStorage to store authentication tokens.",
        cookies.scripts_store_nothing,
        "The other policy is stricter and holds: one cookie, and nothing in the browser's storage.",
    ),
    _promise("cookie-secure", "We do not use tracking cookies or third-party analytics.", cookies.cookie_is_secure),
    _promise(
        "no-analytics", "We do not use tracking cookies or third-party analytics.", sharing.nobody_follows_visitors
    ),
    _promise(
        "changes",
        "We will notify you of significant changes via the email associated with your account.",
        published.people_were_told,
    ),
    _promise(
        "questions",
        "If you have questions about this privacy policy, contact us at privacy@getpellet.io.",
        rights.who_to_ask_is_said,
        "At the address of this installation.",
    ),
)

# What it allows and we do not do: the other policy, which is stricter, holds.
OVERRULED = (
    "Prompt and completion content may be logged and analyzed in anonymized or aggregated form to improve routing "
    "accuracy, detect abuse, and enhance service quality.",  # P-no-content, P-no-log
)
PELLET_SILENT = (
    "← Back to home",
    "Privacy Policy",
    "1. Information We Collect",
    "When you use Pellet AI, we collect the following information:",
    "2. How We Use Your Information",
    "To provide and maintain the Pellet AI service",
    "To authenticate your identity and manage your account",
    "To process billing and manage your subscription",
    "To display usage analytics on your dashboard",
    "To improve routing accuracy and service performance",
    "To communicate important service updates",
    "3. Data Retention",
    "4. Data Sharing",
    "Legal requirements: We may disclose information if required by law.",
    "5. Prompt Data",
    "Pellet AI acts as a routing layer.",
    "Request metadata (token counts, model used, latency, task type, routing decisions) is stored for billing, "
    "analytics, and service improvement.",  # P-metadata
    "Your prompts are also transmitted to third-party inference providers (Together AI, Fireworks, Groq) to fulfill "
    "your requests, subject to their respective privacy policies.",  # P-together and the like
    "6. Security",
    "We use industry-standard security measures including",  # each is a promise of its own
    "7. Your Rights",
    "8. Cookies",
    "9. Changes to This Policy",
    "We may update this policy from time to time.",
    "10. Contact",
    *OVERRULED,
)
