"""The record of processing: every table, why we hold it, on what ground, and for how long.

A house test compares this with Django's tables, so nothing can be stored that is not listed here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One table. `basis` cites the GDPR; `keep` is what the policies promise."""

    table: str
    holds: str
    purpose: str
    basis: str
    keep: str


CONTRACT, LEGITIMATE, LAW = (
    "Art. 6(1)(b) contract",
    "Art. 6(1)(f) legitimate interest",
    "Art. 6(1)(c) legal duty",
)
ACTIVE = "while the account is active"

DATA_MAP = (
    Row("accounts.User", "e-mail address, name, password hash", "to sign in and be reached", CONTRACT, ACTIVE),
    Row("accounts.ApiKey", "digest and dates of API keys", "to authenticate API requests", CONTRACT, ACTIVE),
    Row(
        "accounts.IdempotentRequest",
        "keyed hash of a request",
        "to answer a retry once",
        CONTRACT,
        "24 hours",
    ),
    Row("accounts.RetiredSecret", "digest of a key before its reroll", "to end it with grace", CONTRACT, "24 hours"),
    Row("accounts.WebhookEndpoint", "addresses to be told at", "to tell the customer", CONTRACT, ACTIVE),
    Row("accounts.WebhookSecret", "sealed signing secrets", "to sign what we tell", CONTRACT, ACTIVE),
    Row(
        "accounts.WebhookDelivery",
        "messages sent: ids, states, dates, the caller's own labels; the address",
        "to deliver, and to send again on request",
        CONTRACT,
        "90 days",
    ),
    Row("accounts.WebhookAttempt", "times and answers of attempts", "delivery log", CONTRACT, "90 days"),
    Row("billing.Wallet", "credit balance of a key", "to manage credits", CONTRACT, ACTIVE),
    Row("billing.Hold", "credits set aside for a job", "to charge exactly", CONTRACT, ACTIVE),
    Row("billing.Transaction", "credit movements", "bookkeeping", LAW, "the bookkeeping period"),
    Row("billing.Entry", "credit movements", "bookkeeping", LAW, "the bookkeeping period"),
    Row("billing.Lot", "credits that came in together", "to spend them in order", LAW, "the bookkeeping period"),
    Row("billing.Spending", "what a key spent in a month", "to keep within caps", CONTRACT, ACTIVE),
    Row("billing.SpendingCap", "a cap on what a key spends", "to keep within it", CONTRACT, ACTIVE),
    Row("billing.Price", "no personal data", "the price table", LEGITIMATE, "always"),
    Row("billing.Product", "no personal data", "what can be bought", LEGITIMATE, "always"),
    Row("billing.Payment", "amounts, dates, payment references", "bookkeeping", LAW, "the bookkeeping period"),
    Row("billing.Refund", "amounts, dates, references, reasons", "bookkeeping", LAW, "the bookkeeping period"),
    Row("billing.Receipt", "numbers and dates of receipts", "bookkeeping", LAW, "the bookkeeping period"),
    Row("billing.Subscription", "plan, dates, references", "to manage a subscription", CONTRACT, ACTIVE),
    Row(
        "billing.PaymentEvent",
        "what a payment provider told: amounts, dates, references; no name, address or card",
        "to credit payments exactly",
        LAW,
        "the bookkeeping period",
    ),
    Row("billing.RefusedDelivery", "no personal data", "to notice forged deliveries", LEGITIMATE, "always"),
    Row("billing.BalanceAlert", "thresholds of a wallet", "to warn of low credits", CONTRACT, ACTIVE),
    Row("billing.AutoTopUp", "a rule for buying credits", "to buy as its owner wishes", CONTRACT, ACTIVE),
    Row("billing.ReconciliationDay", "no personal data", "to compare books once a day", LEGITIMATE, "always"),
    Row(
        "billing.ReconciliationDifference",
        "payment references and amounts",
        "to find mistakes in the books",
        LAW,
        "the bookkeeping period",
    ),
    Row("routing.Provider", "no personal data", "the catalogue of providers", LEGITIMATE, "always"),
    Row("routing.LanguageModel", "no personal data", "the catalogue of models", LEGITIMATE, "always"),
    Row("routing.ModelPrice", "no personal data", "what tokens cost", LEGITIMATE, "always"),
    Row("routing.ModelQuality", "no personal data", "which model does what well", LEGITIMATE, "always"),
    Row("routing.KeyPolicy", "what a key's owner allows of providers", "to route as they wish", CONTRACT, ACTIVE),
    Row("routing.KeyLimit", "limits of a key", "to keep within them", CONTRACT, ACTIVE),
    Row("routing.KeyUsage", "sums of requests, tokens and cost of a key", "to keep within limits", CONTRACT, "90 days"),
    Row(
        "routing.Generation",
        "usage record: task type, model, tokens, latency, cost; no content",
        "to run, bill and improve routing",
        CONTRACT,
        "90 days",
    ),
    Row("routing.Attempt", "tries at providers: times and outcomes", "to run and improve routing", CONTRACT, "90 days"),
    Row("routing.JournalMark", "no personal data", "where bookkeeping goes on", LEGITIMATE, "minutes"),
    Row("routing.Weighed", "candidates of a choice, and figures", "to explain routing decisions", CONTRACT, "90 days"),
    Row(
        "extraction.Job",
        "usage record: times, media type, cost, status",
        "to run and bill a job",
        CONTRACT,
        ACTIVE,
    ),
    Row("extraction.Batch", "which files were sent together", "to run and bill jobs", CONTRACT, ACTIVE),
    Row("extraction.JobEvent", "progress of a job", "to show progress", CONTRACT, ACTIVE),
    Row(
        "extraction.Envelope",
        "sealed keys; schema and result, sealed",
        "to run a job and hand its result over",
        CONTRACT,
        "until the text is read (media), the job ends (schema), the result is delivered or expires (at most 24 hours)",
    ),
    Row("extraction.SavedSchema", "names of saved schemas", "to be used again", CONTRACT, "until its owner deletes it"),
    Row(
        "extraction.SchemaVersion", "saved schemas, sealed", "to be used again", CONTRACT, "until its owner deletes it"
    ),
    Row("extraction.WorkerBeat", "no personal data", "to know that workers live", LEGITIMATE, "1 hour"),
)
