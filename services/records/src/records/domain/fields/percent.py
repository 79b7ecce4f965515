"""A percentage: 21 means 21 %."""

from records.domain.fields.number import Number


class Percent(Number):
    name = "percent"


TYPE = Percent()
