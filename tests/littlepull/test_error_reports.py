"""An error is reported by class and place; what it says may be somebody's receipt."""

from __future__ import annotations

import logging

from django.test import RequestFactory

from littlepull.error_reports import BareExceptionReporter, BareFormatter

PRIVATE = " ".join(["TOTAL", "12.50", "for", "Mrs", "Private"])  # never whole in a line of source: pages show source


def failure() -> Exception:
    text = PRIVATE
    try:
        try:
            int(text)
        except ValueError as error:
            raise KeyError(text) from error
    except KeyError as error:
        return error


def test_a_log_line_names_classes_and_places_only():
    error = failure()
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "job %s failed", ("ext_1",), (KeyError, error, None))
    record.exc_info = (KeyError, error, error.__traceback__)
    line = BareFormatter("%(message)s").format(record)
    assert "job ext_1 failed" in line
    assert "KeyError" in line
    assert "ValueError" in line
    assert "in failure" in line
    assert PRIVATE not in line


def test_an_error_page_shows_no_values():
    error = failure()
    request = RequestFactory().post("/", {"text": PRIVATE})
    reporter = BareExceptionReporter(request, KeyError, error, error.__traceback__)
    assert PRIVATE not in reporter.get_traceback_html()
    assert PRIVATE not in reporter.get_traceback_text()
