"""Settings of analytics, from the environment with the prefix ANALYTICS_."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings

MEBIBYTE = 1 << 20


class Settings(ServiceSettings):
    """``clickhouse_url`` is ``chdb:///folder`` (embedded, this process alone) or ``clickhouse://user:password@host``.

    ``threshold_s`` is the T of the service level, ``short_abandon_s`` below which an abandon is not one.
    """

    model_config = SettingsConfigDict(env_prefix="ANALYTICS_", frozen=True)

    port: int = 8004
    clickhouse_url: str
    clickhouse_memory_bytes: int = Field(default=2_048 * MEBIBYTE, ge=256 * MEBIBYTE)
    threshold_s: float = Field(default=20, gt=0)
    short_abandon_s: float = Field(default=5, ge=0)
