"""A country by its code of ISO 3166 (NL), or with ``multiple`` several. Names are understood in English and Dutch."""

import re

from records.domain.countries import code_of, name_of
from records.domain.one_or_several import OneOrSeveral
from shared.expressions import Kind


class Country(OneOrSeveral):
    name = "country"
    kind = Kind.OPTION
    plural = "countries"
    most = 250
    between = re.compile(r"[;|\n]")
    joint = "; "

    def read(self, value: object) -> str:
        return code_of(value)

    def name_of(self, stored: str) -> str:
        return name_of(stored)


TYPE = Country()
