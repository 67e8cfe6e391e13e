"""
PrivacyError
├── TooManyOpenRequests    a person has as many open requests as we keep track of
├── RequestMoved           the request is not in a state from which this can be done
├── CodeRefused            the mailed code is wrong, too old, or was tried too often
├── ExportGone             the link was used, has expired, or is not theirs
├── ErasureRefused         something has to be done first; carries the obstacles
└── ErasureOutdated        what is held has changed since it was previewed
PolicyRefused              a version of the policy that may not be published as it is; for operators
ErasureLogBroken           a line of the log of erasures cannot be believed; for operators, carries its number
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _


class PrivacyError(Exception):
    code = "privacy_request_closed"


class TooManyOpenRequests(PrivacyError):
    code = "too_many_privacy_requests"

    def __init__(self, most: int) -> None:
        super().__init__(
            _("You have %(most)d open requests: wait for an answer, or withdraw one.") % {"most": most},
        )


class RequestMoved(PrivacyError):
    code = "privacy_request_closed"

    def __init__(self) -> None:
        super().__init__(_("The request is not in a state in which this can be done."))


class CodeRefused(PrivacyError):
    code = "identity_not_confirmed"

    def __init__(self) -> None:
        # One sentence for every reason: a guesser learns nothing from it.
        super().__init__(_("This code is not valid, or not any more: ask for another."))


class ExportGone(PrivacyError):
    code = "export_gone"

    def __init__(self) -> None:
        super().__init__(_("This link was used already, or has expired: ask for another."))


class ErasureRefused(PrivacyError):
    code = "erasure_refused"

    def __init__(self, obstacles: Sequence[str]) -> None:
        super().__init__(" ".join(obstacles))
        self.obstacles = list(obstacles)


class ErasureOutdated(PrivacyError):
    code = "erasure_outdated"

    def __init__(self) -> None:
        super().__init__(_("What we hold has changed since this was shown: look at it again, and decide again."))


class PolicyRefused(Exception):
    pass


class ErasureLogBroken(Exception):
    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"Line {number} of the log of erasures cannot be believed: {why}.")
        self.number = number
