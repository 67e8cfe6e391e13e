"""The tables of the ledger that the database holds as they were written. `check_ledger` notices a lost trigger."""

from accounts.written_once import Triggers

LEDGER = Triggers("billing", ("billing_transaction", "billing_entry", "billing_receipt"))

create_triggers, drop_triggers, missing_triggers = LEDGER.create, LEDGER.drop, LEDGER.missing
