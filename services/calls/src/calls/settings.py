"""Settings of calls, from the environment with the prefix CALLS_."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """``spool_dir`` is a lasting place of this process alone: deliveries stand there while the database is away.

    ``raw_days`` is how long bodies of deliveries are kept; what they said is kept for ever.
    ``recording_days`` is how long after a call its recording is given to anybody; None: as long as its provider has it.
    """

    model_config = SettingsConfigDict(env_prefix="CALLS_", frozen=True)

    port: int = 8003
    spool_dir: Path = Path("spool")
    spool_max_bytes: int = Field(default=1 << 30, ge=1 << 20)
    raw_days: int = Field(default=90, ge=1, le=3_650)
    recording_days: int | None = Field(default=None, ge=1, le=3_650)
