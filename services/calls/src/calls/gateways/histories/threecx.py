"""3CX: its call log cannot be joined to what its template sends, which has no id of the call.

Lines as the template writes them can. A recording is fetched through the XAPI (client credentials; ``api_url`` is the
PBX), by the link that the template sent: no other host is asked.
"""

import httpx

from calls.domain.connection import Connection
from calls.gateways.api import Api, ProviderFailed
from calls.gateways.histories import History, Recorded, Recording, as_sent, json_line, secret


async def authorize(client: httpx.AsyncClient, connection: Connection) -> dict[str, str]:
    names = ("client_id", "client_secret")
    form = {"grant_type": "client_credentials"} | {name: secret(connection, name) for name in names}
    try:
        answer = await client.post("/connect/token", data=form)
        return {"authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise ProviderFailed(f"The PBX grants no token: {error}") from error


async def recording(_api: Api, _connection: Connection, recorded: Recorded) -> Recording | None:
    return Recording(recorded.link, ours=True) if recorded.link else None


HISTORY = History(
    provider="threecx",
    interpret=as_sent("threecx"),
    line=json_line,
    authorize=authorize,
    credentials=frozenset({"client_id", "client_secret"}),
    recording=recording,
)
