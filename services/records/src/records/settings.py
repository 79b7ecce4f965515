"""The settings of records, read from the environment once, with the prefix RECORDS_."""

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """``admin_key`` and ``automations_key`` exist from the first start on.

    ``files`` is where the bytes of files lie: a folder, or ``s3://bucket/prefix``; without it none are taken in.
    ``largest_file`` is the most bytes that one may have.
    Without ``automations_url`` templates come without their rules, without ``analytics_url`` without dashboards.
    A person is exported and erased in the services of all three addresses; they know ``automations_key``.
    ``public_url`` is where strangers reach the pages of forms; without it, wherever the request came in.
    """

    model_config = SettingsConfigDict(env_prefix="RECORDS_", frozen=True, extra="ignore")

    port: int = 8001
    files: str | None = None
    largest_file: int = 1 << 30
    admin_key: SecretStr | None = None
    automations_key: SecretStr | None = None
    automations_url: str | None = None
    analytics_url: str | None = None
    calls_url: str | None = None
    public_url: str | None = None
