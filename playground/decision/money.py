"""Sums, volumes and times in words: "1,250 €", "$0.0004", "20,300", "10 min"."""

from math import floor, log10

BEFORE = ("$", "£", "¥", "₹")
"""Signs that stand before the number; all others stand behind it."""

NO_BREAK = "\N{NO-BREAK SPACE}"


def money(amount: float, currency: str) -> str:
    """A sum with the digits that matter: whole from 10 on, two behind the point below, two that are not 0 of
    what is smaller still. Number and sign stay on one line."""
    number = _digits(abs(amount))
    sign = "−" if amount < 0 and number != "0" else ""
    return f"{sign}{currency}{number}" if currency in BEFORE else f"{sign}{number}{NO_BREAK}{currency}"


def volume(count: float) -> str:
    """How many, with three digits that matter: "20,300", "850,000", "12.5", "0.031"."""
    return plain(float(f"{count:.3g}"))


def amount(number: float) -> str:
    """What was counted: whole from 100 on, else three digits: "1,312", "61.4"."""
    return plain(round(number)) if number >= 100 else volume(number)


def duration(seconds: float) -> str:
    """ "0.045 s", "5 s", "10 min", "1.5 h"."""
    if seconds < 60:
        return f"{volume(seconds)} s"
    return f"{volume(seconds / 60)} min" if seconds < 3600 else f"{volume(seconds / 3600)} h"


def plain(number: float) -> str:
    """All of a number that a person put in: "12,000", "0.5", "4"."""
    return f"{number:,.6f}".rstrip("0").rstrip(".")


def _digits(amount: float) -> str:
    if amount >= 9.995 or amount == 0:
        return f"{amount:,.0f}"
    places = max(2, 1 - floor(log10(amount)))
    whole, _, cents = f"{amount:.{places}f}".partition(".")
    cents = cents[:2] + cents[2:].rstrip("0")
    return whole if cents == "00" else f"{whole}.{cents}"
