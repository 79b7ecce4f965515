"""What the records behind a reference, or those that refer back, come to together: never copied, always as they are.

``via`` is a reference or a "referenced by" field of the project, ``fn`` one of sum average count counta min max join,
``field`` what is put together, ``filter`` which records count. Money comes out in the base currency.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.displays import display_of
from records.domain.field_type import ComputedType, Config
from shared.errors import Invalid
from shared.expressions.computing import TAKES


class Rollup(ComputedType):
    name = "rollup"
    settings = frozenset({"via", "fn", "field", "filter", "display"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        if not (isinstance(config.get("via"), str) and config["via"]):
            raise Invalid.at("/config/via", "'via' is the key of a reference, or of a 'referenced by' field.")
        if config.get("fn") not in TAKES:
            raise Invalid.at("/config/fn", f"'fn' is one of {', '.join(TAKES)}.")
        if not isinstance(config.get("field"), str | None):
            raise Invalid.at("/config/field", "'field' is the key of a field there.")
        if not isinstance(config.get("filter"), dict | None):
            raise Invalid.at("/config/filter", '\'filter\' is a filter like {"list": ["closed_won"]}.')
        return {key: config[key] for key in ("via", "fn", "field", "filter") if config.get(key)} | display_of(config)


TYPE = Rollup()
