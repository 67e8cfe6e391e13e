"""Sessions in the database, each with its owner and the sign-in it began with."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.sessions.backends import db

from accounts.models import Session, User

SIGN_IN = "sign_in"  # in a session's data: the id of its SignIn


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast("Session", super().create_model_instance(data))
        row.user_id = data.get("_auth_user_id")
        row.sign_in_id = data.get(SIGN_IN)
        return row


def end_sessions(user: User, *, but: str | None = None) -> int:
    """All of a person's, or all but the one with this key: how many."""
    return Session.objects.filter(user=user).exclude(session_key=but or "").delete()[0]
