"""Whether an answer has the form that a program needs: JSON of a schema, a pattern, or one of some labels.

This module does not know whether what the answer says is right. Nothing is fetched for a schema.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from playground.errors import InputError

SECONDS = 1.0
"""For one match of a pattern: some patterns take longer than a life on the wrong text."""

Matches = Callable[[str], bool]
_FENCED = re.compile(r"```[^\n`]*\n(.*)\n[ \t]*```", re.DOTALL)


@dataclass(frozen=True)
class FormatCheck:
    """What answers have to look like. `text` is a JSON Schema, a regular expression, or one label a line.

    White space around an answer never counts.

    json_schema  the answer is one JSON value that fits the schema. A code fence around all of it is taken
                 off, as callers of language models do; words beside the JSON make it invalid. "format" is a
                 remark, as the standard has it.
    regex        the pattern matches the whole answer; its dot matches line breaks too.
    labels       the answer is one of the labels; case counts, since a program compares them so, and a run of
                 white space is one space.

    Raises InputError with what is wrong, and where, for text that cannot be used.
    """

    kind: Literal["json_schema", "regex", "labels"]
    text: str

    def __post_init__(self) -> None:
        _matcher(self.kind, self.text)  # fail now, not at the first answer

    def valid(self, answer: str) -> bool:
        """Whether the answer has the form. A pattern that has not matched within a second does not match."""
        return _matcher(self.kind, self.text)(answer.strip())


@lru_cache(maxsize=16)
def _matcher(kind: str, text: str) -> Matches:
    kinds = {"json_schema": _json_matcher, "regex": _pattern_matcher, "labels": _label_matcher}
    if kind not in kinds:
        raise InputError(f"{kind} is no kind of format; there are {', '.join(kinds)}")
    return kinds[kind](text)


def _label_matcher(text: str) -> Matches:
    labels = {" ".join(line.split()) for line in text.splitlines()} - {""}
    if not labels:
        raise InputError("there are no labels; write one a line")
    return lambda answer: " ".join(answer.split()) in labels


def _pattern_matcher(text: str) -> Matches:
    import regex  # the standard library's cannot be stopped, and while it runs nothing else does

    if not text.strip():
        raise InputError("there is no pattern; write a regular expression")
    try:
        pattern = regex.compile(text, regex.DOTALL)
    except regex.error as error:
        raise InputError(f"{text} is not a regular expression: {error}") from error
    return lambda answer: _in_time(lambda: pattern.fullmatch(answer, timeout=SECONDS, concurrent=True))


def _in_time(match: Callable[[], object]) -> bool:
    try:
        return match() is not None
    except TimeoutError:
        return False


def _json_matcher(text: str) -> Matches:
    validator = _validator(_schema(text))

    def matches(answer: str) -> bool:
        fenced = _FENCED.fullmatch(answer)
        try:
            return validator.is_valid(_parsed(fenced[1] if fenced else answer))
        except (ValueError, RecursionError):  # no JSON, or brackets in brackets without end
            return False

    return matches


def _schema(text: str) -> dict[str, Any]:
    """Raises InputError where it is not JSON, not a schema, or rests on what is not in it."""
    from jsonschema import SchemaError

    try:
        schema = _parsed(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"the schema is not JSON: {error.msg} in {place}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"the schema is not JSON: {error}") from error
    if not isinstance(schema, dict):
        raise InputError('the schema is not an object, like {"type": "object"}')
    try:
        _draft(schema).check_schema(schema)
    except SchemaError as error:
        place = error.json_path.removeprefix("$").removeprefix(".") or "its beginning"
        raise InputError(f"the schema is not valid at {place}: {error.message}") from error
    _check_references(schema)
    return schema


def _check_references(schema: dict[str, Any]) -> None:
    from jsonschema_specifications import REGISTRY
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import specification_with

    resource = specification_with(_draft(schema).META_SCHEMA["$schema"]).create_resource(schema)
    registry = REGISTRY.with_resource(resource.id() or "", resource).crawl()
    resolver = registry.resolver_with_root(resource)
    for reference in _references(schema):
        try:
            resolver.lookup(reference)
        except Unresolvable as error:
            raise InputError(
                f"the schema refers to {reference}, which is not in it, and nothing is fetched; put it into "
                "the schema under $defs"
            ) from error


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _validator(schema: dict[str, Any]) -> Any:
    from jsonschema import ValidationError
    from jsonschema.validators import extend
    from jsonschema_specifications import REGISTRY

    def pattern(validator: Any, text: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        if validator.is_type(value, "string") and not _searched(text, value):
            yield ValidationError(f"{value!r} does not match {text!r}")

    # A registry that knows the standard's own schemas and cannot fetch: jsonschema's default can.
    return extend(_draft(schema), {"pattern": pattern})(schema, registry=REGISTRY)


def _searched(pattern: str, text: str) -> bool:
    import regex

    return _in_time(lambda: regex.search(pattern, text, timeout=SECONDS, concurrent=True))


def _draft(schema: dict[str, Any]) -> Any:
    """The version of the standard that the schema names, or else 2020-12."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    return validator_for(schema, default=Draft202012Validator)


def _parsed(text: str) -> Any:
    """Raises ValueError for what is not JSON; NaN and the infinities are not."""
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
