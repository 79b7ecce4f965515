"""The invented customers, and telephone numbers that belong to nobody.

Every number is of a range its country has reserved for fiction: the 555-01xx block of North America (NANPA), London's
020 7946 0xxx and mobile 07700 900xxx (Ofcom), Berlin's (0)30 23125 xxx (Bundesnetzagentur). The Netherlands have
reserved none, so this Dutch office has customers abroad only.
"""

import random
from dataclasses import dataclass

CUSTOMERS = 80
GIVEN = (
    "Amara", "Bram", "Chiara", "Daan", "Elif", "Femke", "Gijs", "Hanna", "Ilse", "Joost", "Kofi", "Lotte", "Mehmet",
    "Noor", "Oskar", "Priya", "Quinten", "Rosa", "Sven", "Tess", "Umar", "Veerle", "Wout", "Xenia", "Yara", "Zoltan",
)  # fmt: skip
FAMILY = (
    "Aalders", "Bakir", "Coenen", "Dijkgraaf", "Eskens", "Fontijn", "Groenewold", "Haverkamp", "Ilic", "Jorritsma",
    "Kalma", "Lindqvist", "Meertens", "Nagtegaal", "Obradovic", "Postma", "Quist", "Ruijter", "Santegoeds", "Terpstra",
    "Uiterwijk", "Verhulst", "Wiersinga", "Yildirim", "Zeilstra",
)  # fmt: skip
TRADES = (
    "Bikes", "Interiors", "Bakery", "Logistics", "Physio", "Gardens", "Legal", "Software", "Catering", "Roofing",
    "Dental", "Media", "Travel", "Cleaning", "Optics", "Brewing",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A customer: ``phone`` in E.164, of a range reserved for fiction."""

    name: str
    company: str
    phone: str
    email: str


def people(seed: int = 1) -> list[Person]:
    """The office's customers, no two with one number; the same for the same seed."""
    chance = random.Random(f"people/{seed}")  # noqa: S311 — play, no secret
    names = chance.sample([(given, family) for given in GIVEN for family in FAMILY], CUSTOMERS)
    return [_person(chance, *name, phone) for name, phone in zip(names, _numbers(seed)[:CUSTOMERS], strict=True)]


def strangers(seed: int = 1) -> list[str]:
    """Numbers that call without being anybody's."""
    return _numbers(seed)[CUSTOMERS:]


def _person(chance: random.Random, given: str, family: str, phone: str) -> Person:
    return Person(f"{given} {family}", f"{family} {chance.choice(TRADES)}", phone, f"{given}@{family}.example".lower())


def _numbers(seed: int) -> list[str]:
    """London's from 100 on: those below are the office's own."""
    found = [f"+44207946{number:04d}" for number in range(100, 900)]
    found += [f"+447700900{number:03d}" for number in range(1000)]
    found += [f"+493023125{number:03d}" for number in range(1000)]
    found += [f"+1202555{number:04d}" for number in range(150, 200)]
    random.Random(f"numbers/{seed}").shuffle(found)  # noqa: S311
    return found[: 4 * CUSTOMERS]
