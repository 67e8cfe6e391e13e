"""The window of time that a customer asks about: `from` is within it, `to` is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from django.utils import timezone
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field, model_validator

# Beyond these a shift to UTC, or back by some days, would leave the calendar.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
USUAL = timedelta(days=30)


def _bounded(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("Name a time between the years 2000 and 2200.")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_bounded)]


class Window(Schema):
    """Of the last thirty days if nothing is said."""

    begin: Moment | None = Field(None, alias="from")
    end: Moment | None = Field(None, alias="to")

    @model_validator(mode="after")
    def in_order(self) -> Window:
        if self.begin is not None and self.end is not None and self.begin > self.end:
            raise ValueError("A window begins before it ends.")
        return self

    def resolve(self) -> tuple[datetime, datetime]:
        now = timezone.now()
        end = self.end or (now if self.begin is None else max(now, self.begin))
        return self.begin or end - USUAL, end
