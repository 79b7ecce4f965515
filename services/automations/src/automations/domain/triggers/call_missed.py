"""A caller did not reach anybody: the call was logged on the record that owns the number."""

from typing import Any

from pydantic import model_validator

from automations.domain.triggers.call_ended import CallEnded

MISSED = ("missed", "abandoned", "voicemail", "after_hours")


class CallMissed(CallEnded):
    """`call.ended` of an inbound call that nobody took; ``outcome`` narrows it to some of these."""

    kind = "call.missed"

    @model_validator(mode="before")
    @classmethod
    def _is_missed(cls, given: Any) -> Any:
        return {"direction": "inbound", "outcome": MISSED, **given} if isinstance(given, dict) else given
