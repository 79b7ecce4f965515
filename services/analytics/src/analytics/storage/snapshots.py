"""How a table of versioned snapshots is made and how it is read: the one place for both."""

import re

# Without all five, a power loss leaves parts that keep the engine from opening, or silently empty ones.
DURABLE = {
    "fsync_after_insert": 1,
    "fsync_part_directory": 1,
    "min_rows_to_fsync_after_merge": 1,
    "min_compressed_bytes_to_fsync_after_merge": 1,
    "max_suspicious_broken_parts": 1_000_000,
}
PERIODS = {"month": "toYYYYMM", "year": "toYear"}
PLACEHOLDER = re.compile(r"\{\{ snapshots (?:by (\w+) of (\w+), then|of) ([\w`, ]+?) \}\}")


def made_durable(statement: str) -> str:
    """The DDL with ``{{ snapshots by month of first_seen_at, then id }}`` or ``{{ snapshots of id }}`` written out."""
    return PLACEHOLDER.sub(lambda found: engine(found[3], period=found[1], moment=found[2]), statement)


def engine(key: str, *, period: str | None = None, moment: str | None = None) -> str:
    """The engine of a table whose rows are versions: the highest wins, deleted ones vanish.

    ``moment`` and ``key`` must never change for a row: a version elsewhere would be a second row.
    """
    settings = ", ".join(f"{name} = {value}" for name, value in DURABLE.items())
    partition = f"PARTITION BY {PERIODS[period]}({moment})\n" if period else ""
    order = f"toStartOfHour({moment}), {key}" if moment else key
    return f"ENGINE = ReplacingMergeTree(version, is_deleted)\n{partition}ORDER BY ({order})\nSETTINGS {settings}"


def newest(table: str, alias: str | None = None) -> str:
    """The table in FROM, each thing once, in its newest version. Queries read snapshots through this only."""
    return f"{table} AS {alias} FINAL" if alias else f"{table} FINAL"


# A row's partition never changes, so each can be merged by itself.
READ_SETTINGS = {"do_not_merge_across_partitions_select_final": 1}
