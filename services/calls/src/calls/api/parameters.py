"""Query parameters that several lists share."""

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

From = Annotated[AwareDatetime | None, Query(alias="from", description="At or after this time (RFC 3339)")]
To = Annotated[AwareDatetime | None, Query(alias="to", description="Before this time (RFC 3339)")]
