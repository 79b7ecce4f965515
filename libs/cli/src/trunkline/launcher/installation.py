"""What makes a data folder one installation: its identity and its secrets, made once and kept."""

import secrets
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.http.keys import new_key
from trunkline.failures import FolderUnusable
from trunkline.launcher.folder import DataFolder, write_private
from trunkline.launcher.names import SERVICES


class Installation(BaseModel):
    """The content of ``installation.json``.

    ``database_home`` is relative to the data folder, or absolute where root must keep it elsewhere. It never changes,
    or the services would meet an empty database.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    id: str
    admin_key: str
    automations_key: str
    nats_password: str
    postgres_password: str
    database_passwords: dict[str, str]
    database_home: str


def load(folder: DataFolder) -> Installation:
    """Raises `FolderUnusable` when the file is not what was written there."""
    try:
        return Installation.model_validate_json(folder.installation.read_bytes())
    except ValidationError:
        raise FolderUnusable(
            f"{folder.installation} is damaged: it is not what trunkline wrote there. Nothing was changed; "
            "restore that file from a backup."
        ) from None
    except OSError as error:
        raise FolderUnusable(f"{folder.installation} cannot be read: {error.strerror}.") from None


def create(folder: DataFolder, identity: str, database_home: str) -> Installation:
    made = Installation(
        id=identity,
        admin_key=new_key(),
        automations_key=new_key(),
        nats_password=new_password(),
        postgres_password=new_password(),
        database_passwords={service: new_password() for service in SERVICES},
        database_home=database_home,
    )
    write_private(folder.installation, made.model_dump())
    return made


def new_identity() -> str:
    return secrets.token_hex(6)


def new_password() -> str:
    """192 random bits in hexadecimal: safe in addresses, configuration files and SQL alike."""
    return secrets.token_hex(24)
