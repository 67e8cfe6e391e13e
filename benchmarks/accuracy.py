"""Accuracy through the public API: post each file of a labelled set, compare the answer with its truth.

    python benchmarks/accuracy.py --base-url http://127.0.0.1:8000 --key lp_test_... [--set receipts] [--limit 10]

Starts nothing. Without --base-url and --key it reads LITTLEPULL_URL and LITTLEPULL_KEY; the sets
are looked for under LITTLEPULL_DATA or beside the repository.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent))
from scoring import Scores, score_items, score_record, word_errors

ROOT = Path(__file__).resolve().parent.parent
RECEIPT = {"company": "text", "date": "date", "address": "text", "total": "number"}
INVOICE = {
    "invoice_number": "text", "issue_date": "date", "due_date": "date", "seller_name": "text", "seller_vat_id": "text",
    "buyer_name": "text", "currency": "text", "net_total": "number", "tax_total": "number", "total": "number",
    "amount_due": "number",
}  # fmt: skip
ITEM = {"name": "text", "quantity": "number", "unit_price": "number", "line_total": "number"}
_ITEM_ALIASES = {"quantity": "qty", "unit_price": "price_unit", "line_total": "price_subtotal"}
POLL_SECONDS = 0.5
PATIENCE_SECONDS = 300


def main() -> int:
    arguments = _arguments()
    data = Path(os.environ.get("LITTLEPULL_DATA", ROOT.parent / "shared" / "data"))
    if not arguments.base_url or not arguments.key:
        print("accuracy: no server named (--base-url and --key, or LITTLEPULL_URL and LITTLEPULL_KEY): skipped")
        return 0
    headers = {"Authorization": f"Bearer {arguments.key}"}
    with httpx.Client(base_url=arguments.base_url, headers=headers, timeout=120) as client:
        for name in [arguments.set] if arguments.set else list(SETS):
            folder = data / name
            if not (folder / "manifest.jsonl").exists():
                print(f"{name}: no labelled files found: skipped")
                continue
            SETS[name](client, folder, arguments.limit)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default=os.environ.get("LITTLEPULL_URL"))
    parser.add_argument("--key", default=os.environ.get("LITTLEPULL_KEY"))
    parser.add_argument("--set", choices=list(SETS))
    parser.add_argument("--limit", type=int, default=None, help="only the first N files of each set")
    return parser.parse_args()


def measure_receipts(client: httpx.Client, folder: Path, limit: int | None) -> None:
    scores, failures = Scores(), 0
    for record, answer in _answers(client, folder, limit, _schema(RECEIPT)):
        if answer is None:
            failures += 1
        got, text = _read(answer)
        truth = record["truth"] | {"total": record["truth_normalised"]["total"]}
        truth["date"] = record["truth_normalised"]["date_iso"]
        score_record(scores, RECEIPT, got, truth, text, printed={"date": record["truth"]["date"].strip("()")})
    _print_table("receipts", scores, failures)


def measure_invoices(client: httpx.Client, folder: Path, limit: int | None) -> None:
    scores, items, failures = Scores(), Scores(), 0
    schema = _schema(INVOICE)
    schema["properties"]["line_items"] = {"type": "array", "items": _schema(ITEM)}
    for record, answer in _answers(client, folder, limit, schema):
        if not record.get("truth"):  # some have only the labels of another project, in its own form
            continue
        failures += answer is None
        got, text = _read(answer)
        visible = {name for name, seen in (record.get("visible_in_text") or {}).items() if seen}
        truth = {name: value for name, value in record["truth"].items() if name in visible}
        score_record(scores, INVOICE, got, truth, text)
        lines = [_item(line) for line in record["truth"].get("line_items") or [] if "name" in line]
        score_items(items, ITEM, got.get("line_items") or [], lines, text)
    _print_table("invoices", scores, failures)
    _print_table("invoices, line items", items, 0)


def _item(line: dict[str, Any]) -> dict[str, Any]:
    return {name: line.get(name, line.get(_ITEM_ALIASES.get(name, name))) for name in ITEM}


def measure_speech(client: httpx.Client, folder: Path, limit: int | None) -> None:
    schema = {"type": "object", "properties": {"summary": {"type": ["string", "null"]}}}
    errors = words = failures = silent = files = 0
    for record, answer in _answers(client, folder, limit, schema):
        files += 1
        failures += answer is None
        _, text = _read(answer)
        wrong, said = word_errors(record["truth"]["text"], text)
        silent += said == 0 and wrong == 0
        errors, words = errors + wrong, words + said
    rate = errors / words if words else 0.0
    print(f"\nspeech: {files} files, {failures} failed, {silent} silent and left silent")
    print(f"word error rate = {rate:.3f} ({errors} errors in {words} words)")


SETS = {"receipts": measure_receipts, "invoices": measure_invoices, "speech": measure_speech}


def _schema(kinds: dict[str, str]) -> dict[str, Any]:
    types = {
        "number": {"type": ["number", "null"]},
        "date": {"type": ["string", "null"], "format": "date"},
        "text": {"type": ["string", "null"]},
    }
    return {"type": "object", "properties": {name: dict(types[kind]) for name, kind in kinds.items()}}


def _answers(
    client: httpx.Client, folder: Path, limit: int | None, schema: dict[str, Any]
) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines[:limit]:
        record = json.loads(line)
        yield record, _extract(client, folder / record["file"], schema)


def _extract(client: httpx.Client, path: Path, schema: dict[str, Any]) -> dict[str, Any] | None:
    """The finished extraction, or None, with the reason printed, where the service refused or failed."""
    form = {"schema": json.dumps(schema), "options": json.dumps({"include": ["text"], "mapper": "embedded"})}
    with path.open("rb") as file:
        response = client.post(
            "/v1/extractions", data=form, files={"file": (path.name, file)}, headers={"Prefer": "wait=60"}
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while response.is_success and response.json()["status"] in ("queued", "running"):
        if time.monotonic() > deadline:
            print(f"  {path.name}: still running after {PATIENCE_SECONDS} s")
            return None
        time.sleep(POLL_SECONDS)
        response = client.get(f"/v1/extractions/{response.json()['id']}")
    if not response.is_success or response.json()["status"] != "succeeded":
        print(f"  {path.name}: HTTP {response.status_code} {_reason(response)}")
        return None
    return response.json()


def _reason(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return "(no JSON)"
    return str(body.get("code") or body.get("error") or body.get("status"))


def _read(answer: dict[str, Any] | None) -> tuple[dict[str, Any], str]:
    answer = answer or {}
    return answer.get("data") or {}, answer.get("text") or ""


def _print_table(title: str, scores: Scores, failures: int) -> None:
    print(f"\n{title}: {scores.records or '-'} files, {failures} failed")
    print(f"{'field':<18}{'n':>5}{'exact':>8}{'close':>8}{'ceiling':>9}")
    for name, tally in scores.fields.items():
        shares = [tally.share(column) for column in ("exact", "close", "ceiling")]
        print(f"{name:<18}{tally.n:>5}{shares[0]:>8.2f}{shares[1]:>8.2f}{shares[2]:>9.2f}")
    if scores.records:
        print(f"whole records close = {scores.whole_records_close():.2f}")
    print(f"all fields close = {scores.all_fields_close():.2f}")


if __name__ == "__main__":
    sys.exit(main())
