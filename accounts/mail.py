"""Mails of ours to people, each with a subject and a plain text."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from django.core.mail import get_connection, send_mail

log = logging.getLogger(__name__)
SECONDS = 10


def send_best_effort(email: str, subject: str, text: str, *, about: str) -> bool:
    """For what can be seen elsewhere too. `about`: for the log, by id; nobody's address gets there."""
    try:
        send_mail(subject, text, None, [email], connection=get_connection(timeout=SECONDS))
    except (SMTPException, OSError):
        log.warning("the mail about %s could not be sent", about)
        return False
    return True
