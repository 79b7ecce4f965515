"""Extension points are folders where a new file is the whole change: here one is added to each, and used."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FIELD_TYPE = '''
"""A rank: a whole number from 1 up."""

from decimal import Decimal

from records.domain.field_type import Config
from records.domain.fields.number import Number
from shared.errors import Invalid


class Rank(Number):
    name = "rank"

    def parse(self, value: object, config: Config) -> str:
        rank = super().parse(value, config)
        if Decimal(rank) % 1 or Decimal(rank) < 1:
            raise Invalid("must be a whole number from 1 up.")
        return rank


TYPE = Rank()
'''
PROVIDER = '''
"""An exchange that posts one JSON body at the end of a call, with a token in a header."""

import json
from datetime import datetime

from calls.domain.fact import Fact
from calls.domain.providers import Provider
from calls.domain.signatures import matches


def verify(request, secrets):
    return matches(request.headers["x-token"], secrets["token"])


def interpret(request):
    said = json.loads(request.body)
    began, ended = said["began"], said["ended"]
    values = {"direction": "inbound", "started_at": began, "answered_at": began, "ended_at": ended,
              "from_number": said["from"]}
    return [Fact(said["id"], "ended", datetime.fromisoformat(ended), values)]


PROVIDER = Provider(name="acme", verify=verify, interpret=interpret, needs=frozenset({"token"}))
'''
ACTION = '''
"""Close a deal as won, whatever its list."""

from automations.domain.action import Action, Command, Context, Effect


class Win(Action):
    kind = "win"

    def effect(self, context: Context) -> Effect:
        return Command("POST", f"/v1/records/{context.record.id}/move", {"list": "closed_won"}, "Won.")
'''
METRIC = '''
"""Share of answered calls that were recorded."""

from analytics.domain.metric import Measure, Metric, Text, Variant


def recorded(_limits):
    return Measure(population="answered", numerator="recording", denominator="1")


METRIC = Metric(
    key="recorded_rate", title=Text("Recorded", "Opgenomen"), description=Text("Recorded calls.", "Opnames."),
    unit="ratio", direction="none", shape="share", population="Answered calls", time_anchor="arrived_at",
    variants=(Variant("calls", "recorded ÷ answered", recorded),),
)
'''
CASES = {
    "field type": ("records", "domain/fields/rank.py", FIELD_TYPE, """
from records.domain.fields import FIELD_TYPES
rank = FIELD_TYPES["rank"]
assert rank.present(rank.parse("3", rank.configure({})), {}) == 3
assert rank.kind == "number"
"""),
    "provider": ("calls", "domain/providers/acme.py", PROVIDER, """
from calls.domain.providers import providers
acme = providers()["acme"]
assert acme.needs == {"token"}
"""),
    "action": ("automations", "domain/actions/win.py", ACTION, """
from automations.domain.actions import TYPES
assert TYPES["win"](type="win").type == "win"
"""),
    "metric": ("analytics", "domain/metrics/recorded_rate.py", METRIC, """
from analytics.domain.metrics import catalogue
assert catalogue()["recorded_rate"].default.key == "calls"
"""),
}  # fmt: skip


@pytest.mark.parametrize("addition", CASES)
def test_a_new_file_is_the_whole_change(addition: str, tmp_path: Path) -> None:
    service, place, source, use = CASES[addition]
    copy = tmp_path / service
    shutil.copytree(ROOT / "services" / service / "src" / service, copy)
    (copy / place).write_text(source.lstrip())
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    check = f"import {service}; assert {service}.__file__.startswith({str(tmp_path)!r})\n{use}"
    done = subprocess.run([sys.executable, "-c", check], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
