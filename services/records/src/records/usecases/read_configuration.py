"""A file of configuration, or a template, as what it comes to; and mistakes told where they stand in the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from records.domain.configuration_file import File, read_file
from records.domain.plan import Plan, Skipped
from records.domain.template import Installation, is_template, read_template
from shared.errors import FieldError, Invalid


@dataclass(frozen=True)
class Given:
    """A file and the configuration that it comes to."""

    file: File
    read: Installation

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Mistakes are told with their places and lines in the file."""
        try:
            yield
        except Invalid as problem:
            errors = [FieldError(self.read.place(each.pointer), each.detail) for each in problem.errors]
            raise Invalid(problem.detail, [self.file.at(each) for each in errors]) from problem

    def told(self, plan: Plan) -> Plan:
        """The plan, with what is skipped at its places in the file."""
        moved = [Skipped(self.read.place(each.pointer), each.reason) for each in plan.skipped]
        return replace(plan, skipped=[*self.read.skipped, *moved])


def read_configuration(content: bytes, variant: str | None, language: str) -> Given:
    """Of a template, its configuration in one variant and language. Raises `Invalid`, `TooLarge`."""
    file = read_file(content)
    if is_template(file.tree):
        return Given(file, read_template(file.tree, variant, language))
    return Given(file, Installation(dict(file.tree)))
