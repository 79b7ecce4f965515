"""What automations reads from the environment, once, in `main`."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

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
    steps_at_once: int = Field(default=16, ge=1)
    step_lease_s: float = Field(default=30, gt=0)
    step_attempts: int = Field(default=30, ge=1)
    request_timeout_s: float = Field(default=10, gt=0)
    schema_patience_s: float = Field(default=0.6, ge=0)
    timers_at_once: int = Field(default=200, ge=1)
    events_kept_days: int = Field(default=395, ge=1)
    runs_kept_days: int = Field(default=395, ge=1)
    skipped_runs_kept_days: int = Field(default=30, ge=1)
