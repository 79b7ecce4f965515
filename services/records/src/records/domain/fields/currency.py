"""Money: an exact amount in a currency, by default the field's own.

``currency`` is the field's (EUR); with ``per_record_currency`` a record may be in another. ``decimals`` (2, at most 4)
is how exact an amount may be. A bare text or number is read in the field's currency.
"""

import re
from decimal import Decimal
from typing import Any

from records.domain.configuration import bounds, flag, known_settings, within
from records.domain.currencies import is_currency
from records.domain.decimals import decimal_of
from records.domain.field_type import Config, FieldType
from records.domain.notation import PLAIN, Notation, written_number
from shared.errors import Invalid
from shared.expressions import Kind

MOST_DECIMALS = 4
SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_WRITTEN = re.compile(r"(?P<before>[A-Z]{3}|[€$£¥])?\s*(?P<amount>[-+\d][^A-Z€$£¥]*?)\s*(?P<after>[A-Z]{3}|[€$£¥])?")


class Currency(FieldType):
    name = "currency"
    kind = Kind.MONEY
    settings = frozenset({"currency", "per_record_currency", "decimals", "min", "max"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        currency, decimals = config.get("currency", "EUR"), config.get("decimals", 2)
        if not is_currency(currency):
            raise Invalid.at("/config/currency", "'currency' is a code of ISO 4217, like EUR.")
        if isinstance(decimals, bool) or decimals not in range(MOST_DECIMALS + 1):
            raise Invalid.at("/config/decimals", f"'decimals' is a whole number up to {MOST_DECIMALS}.")
        choices = {"per_record_currency": flag(config, "per_record_currency"), "decimals": int(decimals)}
        return {"currency": currency} | choices | bounds(config)

    def parse(self, value: object, config: Config) -> dict[str, str]:
        given = value if isinstance(value, dict) else {"amount": value}
        if set(given) - {"amount", "currency"} or "amount" not in given:
            raise Invalid('must be an amount like "1234.50", or an object of amount and currency.')
        currency = _currency(given.get("currency"), config)
        return {"amount": _amount(given["amount"], config), "currency": currency}

    def to_text(self, stored: dict[str, str], config: Config) -> str:  # noqa: ARG002 — as stored
        return f"{stored['amount']} {stored['currency']}"

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> dict[str, str]:
        """``1.234,50``, ``€ 12``, ``12.50 USD``."""
        written = _WRITTEN.fullmatch(text.strip())
        if written is None or (written["before"] and written["after"]):
            raise Invalid("must be an amount like 1234.50 or EUR 1234.50.")
        sign = written["before"] or written["after"]
        amount = written_number(written["amount"], notation)
        return self.parse({"amount": amount} | ({"currency": SIGNS.get(sign, sign)} if sign else {}), config)


def _currency(given: object, config: Config) -> str:
    own = str(config["currency"])
    currency = own if given is None else given
    if not is_currency(currency):
        raise Invalid("has a currency that is no code of ISO 4217, like EUR.")
    if currency != own and not config["per_record_currency"]:
        raise Invalid(f"is kept in {own} only.")
    return str(currency)


def _amount(given: object, config: Config) -> str:
    exact = within(decimal_of(given), config)
    step = Decimal(1).scaleb(-config["decimals"])
    rounded = exact.quantize(step)
    if rounded != exact:
        raise Invalid(f"may have at most {config['decimals']} decimals.")
    return format(abs(rounded) if rounded.is_zero() else rounded, "f")


TYPE = Currency()
