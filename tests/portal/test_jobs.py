"""Jobs in the portal: found, watched, canceled by their owner alone; their result is opened by nobody here."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from extraction import jobs, progress, results
from extraction.models import Envelope, Job, JobEvent
from littlepull.portal.job_words import WHAT_TO_DO
from tests.extraction.jobs_in_hand import OUTCOME, submit
from tests.people import make_person
from tests.portal.conftest import enter
from tests.portal.test_dashboard import make_job, text

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def page(alice):
    return enter(alice)


def finished(person, **options) -> Job:
    job = submit(person, **options)
    claim = jobs.claim()
    progress.record(job.pk, JobEvent.Kind.PROGRESS, stage="decoding", total=1)
    progress.record(job.pk, JobEvent.Kind.PROGRESS, stage="recognizing", done=1, total=3)
    progress.record(job.pk, JobEvent.Kind.PROGRESS, stage="recognizing", done=3, total=3)
    assert jobs.finish(claim, OUTCOME)
    job.refresh_from_db()
    return job


def listed(answer) -> list[str]:
    return re.findall(r'<tr id="(ext_\w+)"', answer.content.decode())


def test_strangers_are_sent_to_sign_in(client, alice):
    job = submit(alice)
    for path in ("/portal/jobs", f"/portal/jobs/{job.pk}"):
        assert client.get(path)["Location"].startswith("/accounts/login/")
    assert client.post(f"/portal/jobs/{job.pk}/cancel").status_code == 302
    assert Job.objects.get(pk=job.pk).status == "queued"


def test_the_empty_list_teaches(portal):
    told = text(portal.get("/portal/jobs"))
    assert "No job yet" in told and "/v1/extractions" in told


def test_the_list_is_found_by_what_jobs_are(page, alice, charlie):
    old = make_job(alice, days_ago=40, media_type="audio/mp4")
    pdf = make_job(alice, media_type="application/pdf", status="failed", error_code="media_unreadable")
    image = make_job(alice, media_type="image/jpeg")
    make_job(charlie)
    today = f"{timezone.now() - timedelta(days=2):%Y-%m-%d}"
    assert listed(page.get("/portal/jobs")) == [image.pk, pdf.pk, old.pk]
    for asked, found in {
        "status=failed": [pdf],
        "kind=image": [image],
        "kind=audio": [old],
        f"from={today}": [image, pdf],
        f"to={today}": [old],
        f"key={alice.key.pk}": [image, pdf, old],
        f"id={pdf.pk}": [pdf],
        "status=failed&kind=image": [],
    }.items():
        answer = page.get(f"/portal/jobs?{asked}")
        assert listed(answer) == [job.pk for job in found], asked
    assert "No job is like that" in text(answer)


@pytest.mark.parametrize("asked", ["status=lost", "key=key_other", "from=x", "id=%00", "kind=video"])
def test_a_wish_that_cannot_be_is_said(page, alice, asked):
    make_job(alice)
    answer = page.get(f"/portal/jobs?{asked}")
    assert 'class="errorlist"' in answer.content.decode()


def test_a_key_of_somebody_else_is_no_wish(page, charlie):
    make_job(charlie)
    assert not listed(page.get(f"/portal/jobs?key={charlie.key.pk}"))
    assert not listed(page.get(f"/portal/jobs?id={Job.objects.get().pk}"))


def test_pages_go_back_by_cursor_and_keep_the_wishes(page, alice):
    made = [make_job(alice).pk for _ in range(28)]
    make_job(alice, status="failed")
    first = page.get("/portal/jobs?status=succeeded")
    older = re.search(r'href="(/portal/jobs\?[^"]+)" rel="next"', first.content.decode())[1].replace("&amp;", "&")
    assert "status=succeeded" in older
    second = page.get(older)
    assert listed(first) + listed(second) == made[::-1] and len(listed(first)) == 25
    assert 'rel="next"' not in second.content.decode()
    assert page.get("/portal/jobs?cursor=drop+table").status_code == 404


def test_the_list_is_watched_while_a_job_is_under_way(page, alice):
    job = make_job(alice, status="queued")
    assert 'hx-get="/portal/jobs?kind=image"' in page.get("/portal/jobs?kind=image").content.decode()
    Job.objects.filter(pk=job.pk).update(status="canceled", finished_at=timezone.now())
    assert "hx-get" not in page.get("/portal/jobs").content.decode()


def test_a_job_shows_its_facts_and_its_timeline(page, alice):
    job = finished(alice, metadata={"customer": "<b>ACME</b>"})
    answer = page.get(f"/portal/jobs/{job.pk}")
    told = text(answer)
    assert all(words in told for words in ("Waiting for its turn", "Opening the file", "Reading 3 of 3", "succeeded"))
    assert "Charged 1 credit" in told and "&lt;b&gt;ACME&lt;/b&gt;" in told
    assert "destroyed just now" in told and "hx-get" not in answer.content.decode()
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', answer.content.decode())]
    assert len(widths) == 3 and 99 < sum(widths) < 103


def test_french_figures_do_not_break_the_drawing(page, alice):
    job = finished(alice)
    answer = page.get(f"/portal/jobs/{job.pk}", headers={"accept-language": "fr"})
    assert not re.search(r'(?:x|width)="\d+,\d', answer.content.decode())


def test_looking_does_not_open_the_result(page, alice):
    job = finished(alice, result_ttl_seconds=0)
    told = page.get(f"/portal/jobs/{job.pk}").content.decode()
    assert f"/v1/extractions/{job.pk} \\" in told and "kept until it is fetched once" in told
    assert Envelope.objects.filter(job=job, content="result").exists()
    assert results.deliver(Job.objects.get(pk=job.pk))["data"] == {"total": 1}
    told = page.get(f"/portal/jobs/{job.pk}").content.decode()
    assert f"/v1/extractions/{job.pk} \\" not in told and "your copy of it stays valid" in told


def test_what_failed_says_why_and_what_to_do(page, alice):
    job = submit(alice)
    jobs.fail(jobs.claim(), "encrypted_document", "The document is protected by a password.")
    told = text(page.get(f"/portal/jobs/{job.pk}"))
    assert "The document is protected by a password. Send the password in the field password" in told
    assert "Charged 0 credits" in told and "signed receipt" in told


def test_pages_that_could_not_be_read_are_named(page, alice):
    job = make_job(alice, failed_pages=[2, 7])
    assert "were not charged: 2, 7." in text(page.get(f"/portal/jobs/{job.pk}"))


def test_every_documented_failure_has_advice():
    table = (ROOT / "docs" / "errors.md").read_text().partition("## An extraction that failed")[2]
    codes = {code for row in re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE) for code in re.findall(r"`(\w+)`", row)}
    assert len(codes) > 10 and codes <= set(WHAT_TO_DO)


def test_a_job_under_way_is_watched_and_can_be_canceled(page, alice):
    before, job = alice.wallet.available, submit(alice)
    told = page.get(f"/portal/jobs/{job.pk}").content.decode()
    assert f'hx-get="/portal/jobs/{job.pk}"' in told and "Held" in told
    answer = page.post(f"/portal/jobs/{job.pk}/cancel", follow=True)
    assert "the file is destroyed, and nothing was charged" in text(answer)
    job.refresh_from_db()
    assert job.status == "canceled" and job.media_destroyed_at and alice.wallet.available == before
    assert "It had ended before" in text(page.post(f"/portal/jobs/{job.pk}/cancel", follow=True))
    assert "Cancel job" not in text(page.get(f"/portal/jobs/{job.pk}"))


def test_a_link_does_not_cancel(page, alice):
    job = submit(alice)
    assert page.get(f"/portal/jobs/{job.pk}/cancel").status_code == 405
    assert Job.objects.get(pk=job.pk).status == "queued"


def test_others_jobs_are_not_there(page, charlie):
    job = submit(charlie)
    assert page.get(f"/portal/jobs/{job.pk}").status_code == 404
    assert page.post(f"/portal/jobs/{job.pk}/cancel").status_code == 404
    assert Job.objects.get(pk=job.pk).status == "queued"
    for nonsense in ("ext_1", "ext_" + "z" * 300, "%00"):
        assert page.get(f"/portal/jobs/{nonsense}").status_code == 404


def test_a_test_key_s_job_is_free(db):
    tester = make_person("tester", mode="test")
    job = finished(tester)
    told = text(enter(tester).get(f"/portal/jobs/{job.pk}"))
    assert "free: a test key" in told and "Charged" not in told
