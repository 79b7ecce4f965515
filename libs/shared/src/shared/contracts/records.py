"""Events that records publishes: its records, their activities, the schema of projects, keys, users and roles."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

from shared.contracts.calls import CallSnapshot
from shared.contracts.event import Contract, Event

Texts = list[str]
ListCategory = Literal["open", "won", "lost", "neutral"]


class RecordSnapshot(Contract):
    """A record as stored: no lookups, formulas or rollups; each reader resolves those through ``links``.

    ``values`` holds canonical JSON per storage kind: number ``"12.5"`` (a decimal string), money
    ``{"amount": "12.50", "currency": "EUR"}``, option its key, options/users a list of keys/ids, date
    ``"2026-01-31"``, datetime RFC 3339 UTC, everything else text. Empty values are absent. ``list`` and ``tags``
    are keys; ``assignees`` are user ids. ``probability`` is a percentage as a decimal string, of its stage or set by
    hand. ``outcome`` is ``{"state": won | lost | stalled, "at", "reason"?, "note"?, "reopen_on"?}``.
    """

    id: str
    project: str
    project_key: str
    list: str
    list_category: ListCategory
    title: str
    description: str | None = None
    values: dict[str, Any] = {}
    links: dict[str, Texts] = {}
    tags: Texts = []
    assignees: Texts = []
    color: str | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    snoozed_until: datetime | None = None
    next_activity_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    entered_list_at: datetime
    last_activity_at: datetime
    version: int
    imported: bool = False
    probability: str | None = None
    probability_source: Literal["stage", "manual"] | None = None
    outcome: dict[str, Any] | None = None
    stage_history: Sequence["StageEntry"] = ()


class StageEntry(Contract):
    """One stay of a record in a list; ``left_at`` is null while it is still there."""

    list: str
    entered_at: datetime
    left_at: datetime | None = None


class Change(Contract):
    """A value before and after, in the canonical JSON of `RecordSnapshot.values`."""

    before: Any = None
    after: Any = None


class RecordEvent(Event):
    """Common to all record events. Exactly one is published a version: a move emits only ``moved``."""

    record: RecordSnapshot
    changes: dict[str, Change] = {}
    actor: str | None = None

    @property
    def aggregate(self) -> str:
        return self.record.id


class RecordCreated(RecordEvent):
    type: ClassVar[str] = "records.record.created.v1"


class RecordUpdated(RecordEvent):
    type: ClassVar[str] = "records.record.updated.v1"


class RecordMoved(RecordEvent):
    type: ClassVar[str] = "records.record.moved.v1"

    from_list: str
    to_list: str


class RecordDeleted(RecordEvent):
    type: ClassVar[str] = "records.record.deleted.v1"


class RecordRestored(RecordEvent):
    type: ClassVar[str] = "records.record.restored.v1"


class Activity(Contract):
    """What happened on a record. A ``call`` activity is logged once a call and carries the call as it ended.

    ``mentions`` are the ids of the users that its text names with an @.
    """

    id: str
    type: Literal["call", "email", "comment", "task", "note", "move"]
    at: datetime
    actor: str | None = None
    body: str | None = None
    assignee: str | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    call: CallSnapshot | None = None
    mentions: Sequence[str] = ()


class ActivityLogged(Event):
    """Rules of the ``call.*`` kind wait for this, not for the bare call, so that the record is known.

    ``replaces``: activities of calls that turned out to be parts of this one's. They are gone, nothing new happened.
    """

    type: ClassVar[str] = "records.activity.logged.v1"

    activity: Activity
    record: RecordSnapshot
    replaces: Sequence[Activity] = ()

    @property
    def aggregate(self) -> str:
        return self.activity.id


class SuggestionRaised(Event):
    """What could be done next on a record: a follow-up of its guide, its next stage, or opening it again.

    ``kind`` is follow_up, stage or reopen. ``item`` is the key of the guide's item, ``stage`` that of its stage;
    ``text`` says it for people. Raised once a cause; answered at ``/v1/suggestions/{id}``.
    """

    type: ClassVar[str] = "records.suggestion.raised.v1"

    id: str
    kind: Literal["follow_up", "stage", "reopen"]
    guide: str | None = None
    stage: str | None = None
    item: str | None = None
    text: str
    for_user: str | None = None
    record: RecordSnapshot

    @property
    def aggregate(self) -> str:
        return self.id


class ButtonPressed(Event):
    """Somebody pressed the button ``field`` of the record, and confirmed it as it asks."""

    type: ClassVar[str] = "records.button.pressed.v1"

    field: str
    record: RecordSnapshot
    actor: str | None = None

    @property
    def aggregate(self) -> str:
        return self.record.id


class ListSchema(Contract):
    key: str
    name: str
    category: ListCategory
    position: int
    forecast_weight: str | None = None
    max_age_days: int | None = None
    require_on_entry: Sequence[str] = ()
    locked: bool = False


class FieldSchema(Contract):
    """``kind`` is the storage kind of ``shared.expressions``; null for a computed field, whose ``config`` says how."""

    key: str
    name: str
    type: str
    kind: str | None
    required: bool = False
    config: dict[str, Any] = {}


class TagSchema(Contract):
    key: str
    name: str
    color: str | None = None


class ProjectChanged(Event):
    """The whole schema of a project after the change; ``deleted`` when it went to the trash."""

    type: ClassVar[str] = "records.project.changed.v1"

    id: str
    key: str
    name: str
    lists: list[ListSchema]
    fields: list[FieldSchema]
    tags: list[TagSchema]
    version: int
    deleted: bool = False

    @property
    def aggregate(self) -> str:
        return self.id


class KeyChanged(Event):
    """An API key: its SHA-256 hash, never the key. Each service keeps a replica and verifies against it."""

    type: ClassVar[str] = "records.key.changed.v1"

    id: str
    name: str
    hash: str
    user: str | None
    scopes: list[str]
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int

    @property
    def aggregate(self) -> str:
        return self.id


class UserChanged(Event):
    """``subject`` is who they are to the identity provider they sign in with."""

    type: ClassVar[str] = "records.user.changed.v1"

    id: str
    name: str
    email: str
    teams: list[str] = []
    skills: list[str] = []
    active: bool = True
    away_until: datetime | None = None
    capacity: int | None = None
    subject: str | None = None
    version: int

    @property
    def aggregate(self) -> str:
        return self.id


class RateChanged(Event):
    """An exchange rate: from its day on, one unit of ``source`` is worth ``rate`` units of ``target``.

    ``rate`` is a decimal string. A rate of a day and a pair replaces the one before; ``deleted`` takes it away.
    """

    type: ClassVar[str] = "records.rate.changed.v1"

    date: str
    source: str
    target: str
    rate: str
    version: int
    deleted: bool = False

    @property
    def aggregate(self) -> str:
        return f"{self.date}:{self.source}:{self.target}"


class FormSubmitted(Event):
    """Somebody answered a public form; ``attached``: the record was there before. Spam is not told."""

    type: ClassVar[str] = "records.form.submitted.v1"

    id: str
    form: str
    project: str
    attached: bool
    record: RecordSnapshot

    @property
    def aggregate(self) -> str:
        return self.id


class ConsentChanged(Event):
    """Somebody agreed to ``option`` of the record's ``field`` (a purpose, a kind of mail), or withdrew.

    ``legal_basis`` is one of the six of GDPR, article 6(1); ``source`` says how it is known, ``evidence`` where it can
    be looked up. What holds now stands in the record's value of the field.
    """

    type: ClassVar[str] = "records.consent.changed.v1"

    id: str
    field: str
    option: str
    state: Literal["given", "withdrawn"]
    at: datetime
    legal_basis: str
    source: str
    evidence: str | None = None
    actor: str | None = None
    record: RecordSnapshot

    @property
    def aggregate(self) -> str:
        return self.id


class PersonReturned(Event):
    """Somebody who was erased came back by themselves: their numbers (E.164) and addresses may be known again."""

    type: ClassVar[str] = "records.person.returned.v1"

    numbers: Texts = []
    emails: Texts = []

    @property
    def aggregate(self) -> str:
        return "person"


FieldLevel = Literal["none", "view", "edit"]
ListLevel = Literal["none", "view", "edit", "delete"]
RecordScope = Literal["all", "assigned_only"]


class RoleChanged(Event):
    """A role in a project, whole, with who has it: users by id, teams by name. Every service decides by its replica.

    ``permissions`` are flags by name (``create_records``, ``export`` …; `shared.policy` knows what an absent one
    means); ``delete_records`` is ``all``, ``own`` or ``none``. A field or list that is not named has the default
    level. With ``allowed_tags`` only records with one of them are seen; those with one of ``denied_tags`` never are.
    """

    type: ClassVar[str] = "records.role.changed.v1"

    id: str
    project: str
    key: str
    name: str
    permissions: dict[str, bool | Literal["all", "own", "none"]] = {}
    record_scope: RecordScope = "all"
    default_field_permission: FieldLevel = "edit"
    field_permissions: dict[str, FieldLevel] = {}
    default_list_permission: ListLevel = "delete"
    list_permissions: dict[str, ListLevel] = {}
    allowed_tags: Texts = []
    denied_tags: Texts = []
    users: Texts = []
    teams: Texts = []
    version: int
    deleted: bool = False

    @property
    def aggregate(self) -> str:
        return self.id
