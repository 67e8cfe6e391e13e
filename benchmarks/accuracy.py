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
from labelled import SCHEMAS, Answer, Record, score_invoice, score_receipt, score_transcript
from peers import whisper_as_shipped
from scoring import Judged, Scores, calibration_error, discrimination, word_errors

ROOT = Path(__file__).resolve().parent.parent
SURE = 0.8
POLL_SECONDS = 0.5
PATIENCE_SECONDS = 300


Answers = Iterator[tuple[Record, Path, Answer | None]]


def main() -> int:
    arguments = _arguments()
    data = Path(os.environ.get("LITTLEPULL_DATA", ROOT.parent / "shared" / "data"))
    if not arguments.base_url or not arguments.key:
        print("accuracy: no server named (--base-url and --key, or LITTLEPULL_URL and LITTLEPULL_KEY): skipped")
        return 0
    headers = {"Authorization": f"Bearer {arguments.key}"}
    with httpx.Client(base_url=arguments.base_url, headers=headers, timeout=120) as client:
        judged: list[Judged] = []
        for name in [arguments.set] if arguments.set else list(SETS):
            folder = data / name
            if not (folder / "manifest.jsonl").exists():
                print(f"{name}: no labelled files found: skipped")
                continue
            judged += SETS[name](_answers(client, folder, arguments), arguments)
        print("\nover all sets")
        _print_calibration(judged)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default=os.environ.get("LITTLEPULL_URL"))
    parser.add_argument("--key", default=os.environ.get("LITTLEPULL_KEY"))
    parser.add_argument("--set", choices=list(SETS))
    parser.add_argument("--limit", type=int, default=None, help="only the first N files of each set")
    parser.add_argument("--peer", action="store_true", help="also run openai-whisper itself over the recordings")
    return parser.parse_args()


def measure_receipts(answers: Answers, arguments: argparse.Namespace) -> list[Judged]:
    scores, failures = Scores(), 0
    for record, _, answer in answers:
        failures += answer is None
        score_receipt(scores, record, answer or Answer())
    _print_table("receipts", scores, failures)
    return scores.judged()


def measure_invoices(answers: Answers, arguments: argparse.Namespace) -> list[Judged]:
    scores, items, failures = Scores(), Scores(), 0
    for record, _, answer in answers:
        if not record.get("truth"):  # some have only the labels of another project, in its own form
            continue
        failures += answer is None
        score_invoice(scores, items, record, answer or Answer())
    _print_table("invoices", scores, failures)
    _print_table("invoices, line items", items, 0)
    return scores.judged() + items.judged()


def measure_speech(answers: Answers, arguments: argparse.Namespace) -> list[Judged]:
    scores, failures, silent, spoken = Scores(), 0, 0, []
    for record, media, answer in answers:
        failures += answer is None
        text = answer.text if answer else ""
        silent += not record["truth"]["text"].strip() and not text.strip()
        spoken.append((record["truth"]["text"], text, media))
        score_transcript(scores, record, answer or Answer())
    _print_table("speech", scores, failures)
    print(f"{len(spoken)} recordings, {silent} silent and left silent")
    ours = _word_error_rate([(truth, text) for truth, text, _ in spoken])
    print(f"word error rate = {ours:.3f}")
    if arguments.peer:
        _print_peer(ours, [(truth, media) for truth, _, media in spoken])
    else:
        print("openai-whisper with its defaults and the same weights: skipped (--peer asks for it; it takes minutes)")
    return scores.judged()


def _word_error_rate(pairs: list[tuple[str, str]]) -> float:
    counted = [word_errors(truth, heard) for truth, heard in pairs]
    return sum(wrong for wrong, _ in counted) / max(sum(said for _, said in counted), 1)


def _print_peer(ours: float, recordings: list[tuple[str, Path]]) -> None:
    try:
        transcribe = whisper_as_shipped()
    except ImportError:
        print("openai-whisper is not installed: skipped")
        return
    theirs = _word_error_rate([(truth, transcribe(media.read_bytes())) for truth, media in recordings])
    print(f"openai-whisper, its defaults, same weights: word error rate = {theirs:.3f}")
    print(f"ours less theirs = {100 * (ours - theirs):+.2f} points (target: at most +0.50)")


SETS = {"receipts": measure_receipts, "invoices": measure_invoices, "speech": measure_speech}


def _answers(client: httpx.Client, folder: Path, arguments: argparse.Namespace) -> Answers:
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines[: arguments.limit]:
        record = json.loads(line)
        media = folder / record["file"]
        yield record, media, _extract(client, media, SCHEMAS[folder.name])


def _extract(client: httpx.Client, path: Path, schema: dict[str, Any]) -> Answer | None:
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
    body = response.json()
    confidences = {field["pointer"]: field["confidence"] for field in body.get("fields") or []}
    return Answer(body.get("data") or {}, confidences, body.get("text") or "")


def _reason(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return "(no JSON)"
    return str(body.get("code") or body.get("error") or body.get("status"))


def _print_table(title: str, scores: Scores, failures: int) -> None:
    """ECE: by the values that were given; one that is missing has no confidence to be wrong about."""
    print(f"\n{title}: {scores.records or '-'} files, {failures} failed")
    print(f"{'field':<18}{'n':>5}{'exact':>8}{'close':>8}{'ECE':>8}{'ceiling':>9}")
    for name, tally in scores.fields.items():
        shares = [tally.share(column) for column in ("exact", "close", "ceiling")]
        error = calibration_error(tally.judged)
        print(f"{name:<18}{tally.n:>5}{shares[0]:>8.2f}{shares[1]:>8.2f}{error:>8.3f}{shares[2]:>9.2f}")
    if scores.records:
        print(f"whole records close = {scores.whole_records_close():.2f}")
    print(f"all fields close = {scores.all_fields_close():.2f}")
    _print_calibration(scores.judged())


def _print_calibration(judged: list[Judged]) -> None:
    wrong = [confidence for confidence, right in judged if not right]
    doubted = sum(confidence < SURE for confidence in wrong)
    ranked = discrimination(judged)
    print(
        f"calibration error (ECE, 10 bins, {len(judged)} values) = {calibration_error(judged):.3f}; "
        f"AUROC = {'-' if ranked is None else f'{ranked:.2f}'}; wrong under {SURE}: {doubted} of {len(wrong)}"
    )


if __name__ == "__main__":
    sys.exit(main())
