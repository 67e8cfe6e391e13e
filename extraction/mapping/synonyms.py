"""What business papers call things, by general concept and in several languages.

`names` are what callers call a property; `labels` are what stands on paper beside the value.
Concepts nobody asks for are here too: a longer label that means something else
("order date") must not be taken for a shorter one ("date").
"""

from __future__ import annotations

from extraction.mapping.concept import Concept
from extraction.mapping.document_synonyms import DOCUMENT_CONCEPTS
from extraction.mapping.goods_synonyms import COLUMNS, GOODS_CONCEPTS
from extraction.mapping.party_synonyms import PARTIES, PARTY_CONCEPTS

CONCEPTS: dict[str, Concept] = {**DOCUMENT_CONCEPTS, **PARTY_CONCEPTS, **GOODS_CONCEPTS}

__all__ = ["COLUMNS", "CONCEPTS", "PARTIES", "Concept"]
