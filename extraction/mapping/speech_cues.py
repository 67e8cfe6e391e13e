"""Phrases that announce a value in speech, by concept: what follows (or surrounds) the phrase is the value."""

from __future__ import annotations

import re

_NAME = r"(?P<v>[A-ZÀ-Þ][\w'’-]+(?:\s+(?:van|von|de|der|da|di|la|le|Mc|O'))?(?:\s+[A-ZÀ-Þ][\w'’-]+){0,3})"
_FIRM = r"(?P<v>(?:the\s+)?[A-Z0-9À-Þ][\w&'’-]*(?:\s+(?:[A-Z0-9À-Þ][\w&'’-]*|and|of|the|&))*)"
_TEXT = r"(?P<v>[^.!?;\n]{3,200})"
_CODE = r"(?P<v>[A-Za-z]{0,4}[\s#-]*\d[\w\s-]*\w|\d+)"


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


# The cue is matched in any case, the value as written: names begin with capitals.
CUES: dict[str, tuple[re.Pattern[str], ...]] = {
    "person": _compiled(
        rf"(?i:my name is|my name's|the name is|name's)\s+{_NAME}",
        rf"(?i:this is|it's|it is|i'm|i am)\s+{_NAME}(?=\s*(?:,|\.|(?i:from|with|at|calling|speaking|"
        rf"here|and|again|over)\b|$))",
        rf"(?:^|[.!?,]\s*){_NAME}\s+(?i:here|speaking|calling)\b",
        rf"(?i:mein name ist|ich heiße|hier ist|hier spricht)\s+{_NAME}",
        rf"(?i:je m'appelle|mon nom est|ici|c'est)\s+{_NAME}",
        rf"(?i:me llamo|mi nombre es|habla|soy)\s+{_NAME}",
        rf"(?i:mi chiamo|il mio nome è|sono)\s+{_NAME}",
        rf"(?i:mijn naam is|ik ben|u spreekt met|je spreekt met)\s+{_NAME}",
    ),
    "company": _compiled(
        rf"(?i:calling from|calling on behalf of|i work for|i'm with|i'm from|on behalf of)\s+{_FIRM}",
        rf"(?i:this is|it's|i'm)\s+[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*,?\s+(?i:from|with|at|of)\s+{_FIRM}",
        rf"(?i:von der firma|ich rufe von|von der)\s+{_FIRM}",
        rf"(?i:de la société|de chez|de l'entreprise)\s+{_FIRM}",
        rf"(?i:de la empresa)\s+{_FIRM}",
    ),
    "subject": _compiled(
        rf"(?i:i'm calling about|calling about|calling regarding|i am calling about|it's about|i'm "
        rf"calling to|i wanted to talk about|the reason (?:i'm calling|for my call) is|regarding|in "
        rf"regards to)\s+{_TEXT}",
        rf"(?i:today we(?:'re| are)? (?:going to )?(?:talk|talking|discuss|discussing)(?: about)?|this "
        rf"meeting is about|the topic is)\s+{_TEXT}",
        rf"(?i:es geht um|ich rufe an wegen|ich rufe wegen)\s+{_TEXT}",
        rf"(?i:je vous appelle au sujet de|c'est au sujet de|je vous appelle pour)\s+{_TEXT}",
        rf"(?i:llamo por|llamo para|es sobre)\s+{_TEXT}",
        rf"(?i:chiamo per|riguarda)\s+{_TEXT}",
        rf"(?i:ik bel over|het gaat over)\s+{_TEXT}",
    ),
    "order_number": _compiled(rf"(?i:order (?:number|no\.?|id)(?: is)?|bestellnummer(?: ist)?|numéro de "
        rf"commande(?: est)?|número de pedido(?: es)?)[\s:,]+{_CODE}"),
    "invoice_number": _compiled(rf"(?i:invoice (?:number|no\.?|id)?(?: is)?|rechnungsnummer(?: ist)?|"
        rf"rechnung nummer|facture numéro|número de factura(?: es)?)[\s:,]+{_CODE}"),
    "customer_number": _compiled(rf"(?i:(?:account|customer|member(?:ship)?|client) (?:number|id)(?: "
        rf"is)?|kundennummer(?: ist)?)[\s:,]+{_CODE}"),
    "reference": _compiled(rf"(?i:reference(?: number)?(?: is)?|confirmation (?:number|code)(?: is)?|"
        rf"case number(?: is)?|ticket number(?: is)?)[\s:,]+{_CODE}"),
}  # fmt: skip
# Sentences that give somebody something to do.
ACTION = re.compile(
    r"\b(?:please|action item|to-?do|(?:we|you|i|he|she|they|\w+) (?:need|needs|have|has) to|(?:i|we|"
    r"you|\w+)(?:'ll| will) (?:send|call|follow|prepare|write|finish|check|update|talk|schedule|book|"
    r"contact|review|share|look|make|organi[sz]e|set)"
    r"|(?:let's|let us) |don't forget|remember to|make sure|call (?:me|us) back|give (?:me|us) a call|"
    r"get back to|follow up|by (?:monday|tuesday|wednesday|thursday|friday|tomorrow|next week)"
    r"|bitte |müssen wir|muss ich|rufen sie|nicht vergessen|denk daran|veuillez|merci de|il faut|"
    r"n'oublie|por favor|hay que|tenemos que|no olvides|per favore|dobbiamo|bisogna|alstublieft|we "
    r"moeten|vergeet niet)",
    re.I,
)  # fmt: skip
DECISION = re.compile(
    r"\b(?:we (?:have |'ve )?(?:decided|agreed|settled|chose|will go with)|decision is|it was "
    r"(?:decided|agreed)|let's go with|wir haben (?:beschlossen|entschieden)|es wurde beschlossen"
    r"|nous avons (?:décidé|convenu)|hemos (?:decidido|acordado)|abbiamo deciso|we hebben besloten)",
    re.I,
)
TOTAL = re.compile(
    r"(?i:total|amount|sum|price|cost|costs|invoice (?:is|was|of)|bill|balance|owe|paid|pay|betrag|"
    r"summe|kostet|montant|importe|importo|bedrag|budget)\b"
)
PHONE = re.compile(
    r"(?i:call (?:me|us)? ?back|reach (?:me|us)|my number|phone|number is|call (?:me|us)|at|rückruf|"
    r"nummer|rappel|numéro|llám|número|richiam|numero|bel)\b"
)
