"""A table of figures, in plain text and in Markdown."""

from collections.abc import Sequence
from typing import NamedTuple


class Table(NamedTuple):
    """A title, the names of the columns, and the cells; the first column is text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def as_text(table: Table) -> str:
    """Format a table with aligned columns."""
    lines = [table.columns, *table.rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.columns))]
    formatted = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([table.title, *formatted])


def as_markdown(table: Table) -> str:
    """Format a table for Markdown."""
    rule = ["---", *["---:"] * (len(table.columns) - 1)]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in (table.columns, rule, *table.rows)]
    lines = [f"| {' | '.join(line)} |" for line in cells]
    return "\n".join([f"### {table.title}", "", *lines])
