"""What automations reads from the environment, once, in `main`."""

from datetime import date, time
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from automations.domain.calendar import WEEKDAYS, Calendar
from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """``records_key`` is this service's own key, of scope ``delegate``.

    Of a text in several languages, ``language`` is written. ``steps_at_once`` requests are under way together; a
    step's lease outlasts the longest of them. After ``step_attempts`` a run fails, and waits to be replayed.
    A rule about a field that is not known here waits ``schema_patience_s`` for it, since its event may be on the way.
    Events stay for backtests for ``events_kept_days``, runs for ``runs_kept_days``, skipped ones for less.
    """

    model_config = SettingsConfigDict(env_prefix="AUTOMATIONS_", frozen=True, extra="ignore")

    records_url: str = "http://127.0.0.1:8001"
    records_key: SecretStr = SecretStr("")
    language: str = "en"
    working_days: str = Field(default="mon,tue,wed,thu,fri", description="Of the business calendar")
    working_hours: str = Field(default="09:00-17:00", pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    holidays: str = Field(default="", description="Dates on which nobody works, like 2026-12-25, by comma")
    steps_at_once: int = Field(default=16, ge=1)
    step_lease_s: float = Field(default=30, gt=0)
    step_attempts: int = Field(default=30, ge=1)
    request_timeout_s: float = Field(default=10, gt=0)
    schema_patience_s: float = Field(default=0.6, ge=0)
    timers_at_once: int = Field(default=200, ge=1)
    events_kept_days: int = Field(default=395, ge=1)
    runs_kept_days: int = Field(default=395, ge=1)
    skipped_runs_kept_days: int = Field(default=30, ge=1)

    @cached_property
    def calendar(self) -> Calendar:
        """Working time in the workspace's zone. Raises `ValueError` for settings that name no day or hour."""
        opens, closes = (time.fromisoformat(each) for each in self.working_hours.split("-"))
        days = frozenset(WEEKDAYS.index(each.strip()) for each in self.working_days.split(","))
        off = frozenset(date.fromisoformat(each.strip()) for each in self.holidays.split(",") if each.strip())
        return Calendar(ZoneInfo(self.timezone), days, opens, closes, off)

    @model_validator(mode="after")
    def _calendar_is_one(self) -> "Settings":
        if self.calendar.opens >= self.calendar.closes:
            raise ValueError("working_hours end before they begin")
        return self
