"""The settings every service has. Each service subclasses them with its own prefix, and hands them in."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

# Where a container finds the secrets given to it: one file a setting, named as the variable would be, in lower case.
SECRETS = Path("/run/secrets")


class ServiceSettings(BaseSettings):
    """Read from the environment, then from `SECRETS`, once, in ``main``; frozen, and passed on, never imported.

    ``spans_file`` receives spans as JSON lines where no ``otlp_endpoint`` is set.
    ``test_clock`` says that somebody may move `app_now()`, so that nothing relies on the host's clock.
    People sign in with tokens of ``oidc_issuer`` for ``oidc_audience``, whose keys are at ``oidc_jwks_url`` or given as
    ``oidc_jwks`` (JSON). Their groups become teams; ``oidc_scopes`` says which scopes a group brings.
    ``trusted_proxies`` are the networks whose word on who sent a request, and whether by TLS, is taken (a JSON list in
    the environment); one on this machine always is.
    ``streams_max_bytes`` bounds each stream of the bus on disk; ``stream_replicas`` is 3 on a cluster. A message whose
    consumer has said nothing for ``ack_wait_s`` seconds is given out again.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", secrets_dir=SECRETS if SECRETS.is_dir() else None)

    database_url: str
    database_pool_size: int = Field(default=12, ge=2)
    nats_url: str = "nats://127.0.0.1:4222"
    streams_max_bytes: int = 1 << 30
    stream_replicas: int = Field(default=1, ge=1, le=5)
    ack_wait_s: float = Field(default=60, ge=1)
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    timezone: str = "Europe/Amsterdam"
    base_currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    test_clock: bool = False
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_jwks_url: str | None = None
    oidc_jwks: str | None = None
    oidc_algorithms: tuple[Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"], ...] = (
        "RS256",
        "ES256",
    )
    oidc_groups_claim: str = "groups"
    oidc_scopes: dict[str, tuple[str, ...]] = {}
    oidc_default_scopes: tuple[str, ...] = ("read", "write")
    oidc_create_users: bool = False
    otlp_endpoint: str | None = None
    spans_file: Path | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
