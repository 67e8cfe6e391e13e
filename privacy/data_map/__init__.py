"""The record of processing: every table and every column, why we hold it, on what ground, for how long, and what
becomes of it.

House tests compare this with Django's tables and the database's, so nothing can be stored that is not listed here.
Parents stand before their children: an export reads from the top, an erasure and the purge work from the bottom.
"""

from privacy.data_map.accounts import ACCOUNTS
from privacy.data_map.audit import AUDIT
from privacy.data_map.billing import BILLING
from privacy.data_map.extraction import EXTRACTION
from privacy.data_map.field import Field, Kind, has_room
from privacy.data_map.others import OTHERS, OUTSIDE_MODELS
from privacy.data_map.privacy import PRIVACY
from privacy.data_map.routing import ROUTING
from privacy.data_map.row import Act, Category, Row

DATA_MAP = (*ACCOUNTS, *AUDIT, *BILLING, *ROUTING, *EXTRACTION, *PRIVACY)  # our own tables
WHOLE_MAP = (*DATA_MAP, *OTHERS)  # and those of Django and allauth

__all__ = ["DATA_MAP", "OUTSIDE_MODELS", "WHOLE_MAP", "Act", "Category", "Field", "Kind", "Row", "has_room"]
