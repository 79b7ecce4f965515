"""Ids in addresses: what cannot be one of ours never reaches the database."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

from shared.errors import NotFound


def _ours(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound(f"There is nothing with the id {text[:100]}.") from None


Id = Annotated[str, AfterValidator(_ours)]
