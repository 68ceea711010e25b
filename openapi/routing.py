"""Find the path item that a request path belongs to: concrete paths before templated ones, in steps of one segment.

The cost of a look-up grows with the length of the path, not with the number of operations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openapi.escapes import either_way, literal, plain, protected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from openapi.operation import Operation

__all__ = ["Match", "Router"]


MOST_SPANNED = 100
"""Segments that one parameter may stand for."""


@dataclass(frozen=True, slots=True)
class Match:
    """A path that the contract knows: its operations by method, and the texts where its template has parameters.

    The texts are `protected` where the path that was looked up was.
    """

    operations: dict[str, Operation]
    texts: tuple[str, ...] = ()

    def values(self, operation: Operation) -> Mapping[str, str]:
        """Give the texts by the names that this operation has for them; another method may name them differently."""
        return dict(zip(_NAME.findall(operation.path), self.texts, strict=False)) if self.texts else {}


@dataclass(slots=True)
class _Step:
    """One segment in the tree of paths."""

    literal: dict[str, _Step] = field(default_factory=dict)
    patterns: list[tuple[str, re.Pattern[str], _Step]] = field(default_factory=list)
    operations: dict[str, Operation] = field(default_factory=dict)
    spanning: set[str] = field(default_factory=set)


class Router:
    """The tree of all paths of a contract."""

    def __init__(self) -> None:
        self._concrete: dict[str, Match] = {}
        self._root = _Step()
        self._spans = False

    def add(self, path: str, operation: Operation) -> Operation:
        """Add an operation at a path; return the one that has the place: this one, or the one that was there before."""
        if "{" in path:
            operations = self._step(path).operations
        else:
            operations = self._concrete.setdefault(literal(protected(path)), Match({})).operations
        return operations.setdefault(operation.method, operation)

    def find(self, path: str) -> Match | None:
        """Find the path item for a concrete path; None when the contract has none."""
        concrete = self._concrete.get(literal(path))
        if concrete is not None or path[:1] != "/":
            return concrete
        segments = path[1:].split("/")
        return next(_walk(self._root, segments, ()), None) or (
            next(_walk(self._root, segments, (), set()), None) if self._spans else None
        )

    def fitting(self, path: str) -> Iterator[Match]:
        """Yield every path item that fits a path, the most specific first: `/pets/new`, then `/pets/{id}`."""
        concrete = self._concrete.get(literal(path))
        if concrete is not None:
            yield concrete
        if path[:1] == "/":
            yield from _walk(self._root, path[1:].split("/"), (), set() if self._spans else None)

    def let_span(self, path: str, names: Iterable[str]) -> None:
        """Let some parameters of a path, where nothing else fits, stand for several segments."""
        step = self._root
        for segment in path.split("/")[1:]:
            if "{" not in segment:
                step = step.literal[plain(protected(segment))]
                continue
            pattern = _pattern(segment)
            if set(_NAME.findall(segment)) & set(names):
                step.spanning.add(pattern)
                self._spans = True
            step = next(after for _, compiled, after in step.patterns if compiled.pattern == pattern)

    def _step(self, path: str) -> _Step:
        step = self._root
        for segment in path.split("/")[1:]:
            if "{" not in segment:
                step = step.literal.setdefault(plain(protected(segment)), _Step())
                continue
            pattern = _pattern(segment)
            known = next((after for _, compiled, after in step.patterns if compiled.pattern == pattern), None)
            if known is None:
                known = _Step()
                step.patterns.append((segment, re.compile(pattern, re.DOTALL), known))
                # Patterns with more text of their own are more specific: '{id}.json' before '{id}'.
                step.patterns.sort(key=lambda entry: -len(_NAME.sub("", entry[0])))
            step = known
        return step


_NAME = re.compile(r"\{([^}]*)\}")


def _pattern(segment: str) -> str:
    parts = _NAME.split(segment)
    return "".join("(.+)" if index % 2 else either_way(plain(protected(part))) for index, part in enumerate(parts))


def _walk(
    step: _Step, segments: list[str], texts: tuple[str, ...], seen: set[tuple[int, int]] | None = None
) -> Iterator[Match]:
    """Yield what fits, the most specific first.

    seen: where the search has been, if parameters may span segments: there is nothing else to find there, and no path
    can make it search for long.
    """
    if seen is not None:
        if (id(step), len(segments)) in seen:
            return
        seen.add((id(step), len(segments)))
    if not segments:
        if step.operations:
            yield Match(step.operations, texts)
        return
    head = segments[0]
    same = step.literal.get(head if head.isascii() else plain(head))
    if same is not None:
        yield from _walk(same, segments[1:], texts, seen)
    for _, pattern, after in step.patterns:
        spans = seen is not None and pattern.pattern in step.spanning
        for length in range(1, min(len(segments), MOST_SPANNED) + 1 if spans else 2):
            found = pattern.fullmatch(head if length == 1 else "/".join(segments[:length]))
            if found:
                yield from _walk(after, segments[length:], texts + found.groups(), seen)
