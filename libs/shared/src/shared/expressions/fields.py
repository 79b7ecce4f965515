"""Which field a name means: the project's own, a system field, a computed one, or one that references lead to."""

from collections.abc import Iterator, Mapping

from shared.errors import FieldError, Invalid
from shared.expressions.schema import Kind, Project, Schema
from shared.expressions.tree import (
    Call,
    Constant,
    Expression,
    Filter,
    Hop,
    Operand,
    Related,
    Rollup,
    Sort,
    Stage,
    Stay,
    Step,
    conditions_in,
)

SYSTEM_KINDS = {
    "title": Kind.TEXT,
    "list": Kind.OPTION,
    "list_category": Kind.OPTION,
    "list.forecast_weight": Kind.NUMBER,
    "list.position": Kind.NUMBER,
    "tags": Kind.OPTIONS,
    "assignee": Kind.OPTIONS,
    "created_at": Kind.DATETIME,
    "updated_at": Kind.DATETIME,
    "entered_list_at": Kind.DATETIME,
    "last_activity_at": Kind.DATETIME,
    "next_activity_at": Kind.DATETIME,
    "snoozed_until": Kind.DATETIME,
    "due_at": Kind.DATETIME,
    "done_at": Kind.DATETIME,
    "done": Kind.BOOLEAN,
    "color": Kind.OPTION,
    "record.probability": Kind.NUMBER,
    "record.outcome": Kind.OPTION,
}
SYSTEM_FIELDS = frozenset(key for key in SYSTEM_KINDS if "." not in key)
# What a project's own field may not be called: the filter language gives these words another meaning.
RESERVED_KEYS = SYSTEM_FIELDS | {"all", "any", "none", "not", "field", "relation"}
# System fields that go without their first word, where the project has no field of its own of that name.
SHORT = {name.removeprefix("record."): name for name in SYSTEM_KINDS if name.startswith("record.")}
LIST_KINDS = frozenset({Kind.OPTIONS, Kind.LINK, Kind.FILE})
MAXIMUM_HOPS = 8

Tree = Filter | Expression | Sort
Chain = tuple[tuple[str, str], ...]
# At the end of a hop back: not the value of a field, but the record itself.
ITSELF = "id"


class UnknownField(Invalid):
    pass


def find_operand(name: str, project: str, schema: Schema, pointer: str = "/field") -> Operand:
    """The field of that name, typed; dots go through references. Raises `Invalid` at ``pointer``."""
    try:
        return named(name, project, schema, ())
    except Invalid as problem:
        raise type(problem).at(pointer, problem.detail) from None


def named(name: str, project: str, schema: Schema, chain: Chain) -> Operand:
    """As `find_operand`, while the computed fields of ``chain`` are being resolved. What resolved once has no cycle."""
    operand: Operand | None = schema.operands.get((project, name))
    if operand is None:
        operand = resolve(tuple(name.split(".")), schema.project(project), schema, chain)
        schema.operands[project, name] = operand
    return operand


def resolve(path: tuple[str, ...], project: Project, schema: Schema, chain: Chain) -> Operand:
    """The operand at the end of a path. ``chain`` is the computed fields that are being resolved around it."""
    if ".".join(path[-2:]) in SYSTEM_KINDS:
        path = (*path[:-2], ".".join(path[-2:]))
    *references, last = path
    hops: tuple[Hop, ...] = ()
    for reference in references:
        hops += _through(reference, project, schema, chain)
        project = schema.project(hops[-1].project)
    if last not in project.by_key:
        last = SHORT.get(last, last)
    return _behind(hops, _system(last, project) or _own(last, project, schema, chain))


def _system(key: str, project: Project) -> Operand | None:
    kind = SYSTEM_KINDS.get(key)
    return Operand(project.key, key, kind, many=kind in LIST_KINDS) if kind else None


def _own(key: str, project: Project, schema: Schema, chain: Chain) -> Operand:
    field = project.by_key.get(key)
    if field is None:
        raise UnknownField(f"There is no field '{key}' in project {project.key}.")
    if field.kind is not None:
        return Operand(project.key, key, field.kind, many=field.kind in LIST_KINDS)
    here = (project.key, key)
    if here in chain:
        raise Invalid(_cycle((*chain[chain.index(here) :], here)))
    if here not in schema.operands:
        from shared.expressions.computing import compute  # which finds its operands here in turn

        schema.operands[here] = compute(field, project, schema, (*chain, here))
    known: Operand = schema.operands[here]
    return known


def _cycle(chain: Chain) -> str:
    across = len({project for project, _ in chain}) > 1
    path = " → ".join(f"{project}.{field}" if across else field for project, field in chain)
    return f"A field cannot be computed from itself: {path}."


def _through(key: str, project: Project, schema: Schema, chain: Chain) -> tuple[Hop, ...]:
    """The hops that going through a reference takes: one, or those of a lookup and then one."""
    operand = resolve((key,), project, schema, chain)
    if operand.kind is not Kind.LINK:
        raise Invalid(f"'{key}' in project {project.key} is not a reference, so nothing stands behind its dot.")
    if operand.field == ITSELF:
        return operand.hops
    field = schema.project(operand.project).by_key[operand.field]
    schema.project(field.target or "")
    return (*operand.hops, Hop(field.key, field.target or "", field.multiple))


def _behind(hops: tuple[Hop, ...], operand: Operand) -> Operand:
    hops += operand.hops
    if len(hops) > MAXIMUM_HOPS:
        raise Invalid(f"This goes through more than {MAXIMUM_HOPS} references.")
    many = operand.many or any(hop.multiple for hop in hops)
    return Operand(operand.project, operand.field, operand.kind, hops, many, operand.formula)


def computed_operands(project: str, schema: Schema) -> Mapping[str, Operand]:
    """Each computed field of the project. Raises `Invalid` where one does not resolve."""
    if project not in schema.computed:
        computed = [field.key for field in schema.project(project).fields if field.kind is None]
        schema.computed[project] = {key: find_operand(key, project, schema) for key in computed}
    known: Mapping[str, Operand] = schema.computed[project]
    return known


def check_project(project: str, schema: Schema) -> None:
    """Every computed field of the project can be computed. Raises `Invalid` with ``/fields/<key>`` pointers."""
    errors: list[FieldError] = []
    for field in schema.project(project).fields:
        try:
            find_operand(field.key, project, schema, f"/fields/{field.key}")
        except Invalid as problem:
            errors += problem.errors
    if errors:
        several = f"{len(errors)} computed fields of project {project} have mistakes."
        raise Invalid(several if len(errors) > 1 else errors[0].detail, errors)


def needed_hops(project: str, schema: Schema) -> frozenset[tuple[Step, ...]]:
    """The chains of references the project's computed fields go through, with their beginnings."""
    return hops_in(*computed_operands(project, schema).values())


def hops_in(*trees: Tree) -> frozenset[tuple[Step, ...]]:
    """The chains of steps that these trees go through, with their beginnings: link field keys, or `Back`."""
    return frozenset(chain for tree in trees for operand in operands_in(tree) for chain in _chains(operand))


def operands_in(tree: Tree) -> Iterator[Operand]:
    """The operands that stand in a tree; not those that they are computed from."""
    if isinstance(tree, Operand):
        yield tree
    elif isinstance(tree, Sort):
        yield tree.operand
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            yield from operands_in(argument)
    elif not isinstance(tree, Constant | Rollup | Stage | Stay):
        yield from (leaf.operand for leaf in conditions_in(tree) if not isinstance(leaf, Related))


def sources(operand: Operand) -> Iterator[Operand]:
    """The operands that a computed one is computed from; those of a rollup start at the records it adds up."""
    if isinstance(operand.formula, Rollup):
        yield from (operand.formula.operand,) if operand.formula.operand else ()
        yield from operands_in(operand.formula.filter)
    elif operand.formula is not None:
        yield from operands_in(operand.formula)


def _chains(operand: Operand) -> Iterator[tuple[Step, ...]]:
    own: tuple[Step, ...] = tuple(hop.step for hop in operand.hops)
    if isinstance(operand.formula, Rollup):
        own = (*own, operand.formula.hop.step)
    yield from (own[:length] for length in range(1, len(own) + 1))
    yield from ((*own, *chain) for inner in sources(operand) for chain in _chains(inner))


def fields_read(*trees: Tree) -> frozenset[tuple[str, str]]:
    """(project key, field key) of everything that these trees are made of: what who may not see it must not learn."""
    return frozenset(pair for tree in trees for operand in operands_in(tree) for pair in _read_by(operand))


def _read_by(operand: Operand) -> Iterator[tuple[str, str]]:
    yield operand.project, operand.field
    for hop in operand.hops:
        yield from ((hop.project, hop.field),) if hop.back else ()
    for inner in sources(operand):
        yield from _read_by(inner)


def lists_read(*trees: Tree) -> frozenset[tuple[str, str]]:
    """(project key, list key) of the lists whose stays these trees look into."""
    return frozenset(pair for tree in trees for operand in operands_in(tree) for pair in _lists_of(operand))


def _lists_of(operand: Operand) -> Iterator[tuple[str, str]]:
    formula = operand.formula
    parts = formula.arguments if isinstance(formula, Call) else (formula,)
    yield from ((operand.project, part.list) for part in parts if isinstance(part, Stage | Stay))
    for inner in sources(operand):
        yield from _lists_of(inner)


def looks_back(*trees: Tree) -> bool:
    """Whether working these out takes the stays of records in lists; those behind rollups not counted."""
    return any(_of_stays(operand) for tree in trees for operand in operands_in(tree))


def _of_stays(expression: Expression) -> bool:
    match expression:
        case Operand():
            return expression.formula is not None and _of_stays(expression.formula)
        case Call():
            return any(_of_stays(argument) for argument in expression.arguments)
    return isinstance(expression, Stage | Stay)
