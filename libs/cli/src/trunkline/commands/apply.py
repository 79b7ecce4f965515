"""Make a workspace as a configuration says."""

from trunkline import changes, console
from trunkline.installed import find
from trunkline.jobs import followed
from trunkline.options import DEFAULT_DATA, Configuration, Data, Destroy, Json

PANEL = "Content"


def command(
    *,
    file: Configuration,
    data: Data = DEFAULT_DATA,
    destroy: Destroy = False,
    json: Json = False,
) -> None:
    """Make the workspace as a configuration says: all of it or nothing. Applying it again changes nothing."""
    running = find(data)
    with console.waiting("reading"):
        job = changes.ask(running, "apply", file, destroy=destroy, wait="false")
    done = followed(running, "records", f"/v1/jobs/records/{job['id']}", job, "applying")["result"]
    if json:
        console.print_json(done)
    else:
        changes.show(done)
