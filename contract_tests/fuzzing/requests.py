"""Requests of an operation, as strategies of hypothesis: such that the document allows, and such that break one clause.

Each is a `Case`, with what may be expected of its answer; whoever sends it judges it as any other case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote, urlencode

from hypothesis import assume, reject
from hypothesis import strategies as st

from contract_tests.case import ACCEPT, Case
from contract_tests.credentials import is_credential, is_met, refused, with_credentials
from contract_tests.fuzzing.breaking import broken
from contract_tests.fuzzing.fuzz import INVALID, VALID
from contract_tests.fuzzing.schemas import kind_of
from contract_tests.fuzzing.values import MAYBE, Maker
from contract_tests.fuzzing.wire import LETTERS, readings, written
from contract_tests.samples import is_valid_by
from contract_tests.targets import Ask
from openapi.operation import essence
from openapi.overlay import BASES
from openapi.pointers import child
from openapi.samples import MISSING, Missing
from openapi.schema import Schemas
from openapi.versions import rules_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from contract_tests.case import Expectation
    from contract_tests.fuzzing.wire import Written
    from openapi.operation import MediaType, Operation
    from openapi.parameters import Parameter
    from openapi.reading import Json

    Draw: TypeAlias = Callable[[SearchStrategy[Any]], Any]

__all__ = ["CannotGenerate", "requests_of"]

_JSON, _FORM, _TEXT = "application/json", "application/x-www-form-urlencoded", "text/plain"

_OTHER_TYPES = (_TEXT, _FORM, "application/xml", "application/octet-stream", "text/html", "application/yaml")
"""Media types that a body is sent under where the document does not name them."""


class CannotGenerate(Exception):
    """The document asks for something that cannot be generated; `str()` says what, and what would help."""


@dataclass(frozen=True, slots=True)
class _Body:
    """A body before it is written. value: if it is JSON or a form. media: None for no body."""

    media: MediaType | None = None
    value: Json | Missing = MISSING


@dataclass(frozen=True, slots=True)
class _Break:
    """What is wrong with a request, and what follows. place: `body`, `path` and so on."""

    place: str
    sentence: str
    basis: str
    expect: Expectation = "invalid"


def requests_of(operation: Operation, group: str) -> SearchStrategy[Case]:
    """Give the requests of an operation: those of the group `fuzz-valid` or `fuzz-invalid`. Raises `CannotGenerate`."""
    composer = _Composer(operation)
    composer.check()
    if group == INVALID and not composer.ways:
        raise CannotGenerate("the document forbids nothing that a request could break")

    @st.composite
    def drawn(draw: Draw) -> Case:
        return composer.valid(draw) if group == VALID else composer.invalid(draw)

    return drawn()


class _Composer:
    """Puts requests of one operation together."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._parameters = [one for one in operation.parameters if not _is_key(operation, one)]
        self._bodies = [one for one in operation.body if _written_as(one)]
        schemas = Schemas(operation.library, rules_of(operation.node.document))
        self._maker = Maker(schemas)
        self._makers = {place: Maker(schemas, letters, parameters=True) for place, letters in LETTERS.items()}
        self.ways = self._ways()

    def check(self) -> None:
        """Raise `CannotGenerate` where something that is required cannot be made."""
        for one in self._parameters:
            if one.required and one.schema is None and "example" not in one.node.mapping:
                raise CannotGenerate(
                    f"the {one.place} parameter {one.name} has no schema: give it one, with an overlay"
                )
            if one.required and one.place == "cookie" and one.shape.kinds & {"array", "object"}:
                raise CannotGenerate(f"the cookie {one.name} is an array or an object, which have no one form there")
        if self._operation.body_required and not self._bodies:
            names = ", ".join(one.name for one in self._operation.body) or "none"
            raise CannotGenerate(
                f"bodies are made as JSON, forms and plain text, and the document has {names}: "
                "fuzz it by its own means, or document one of those"
            )

    # --- valid --------------------------------------------------------------------------------------------------------

    def valid(self, draw: Draw) -> Case:
        """Draw a request that the document allows."""
        body = self._body(draw)
        ask = self._with_body(draw, self._bare(draw, self._texts(draw)), body)
        ask = with_credentials(ask, self._schemes(draw))
        basis = self._operation.origin(self._operation.node.pointer).basis
        sentence = "A generated request that the document allows is accepted."
        return Case(self._operation, VALID, "generated", ask, "accepted", basis, sentence, body.value)

    def _schemes(self, draw: Draw) -> tuple[Any, ...]:
        security = self._operation.security
        return security[draw(st.integers(0, len(security) - 1))] if security else ()

    def _texts(self, draw: Draw) -> dict[tuple[str, str], Written]:
        """Draw the parameters: all that are required and some others, by place and name."""
        found: dict[tuple[str, str], Written] = {}
        for one in self._parameters:
            if not one.required and not draw(MAYBE):
                continue
            value = self._parameter(draw, one)
            text = written(one, value)
            if text is not None:
                found[one.place, one.name] = text
            elif one.required:
                reject()
        return found

    def _parameter(self, draw: Draw, parameter: Parameter) -> Json:
        if parameter.schema is None:
            return parameter.node.mapping.get("example", "x")
        maker = self._maker if parameter.as_json and parameter.place == "query" else self._makers[parameter.place]
        return maker.value(draw, [parameter.schema.node])

    def _body(self, draw: Draw, *, certainly: bool = False) -> _Body:
        if not self._bodies or not (certainly or self._operation.body_required or draw(st.integers(0, 5))):
            return _Body()
        media = self._bodies[draw(st.integers(0, len(self._bodies) - 1))]
        if media.schema is None:
            return _Body(media, draw(st.sampled_from([{}, *media.examples.values()])))
        value = self._maker.value(draw, [media.schema.node])
        if _written_as(media) == _FORM:
            assume(isinstance(value, dict) and all(isinstance(one, str | int | float) for one in value.values()))
        return _Body(media, value)

    def _bare(self, draw: Draw, texts: dict[tuple[str, str], Written]) -> Ask:
        """Put the parameters where they belong."""
        operation = self._operation
        path = operation.base_paths[0] + operation.path
        query: list[str] = []
        headers: list[tuple[str, str]] = [ACCEPT] if draw(MAYBE) else []
        cookies: list[str] = []
        for (place, name), pairs in texts.items():
            if place == "path":
                path = path.replace(f"{{{name}}}", pairs[0][1])
            elif place == "query":
                query += [f"{quote(key, safe='[]%')}={text}" for key, text in pairs]
            elif place == "header":
                headers.append((name, pairs[0][1]))
            else:
                cookies += [f"{key}={text}" for key, text in pairs]
        if cookies:
            headers.append(("Cookie", "; ".join(cookies)))
        return Ask(operation.method, path + ("?" + "&".join(query) if query else ""), tuple(headers))

    def _with_body(self, draw: Draw, ask: Ask, body: _Body) -> Ask:
        if body.media is None:
            return ask
        name = _written_as(body.media)
        if name == _FORM:
            assert isinstance(body.value, dict)
            raw = urlencode({key: _plain(one) for key, one in body.value.items()}).encode("ascii")
        elif name == _TEXT:
            raw = str(body.value).encode("utf-8")
        else:
            compact, escaped = draw(MAYBE), draw(st.booleans())
            marks = (",", ":") if compact else (", ", ": ")
            raw = json.dumps(body.value, ensure_ascii=escaped, separators=marks).encode("utf-8")
            kinds = (body.media.name if "*" not in body.media.name else name,)
            name = draw(st.sampled_from((*kinds, *(f"{one}; charset=utf-8" for one in kinds if ";" not in one))))
        return replace(ask, headers=(*ask.headers, ("Content-Type", name)), body=raw)

    # --- invalid ------------------------------------------------------------------------------------------------------

    def _ways(self) -> list[Callable[[Draw], Case]]:
        """Give the ways to break a request of this operation."""
        found: list[Callable[[Draw], Case]] = []
        schemas = [
            one
            for one in self._bodies
            if _is_json(one) and one.schema is not None and one.schema.node.value not in ({}, True)
        ]
        if schemas:
            found += [self._broken_body] * 4
        if any(_is_json(one) for one in self._bodies):
            found.append(self._garbled)
        if self._bodies:
            found.append(self._other_type)
        if self._operation.body_required:
            found.append(self._no_body)
        for one in self._parameters:
            if one.schema is not None and not one.as_json:
                found.append(lambda draw, one=one: self._broken_parameter(draw, one))  # type: ignore[misc]
            if one.required and one.place != "path":
                found.append(lambda draw, one=one: self._lost_parameter(draw, one))  # type: ignore[misc]
        if self._operation.security and () not in self._operation.security:
            found.append(self._no_credential)
        return found

    def invalid(self, draw: Draw) -> Case:
        """Draw a request that breaks one clause."""
        return self.ways[draw(st.integers(0, len(self.ways) - 1))](draw)

    def _case(self, ask: Ask, wrong: _Break, sent: Json | Missing = MISSING) -> Case:
        return Case(
            self._operation, INVALID, wrong.place, ask, wrong.expect, wrong.basis, wrong.sentence, sent
        )  # fmt: skip

    def _basis(self, *clauses: str) -> str:
        return min((self._operation.origin(one).basis for one in clauses), key=BASES.index)

    def _around(self, draw: Draw) -> Ask:
        """Draw a right request without a body."""
        return with_credentials(self._bare(draw, self._texts(draw)), self._schemes(draw))

    def _broken_body(self, draw: Draw) -> Case:
        body = self._body(draw, certainly=True)
        assume(body.media is not None and _is_json(body.media) and body.media.schema is not None)
        assert body.media is not None
        assert body.media.schema is not None
        assert not isinstance(body.value, Missing)
        value, clause, place = broken(draw, body.media.schema, body.value)
        keyword = clause.rpartition("/")[2]
        sentence = f"A body that breaks {keyword} {'at ' + place if place else 'at its top'} is refused."
        wrong = _Break("body", sentence, self._basis(clause))
        return self._case(self._with_body(draw, self._around(draw), replace(body, value=value)), wrong, value)

    def _garbled(self, draw: Draw) -> Case:
        body = self._body(draw, certainly=True)
        assume(body.media is not None and _is_json(body.media))
        ask = self._with_body(draw, self._around(draw), body)
        whole = (ask.body or b"").decode("utf-8")
        ways = (whole[:-1], f"{whole},", f"{whole}{{", f"[{whole}", whole.replace('"', "'"))
        text = draw(st.sampled_from(ways))
        assume(text and not _is_read(text))
        wrong = _Break("body", "Text that is not JSON is refused.", self._basis(self._operation.node.pointer))
        return self._case(replace(ask, body=text.encode("utf-8")), wrong)

    def _other_type(self, draw: Draw) -> Case:
        body = self._body(draw, certainly=True)
        ask = self._with_body(draw, self._around(draw), body)
        names = [one for one in _OTHER_TYPES if self._operation.body_type(one) is None]
        name = draw(st.sampled_from(names)) if names else reject()
        headers = tuple((known, name if known == "Content-Type" else text) for known, text in ask.headers)
        sentence = f"A body of type {name}, which is not documented, is refused."
        wrong = _Break("body", sentence, self._basis(self._operation.node.pointer))
        return self._case(replace(ask, headers=headers), wrong, body.value)

    def _no_body(self, draw: Draw) -> Case:
        clause = f"{self._operation.node.pointer}/requestBody/required"
        return self._case(self._around(draw), _Break("body", "The body is required.", self._basis(clause)))

    def _broken_parameter(self, draw: Draw, parameter: Parameter) -> Case:
        assert parameter.schema is not None
        right = self._parameter(draw, parameter)
        value, clause, _ = broken(draw, parameter.schema, right, _wrong_texts(parameter))
        assume(isinstance(value, list | dict) == isinstance(right, list | dict))
        assume(kind_of(value) == kind_of(right) or not isinstance(right, list | dict))
        assume(not any(is_valid_by(parameter.schema, read) for read in readings(value)))
        text = written(parameter, value)
        texts = self._texts(draw)
        if text is None or not _fits(parameter, text):
            reject()
        else:
            texts[parameter.place, parameter.name] = text
        keyword = clause.rpartition("/")[2]
        sentence = f"A {parameter.place} parameter {parameter.name} that breaks {keyword} is refused."
        return self._filled(draw, texts, _Break(parameter.place, sentence, self._basis(clause)))

    def _lost_parameter(self, draw: Draw, parameter: Parameter) -> Case:
        texts = self._texts(draw)
        texts.pop((parameter.place, parameter.name), None)
        sentence = f"The {parameter.place} parameter {parameter.name} is required."
        clause = child(parameter.node.pointer, "required")
        return self._filled(draw, texts, _Break(parameter.place, sentence, self._basis(clause)))

    def _filled(self, draw: Draw, texts: dict[tuple[str, str], Written], wrong: _Break) -> Case:
        body = self._body(draw)
        ask = self._with_body(draw, with_credentials(self._bare(draw, texts), self._schemes(draw)), body)
        return self._case(ask, wrong, body.value)

    def _no_credential(self, draw: Draw) -> Case:
        schemes = self._schemes(draw)
        missed = schemes[draw(st.integers(0, len(schemes) - 1))]
        body = self._body(draw)
        bare = self._with_body(draw, self._bare(draw, self._texts(draw)), body)
        bare = with_credentials(bare, [one for one in schemes if one is not missed])
        _, ask, sentence = draw(st.sampled_from(list(refused(missed, bare))))
        assume(not any(is_met(other, ask) for other in self._operation.security))
        basis = self._basis(self._operation.node.pointer)
        return self._case(ask, _Break("credential", sentence, basis, "unauthorized"), body.value)


def _is_key(operation: Operation, parameter: Parameter) -> bool:
    """Tell whether a parameter is a credential under another name."""
    return is_credential(operation, parameter.place, parameter.name) or any(
        scheme.kind == "apiKey"
        and (scheme.place, scheme.parameter.lower()) == (parameter.place, parameter.name.lower())
        for schemes in operation.security
        for scheme in schemes
    )


def _is_json(media: MediaType) -> bool:
    return _written_as(media) == _JSON


def _written_as(media: MediaType) -> str:
    """Tell as what a body of a media type is written: JSON, a form or text; '' when it cannot be made."""
    name = essence(media.name)
    if media.is_json or name in ("*/*", "application/*"):
        return _JSON
    return name if name == _FORM or (name == _TEXT and media.is_text) else ""


def _plain(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_read(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _wrong_texts(parameter: Parameter) -> SearchStrategy[str]:
    """Give texts of a kind that few parameters are of: whatever the type, it has to be read from text."""
    odd = st.sampled_from(("x", "1.5", "-", "0x1", "1 000", "one", "1e", "truth", "--1"))
    return st.one_of(odd, st.text(LETTERS[parameter.place][0], min_size=1, max_size=12))


def _fits(parameter: Parameter, text: Written) -> bool:
    """Tell whether a wrong text can be sent in its place at all."""
    if parameter.place in ("query", "path"):
        return all(part for _, part in text) or parameter.place == "query"
    return all(part.isascii() and part.isprintable() and part == part.strip() for _, part in text)
