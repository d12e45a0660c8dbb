"""Why a piece was not kept, in words for people: the strongest of what speaks for it."""

from __future__ import annotations

from service.newsletter.features import Evidence, Table
from service.newsletter.phrases import ADVERTS, WRAPPING
from service.records import Verdict

SPONSORED = "stands under “{}”"
SELLS = "part of a letter that sells or asks for money as a whole"
RECURS = "stood in earlier issues too"
SHUNNED = "stands where earlier issues had wrapping"
JOBS = ADVERTS["jobs"]
TARGETS = {
    "leave": WRAPPING["unsubscribe"],
    "view": WRAPPING["view-online"],
    "share": WRAPPING["share"],
    "social": WRAPPING["share"],
    "app": WRAPPING["app"],
    "join": WRAPPING["sign-up"],
    "legal": WRAPPING["privacy"],
    "mail": WRAPPING["contact"],
}
MONEY = {"money": ADVERTS["fundraising"], "sale": ADVERTS["offer"]}


def reason_of(verdict: Verdict, evidence: Evidence, columns: Table, index: int) -> str:
    """Return why a piece is an advert or boilerplate."""
    if verdict is Verdict.ADVERT:
        return _said(evidence, ADVERTS) or _led_to(evidence, MONEY) or _advert_look(columns, index)
    return _said(evidence, WRAPPING) or _led_to(evidence, TARGETS) or _look(columns, index)


def _said(evidence: Evidence, reasons: dict[str, str]) -> str:
    """Return the reason of the phrase that says most: one that is all of the piece before one in it."""
    for found in (evidence.whole, evidence.said):
        for category, reason in reasons.items():
            if category in found:
                return reason
    return ""


def _led_to(evidence: Evidence, reasons: dict[str, str]) -> str:
    return next((reason for kind, reason in reasons.items() if evidence.targets.get(kind, 0.0) > 0.2), "")


def _advert_look(columns: Table, index: int) -> str:
    if columns["card_advert"][index] > 0 or columns["section_advert"][index] > 0:
        return "part of an advert"
    if columns["letter_prices"][index] > 0.1 or columns["prices"][index]:
        return ADVERTS["offer"]
    return "reads like an advert"


def _look(columns: Table, index: int) -> str:
    if columns["since_exit"][index] < 20 and columns["running_after"][index] == 0:
        return "part of the footer"
    if columns["running_before"][index] == 0 and columns["at"][index] < 0.5:
        return "stands above the first text"
    if columns["button"][index]:
        return WRAPPING["button"]
    if columns["size"][index] < 0.95 or columns["contrast"][index] > 0.15:
        return "small print"
    if columns["linked"][index] > 0.8:
        return WRAPPING["navigation"]
    return "like wrapping in place, look and neighbours"
