"""An event about a record, taken in: the replica, its activity, the log of events, and what waits for it.

Every event of every record comes through here, so it is one round trip, of one statement that never changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from automations.domain.activity import at, kinds_of
from automations.domain.happening import Happening, RecordFact
from automations.domain.reading import ReadRule
from automations.storage import rules
from shared.contracts.records import RecordDeleted
from shared.database import Transaction


@dataclass(frozen=True)
class TakenIn:
    """``is_newest``: the replica follows this event. The rest is what it may set off.

    ``rules`` are enabled; ``projects``: (id, version) of each there is; ``pending``: rules with a timer on the record.
    """

    is_newest: bool
    rules: tuple[ReadRule, ...]
    projects: tuple[tuple[str, int], ...]
    pending: frozenset[str]


async def take_in(
    transaction: Transaction, fact: RecordFact, happening: Happening, kinds: Iterable[str], anywhere: Iterable[str]
) -> TakenIn:
    """Keep what is told, and find the rules with triggers of these kinds in the record's project, or ``anywhere``.

    An activity changes a record without a new version, so of two equal versions the later active is the newest.
    """
    snapshot = happening.record
    parameters: dict[str, Any] = {
        "event_id": happening.event_id,
        "type": happening.type,
        "data": fact.model_dump_json(),
        "record_id": snapshot.id,
        "project": snapshot.project_key,
        "category": snapshot.list_category,
        "assignees": list(snapshot.assignees),
        "links_to": sorted({each for links in snapshot.links.values() for each in links}),
        "last_activity_at": snapshot.last_activity_at,
        "version": snapshot.version,
        "deleted": isinstance(fact, RecordDeleted),
        "activities": list(kinds_of(happening)),
        "by_rule": happening.by_rule,
        "active_at": at(happening),
        "at": happening.at,
        "actor": happening.actor,
        "depth": happening.depth,
        "origin": list(happening.origin),
        "now": transaction.now,
        "kinds": list(kinds),
        "anywhere": list(anywhere),
    }
    row = (await transaction.execute(_TAKE_IN, parameters)).one()
    current = [(str(rule_id), int(version)) for rule_id, version in row.rules or ()]
    known = await rules.versions(transaction, current) if current else {}
    return TakenIn(
        row.is_newest,
        tuple(known[each] for each in current if each in known),
        tuple((project_id, version) for project_id, version in row.projects or ()),
        frozenset(str(each) for each in row.pending or ()),
    )


_TAKE_IN = text("""
WITH told AS (SELECT CAST(:data AS jsonb) AS data),
kept AS (
    INSERT INTO record AS known (id, project, list_category, assignees, links_to, last_activity_at, version, deleted,
                                 snapshot, seen_at)
    SELECT CAST(:record_id AS text), CAST(:project AS text), CAST(:category AS text), CAST(:assignees AS text[]),
           CAST(:links_to AS text[]), CAST(:last_activity_at AS timestamptz), CAST(:version AS bigint),
           CAST(:deleted AS boolean), data -> 'record', CAST(:now AS timestamptz)
    FROM told
    ON CONFLICT (id) DO UPDATE SET
        project = excluded.project, list_category = excluded.list_category, assignees = excluded.assignees,
        links_to = excluded.links_to, last_activity_at = excluded.last_activity_at, version = excluded.version,
        deleted = CASE WHEN excluded.version = known.version THEN known.deleted ELSE excluded.deleted END,
        snapshot = excluded.snapshot
    WHERE excluded.version > known.version
       OR (excluded.version = known.version AND excluded.last_activity_at >= known.last_activity_at)
    RETURNING 1
),
noted AS (
    INSERT INTO record_activity AS known (record_id, kind, by_rule, at)
    SELECT CAST(:record_id AS text), kind, CAST(:by_rule AS boolean), CAST(:active_at AS timestamptz)
    FROM unnest(CAST(:activities AS text[])) AS kind
    ON CONFLICT (record_id, kind, by_rule) DO UPDATE SET at = excluded.at WHERE excluded.at > known.at
),
logged AS (
    INSERT INTO event (id, type, record_id, project, at, seen_at, actor, depth, origin, data)
    SELECT CAST(:event_id AS text), CAST(:type AS text), CAST(:record_id AS text), CAST(:project AS text),
           CAST(:at AS timestamptz), CAST(:now AS timestamptz), CAST(:actor AS text), CAST(:depth AS integer),
           CAST(:origin AS text[]), data
    FROM told
    ON CONFLICT DO NOTHING
)
SELECT
    EXISTS (SELECT FROM kept) AS is_newest,
    (SELECT jsonb_agg(jsonb_build_array(id, version) ORDER BY id) FROM rule
     WHERE enabled AND deleted_at IS NULL
       AND ((trigger_type = ANY (CAST(:kinds AS text[]))
             AND (project IS NULL OR project = CAST(:project AS text)))
            OR trigger_type = ANY (CAST(:anywhere AS text[])))) AS rules,
    (SELECT jsonb_agg(jsonb_build_array(id, version) ORDER BY id) FROM project WHERE NOT deleted) AS projects,
    (SELECT array_agg(rule_id) FROM timer WHERE record_id = CAST(:record_id AS text) AND state = 'pending') AS pending
""")
