"""How companies and addresses are written: legal forms, street words, countries, and headings that are neither."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A legal form closes a company's name. Written loosely: dots and spaces come and go, and get misread.
LEGAL_FORM = re.compile(
    r"(?<![\w])(?:s[do]n\.?\s?\.?\s?bhd|sbn\.?\s?bhd|s\s?/\s?b(?=\W|$)|bhd|berhad|p\.?\s?l\.?\s?c|ltd|"
    r"limited|l\.?l\.?c|l\.?l\.?p|inc|incorporated|corp|corporation"
    r"|gmbh(?:\s?&\s?co\.?(?:\s?kg)?)?|mbh|ag|kg|kgaa|ohg|ug|gbr|e\.\s?k|e\.\s?v|eg|a\.\s?g|se|"
    r"s\.?a\.?r\.?l|sasu?|s\.a\.?s?|eurl|sci|s\.l\.?u?|s\.r\.l\.?s?|srl|s\.?p\.?a"
    r"|b\.?\s?v|n\.?\s?v|v\.?o\.?f|pty|pvt|pte|private limited|oyj?|a/s|aps|asa?|ab|kft|zrt|"
    r"sp\.?\s?z\.?\s?o\.?\s?o|s\.?r\.?o|d\.?o\.?o|lda|ltda|s\.a|co\.,?\s?ltd|& co|et cie|und co"
    r"|cie)\.?(?![\w&])|株式会社|有限公司|주식회사",
    re.I,
)
# Too short to trust in lower case: "se", "as", "ag" are words of running text.
_SHORT_FORM = re.compile(
    r"^(?:ag|kg|ug|se|as|asa|ab|eg|sa|sas|spa|bv|nv|oy|inc|sci|cie|plc|bhd|llc|srl|vof|aps)\.?$", re.I
)
BUSINESS = _words(
    "restaurant restoran cafe caffe coffee bakery bistro bar grill kitchen pizzeria trattoria "
    "ristorante hotel motel inn pharmacy farmasi "
    "apotheke pharmacie farmacia store stores shop mart supermarket supermarkt market mini "
    "hypermarket trading enterprise enterprises "
    "hardware electrical stationery books bookstore bookstores bookshop clinic klinik workshop motors "
    "auto garage salon boutique florist "
    "services service solutions group holdings industries foods food confectionery company co praxis "
    "backerei metzgerei gasthaus boulangerie "
    "tankstelle station petrol university school academy museum cinema theatre gym fitness laundry "
    "optical jewellery perniagaan kedai "
    "restaurante panaderia tienda negozio winkel bakkerij drogerie media studio agency consulting "
    "logistics transport"
)
STREET = re.compile(
    r"(?<![a-z])(?:jalan|jln|jl|j1n|jin|lorong|lrg|persiaran|lebuh|lebuhraya|taman|tmn|bandar|seksyen|"
    r"kampung|kg\.|wisma|plaza|kompleks|menara|bangunan|medan"
    r"|street|st\.?|road|rd\.?|avenue|ave\.?|lane|ln\.|drive|dr\.(?=\s|$)|boulevard|blvd|highway|hwy|"
    r"parkway|pkwy|court|ct\.|square|sq\.|terrace|crescent|close|way|park|gardens|estate|village"
    r"|suite|ste\.|floor|flr|fl\.|level|unit|lot|block|blk|building|bldg|tower|mall|centre|center|"
    r"section|sector|phase|p\.?\s?o\.?\s?box|industrial|industries park"
    r"|\w{0,24}stra(?:ss|ß)e|\w{0,24}str\.|\w{1,24}weg|\w{1,24}platz|\w{1,24}allee|\w{1,24}gasse|\w{1,24}ring|\w{1,24}ufer|\w{1,24}damm|postfach"
    r"|rue|place|chemin|allee|allée|impasse|quai|cours|route|cedex|calle|c/|avenida|avda|paseo|carrer|"
    r"carretera|plaza|via|viale|piazza|corso|largo|vicolo"
    r"|\w{1,24}straat|\w{1,24}laan|\w{1,24}plein|\w{1,24}gracht|\w{1,24}kade|\w{1,24}dijk|postbus|rua|travessa|ulica|ul\.)(?![a-z])|"
    r"[丁番号市区町村県都府路街]",
    re.I,
)
HOUSE = re.compile(r"^\W*(?:(?:no|lot|unit|blk|block|suite|shop|hq|g)\W{0,3}\s?[\w&-]*\d|"
    r"\d{1,5}\s?[a-z]?(?:\s?[-–&/,]\s?\d{1,4}\s?[a-z]?)*\s?[,.]?\s+[a-z]{2})|\s\d{1,4}\s?[a-z]?$", re.I)  # fmt: skip
POSTCODE_CITY = re.compile(
    r"(?<![\w.,/-])(?:[A-Z]{1,2}[-\s])?\d{4,6}(?:\s?[A-Z]{2}(?=\s))?[,\s.]{0,2}\s?[A-Za-zÀ-ÿ]{2,}|"
    r"\b[A-Z]{2},?\s\d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b"
    r"|[A-Za-zÀ-ÿ]{3,}[,\s]+\d{4,6}\b(?![/\d-])|〒\s?\d{3}-?\d{4}"
)
COUNTRIES = _words(
    "malaysia singapore indonesia thailand india deutschland germany france italia italy espana spain "
    "nederland netherlands belgium belgie "
    "belgique osterreich austria schweiz switzerland suisse uk usa england ireland portugal polska "
    "poland canada australia china japan "
    "vietnam philippines brasil mexico sverige sweden danmark denmark norge norway luxembourg"
) | frozenset(
    {"united kingdom", "united states", "great britain", "new zealand", "united states of america", "hong kong"}
)
# Lines that are a heading of the paper, never somebody's name.
HEADING = re.compile(
    r"^\W*(?:(?:simplified |original |retail |duplicate |copy |reprint |full |cash |sales |official |"
    r"customer |guest |merchant |proforma |pro forma |commercial |handels)*"
    r"(?:tax )?(?:invoices?|receipts?|bill|cash sales?|sales|memo|statement|quotation|order|credit "
    r"note|check|copy)(?:\W*(?:bill|copy|receipt|invoice|statement))*"
    r"|rechnung|quittung|kassenbon|gutschrift|lieferschein|rechnungs.?korrektur|facture|recu|reçu|"
    r"ticket|factura|recibo|fattura|ricevuta|scontrino|factuur|bon|kassabon|avoir"
    r"|thank you.*|welcome.*|project statement|領収書|請求書|发票)\W*(?:no\W*|nr\W*|#\W*|of \d+)?\W*$",
    re.I,
)
SALUTATION = re.compile(r"^\W*(?:herrn?|frau|firma|spett\.?\s?le|spettabile|mr|mrs|ms|miss|monsieur|"
    r"madame|mme|m\.|sr|sra|"
    r"señora?|signora?|sig|dhr|mevr|dr|prof|to|an|attn)\.?\W*$", re.I)  # fmt: skip
# Registration numbers that companies print behind or under their names.
REGISTRATION = re.compile(r"\s*[(\[]?\s*(?:(?:co|company|reg|roc)\b[.\s]*(?:no|nr|"
    r"reg)?\W*)?(?<![A-Z\d])[A-Z]{0,3}\d{4,16}[A-Z\d]{0,4}\s?[-–]?\s?[A-Z0-9]{0,2}\s?[)\]]?\s*$", re.I)  # fmt: skip
BRACKETED_NUMBER = re.compile(r"\s*[(\[][^()\[\]]*\d{3,}[^()\[\]]*[)\]]?")


def has_legal_form(text: str) -> bool:
    for match in LEGAL_FORM.finditer(text):
        if not _SHORT_FORM.match(match[0]) or match[0].rstrip(".").isupper() or match.end() >= len(text.rstrip(" .,")):
            return not text[: match.start()].rstrip().endswith("/") or "/" in match[0]
    return False


_WEAK_FORM = re.compile(r"(?:& co|et cie|und co|cie)\.?$", re.I)


def has_weak_form(text: str) -> bool:
    """ "& Co." closes many a shop's sign; a registered form elsewhere says more."""
    forms = [match[0] for match in LEGAL_FORM.finditer(text)]
    return bool(forms) and all(_WEAK_FORM.match(form) for form in forms)


def only_legal_form(text: str) -> bool:
    """ "SDN BHD" on a line of its own belongs to the line above."""
    match = LEGAL_FORM.search(text)
    return match is not None and len(text[: match.start()].strip(" .,-&")) <= 2


def bare_company(text: str) -> tuple[int, int]:
    """Where the name stands in its line: without registration numbers behind it."""
    end = len(text)
    if match := BRACKETED_NUMBER.search(text):
        end = match.start() if match.start() > 2 else end
    if match := REGISTRATION.search(text[:end]):
        end = match.start() if match.start() > 2 else end
    kept = text[:end].rstrip(" ,;:-(")
    if kept.count("(") < kept.count(")"):
        kept = text[:end].rstrip(" ,;:-")
    return (len(text) - len(text.lstrip(" ,;:*-")), len(kept))
