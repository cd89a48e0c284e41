"""What is written as TOML is read as the same."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.config.toml_text import as_toml

SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.dates()
    | st.datetimes()
    | st.times()
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]))
SECTIONS = st.dictionaries(
    NAMES,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=4,
)


@given(st.dictionaries(NAMES, SECTIONS | st.lists(SECTIONS, min_size=1, max_size=3) | SCALARS, max_size=4))
def test_what_is_written_is_read_as_the_same(table: dict[str, Any]) -> None:
    assert tomllib.loads(as_toml(table)) == table
