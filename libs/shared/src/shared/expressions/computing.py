"""Computed fields: from how each is defined to the operand that stands for it."""

from collections.abc import Mapping

from shared.errors import Invalid
from shared.expressions.arguments import as_date, day, require_single, want
from shared.expressions.calls import call, cost
from shared.expressions.definitions import Conversion, Duration, Event, ReferencedBy, RollupOf, TimeInList
from shared.expressions.fields import ITSELF, SYSTEM_KINDS, Chain, named, operands_in, resolve
from shared.expressions.filters import read_filter
from shared.expressions.formulas import type_formula
from shared.expressions.schema import Field, Kind, Project, Schema
from shared.expressions.tree import Call, Constant, Expression, Hop, Operand, Rollup, Stage, Stay, kind_of
from shared.expressions.values import CURRENCY

MAXIMUM_LEVEL = 3  # of rollups in rollups
ORDERED = (Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.DATETIME)
TEXTS = (Kind.TEXT, Kind.NUMBER, Kind.DATE)
# What an aggregate takes; count takes any field, or none.
TAKES: Mapping[str, tuple[Kind, ...]] = {
    "sum": (Kind.NUMBER, Kind.MONEY),
    "average": (Kind.NUMBER, Kind.MONEY),
    "min": ORDERED,
    "max": ORDERED,
    "join": TEXTS,
    "count": (),
    "counta": tuple(Kind),
}
MOMENTS = {
    "record.created": "created_at",
    "record.completed": "done_at",
    "record.due": "due_at",
    "activity.last": "last_activity_at",
}
LISTS = {"record.list_entered": False, "record.list_left": True}
EVENTS = (*MOMENTS, *LISTS, "field")


def compute(field: Field, project: Project, schema: Schema, chain: Chain) -> Operand:
    """What a computed field stands for, while those of ``chain`` are being resolved. Raises `Invalid`."""
    if field.path:
        return _lookup(field, project, schema, chain)
    if isinstance(field.definition, ReferencedBy):
        hop = back_hop(field.definition, project, schema)
        return Operand(hop.project, ITSELF, Kind.LINK, (hop,), many=True)
    formula = _expression(field, project, schema, chain)
    return Operand(project.key, field.key, kind_of(formula), formula=formula)


def _expression(field: Field, project: Project, schema: Schema, chain: Chain) -> Expression:
    match field.definition:
        case RollupOf():
            return _rollup(field.definition, project, schema, chain)
        case Duration(start, end):
            moments = (_moment(each, project, schema, chain) for each in (start, end))
            return call("seconds_between", *moments, kind=Kind.NUMBER)
        case TimeInList(None):
            return call("seconds_between", _system("entered_list_at", project), _now(), kind=Kind.NUMBER)
        case TimeInList(str(key)):
            return Stay(key)
        case Conversion():
            return _conversion(field.definition, project, schema, chain)
    return type_formula(field.formula or "", project, schema, chain)


def _lookup(field: Field, project: Project, schema: Schema, chain: Chain) -> Operand:
    operand = resolve(field.path, project, schema, chain)
    if any(hop.back for hop in operand.hops):
        raise Invalid("A lookup goes along references, not back against them: a rollup does that.")
    return operand


def back_hop(back: ReferencedBy, project: Project, schema: Schema) -> Hop:
    """The step to the records whose reference leads here. Raises `Invalid`."""
    link = schema.project(back.project).by_key.get(back.field)
    if link is None or link.kind is not Kind.LINK or link.target != project.key:
        raise Invalid(f"'{back.project}.{back.field}' is not a reference to project {project.key}.")
    return Hop(back.field, back.project, multiple=True, back=True)


def _system(key: str, project: Project) -> Operand:
    return Operand(project.key, key, SYSTEM_KINDS[key])


def _now() -> Call:
    return call("now", kind=Kind.DATETIME)


# --- rollups


def _rollup(definition: RollupOf, project: Project, schema: Schema, chain: Chain) -> Rollup:
    if definition.function not in TAKES:
        raise Invalid(f"'fn' is one of {', '.join(TAKES)}.")
    hop = _way(definition.via, project, schema, chain)
    operand = _added_up(definition, hop, schema, chain)
    tree = read_filter(definition.filter, hop.project, schema, "/config/filter", chain)
    inner = [*((operand,) if operand else ()), *operands_in(tree)]
    weight, depth = 1 + sum(cost(each)[0] for each in inner), 1 + max((cost(each)[1] for each in inner), default=0)
    level = 1 + max((_level(each) for each in inner), default=0)
    if level > MAXIMUM_LEVEL:
        raise Invalid(f"There are rollups of rollups more than {MAXIMUM_LEVEL} deep here.")
    return Rollup(hop, definition.function, operand, tree, _kind(definition.function, operand), weight, depth, level)


def _way(via: str, project: Project, schema: Schema, chain: Chain) -> Hop:
    """Where a rollup goes. Raises `Invalid`."""
    operand = named(via, project.key, schema, chain)
    own = operand.kind is Kind.LINK and operand.project == project.key and not operand.hops
    if own and operand.field in project.by_key:
        field = project.by_key[operand.field]
        return Hop(field.key, schema.project(field.target or "").key, field.multiple)
    if operand.field == ITSELF and len(operand.hops) == 1:
        return operand.hops[0]
    raise Invalid(f"'{via}' is neither a reference of project {project.key} nor one of its 'referenced by' fields.")


def _added_up(definition: RollupOf, hop: Hop, schema: Schema, chain: Chain) -> Operand | None:
    if definition.function == "count":
        return None
    if not definition.field:
        raise Invalid(f"'{definition.function}' needs the 'field' that it adds up.")
    operand = named(definition.field, hop.project, schema, chain)
    require_single(operand)
    want(definition.function, operand, *TAKES[definition.function])
    return operand


def _kind(function: str, operand: Operand | None) -> Kind:
    if operand is None or function == "counta":
        return Kind.NUMBER
    return Kind.TEXT if function == "join" else operand.kind


def _level(expression: Expression) -> int:
    """How many rollups stand in one another here."""
    if isinstance(expression, Rollup):
        return expression.level
    if isinstance(expression, Call):
        return max((_level(argument) for argument in expression.arguments), default=0)
    return _level(expression.formula) if isinstance(expression, Operand) and expression.formula else 0


# --- durations and conversions


def _moment(event: Event, project: Project, schema: Schema, chain: Chain) -> Expression:
    """When that happened. Raises `Invalid`."""
    if event.pick not in ("first", "last"):
        raise Invalid("'pick' is first or last.")
    if event.event in MOMENTS:
        return _system(MOMENTS[event.event], project)
    if event.event in LISTS and event.list:
        return Stage(event.list, left=LISTS[event.event], last=event.pick == "last")
    if event.event == "field" and event.field:
        operand = named(event.field, project.key, schema, chain)
        require_single(operand)
        want("A duration", operand, Kind.DATETIME)
        return operand
    raise Invalid(
        f"'event' is one of {', '.join(EVENTS)}, those of lists with their 'list', the last with its 'field'."
    )


def _conversion(definition: Conversion, project: Project, schema: Schema, chain: Chain) -> Call:
    operand = named(definition.source, project.key, schema, chain)
    require_single(operand)
    want("A conversion", operand, Kind.MONEY)
    if not CURRENCY.fullmatch(definition.currency):
        raise Invalid("'currency' is a code of ISO 4217, like EUR.")
    wanted = Constant(definition.currency, Kind.OPTION)
    return call("convert", operand, _day_of(definition.at, project, schema, chain), wanted, kind=Kind.MONEY)


def _day_of(at: str, project: Project, schema: Schema, chain: Chain) -> Expression:
    """The day whose rate is taken."""
    if at == "current":
        return call("today", kind=Kind.DATE)
    if at == "created":
        return day(_system("created_at", project))
    if at[:1].isdigit():
        return as_date(Constant(at, Kind.TEXT))
    operand = named(at, project.key, schema, chain)
    require_single(operand)
    want("A conversion", operand, Kind.DATE, Kind.DATETIME)
    return day(operand)
