"""Parameters on the wire as they are generated: what their texts are made of."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["LETTERS"]

LETTERS: dict[str, tuple[SearchStrategy[str], ...]] = {
    "path": (
        st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="/\\.,;=%?#"),
        st.characters(exclude_categories=["C", "Z"], exclude_characters="/\\.,;=%?#"),
    ),
    "query": (
        st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters=",| "),
        st.characters(exclude_categories=["C"], exclude_characters=",| "),
    ),
    "header": (st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=',=;"\\{}'),),
    "cookie": (st.sampled_from(string.ascii_letters + string.digits + "_-"),),
}  # fmt: skip
"""What texts of parameters are made of, by place: nothing that a proxy or a framework may rightly refuse or cut at."""
