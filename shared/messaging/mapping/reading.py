"""From the parsed content of a mapping file to its rules; every problem is collected, and reported at once."""

import re
from collections.abc import Mapping
from typing import Any, Final

from shared.messaging import contract, strict_json
from shared.messaging.mapping import expression
from shared.messaging.mapping.expression import Expression
from shared.messaging.mapping.rules import Match, Rule

MAX_RULES: Final = 100
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RULE_KEYS: Final = ("name", "event", "match", "fields")
_MATCH_KEYS: Final = ("type", "properties", "when")


class WrongMapping(ValueError):
    """The file has problems; `args` has a text for each, for the one who wrote the file."""


def rules(content: Any) -> tuple[Rule, ...]:
    """The rules in the content of a file. Raises WrongMapping."""
    reader = _Reader()
    found = reader.rules(content)
    if reader.problems:
        raise WrongMapping(*reader.problems)
    return tuple(found)


class _Reader:
    """Reads what can be read, and notes what can't."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def rules(self, content: Any) -> list[Rule]:
        entries = content.get("rules") if isinstance(content, dict) and set(content) == {"rules"} else None
        if not isinstance(entries, list) or not entries:
            return self._wrong([], "must hold one key, rules, with a list of rules in it")
        if len(entries) > MAX_RULES:
            return self._wrong([], f"has {len(entries)} rules; at most {MAX_RULES} are allowed")
        found = [rule for number, entry in enumerate(entries) if (rule := self._rule(entry, f"rules[{number}]"))]
        names = [rule.name for rule in found]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._wrong(None, f"the name {name} is given to several rules: give each its own")
        return found

    def _rule(self, entry: Any, where: str) -> Rule | None:
        if not isinstance(entry, dict):
            return self._wrong(None, f"{where} must be an object with the keys {', '.join(_RULE_KEYS)}")
        name, event = entry.get("name"), entry.get("event")
        self._unknown(entry, _RULE_KEYS, where)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return self._wrong(None, f"{where}.name is required: letters, digits, '-', '_' and '.', at most 64")
        where = f"{where} ({name})"
        if not isinstance(event, str) or event not in contract.MODELS:
            return self._wrong(None, f"{where}.event must be one of {', '.join(contract.MODELS)}")
        match = self._match(entry.get("match"), f"{where}.match")
        fields = self._fields(entry.get("fields"), event, f"{where}.fields")
        return Rule(name=name, event=event, match=match, fields=fields)

    def _match(self, entry: Any, where: str) -> Match:
        if not isinstance(entry, dict) or not entry:
            return self._wrong(Match(), f"{where} needs at least one of {', '.join(_MATCH_KEYS)}")
        self._unknown(entry, _MATCH_KEYS, where)
        types = entry.get("type", [])
        types = types if isinstance(types, list) else [types]
        if ("type" in entry and not types) or not all(isinstance(each, str) and each for each in types):
            types = self._wrong([], f"{where}.type must be a text or a list of texts")
        properties = entry.get("properties")
        if "properties" in entry and not _are_properties(properties):
            properties = self._wrong(
                None, f"{where}.properties must give names with texts, whole numbers, true or false"
            )
        when = self._expression(entry["when"], f"{where}.when") if "when" in entry else None
        return Match(types=tuple(types), properties=properties, when=when)

    def _fields(self, entry: Any, event: str, where: str) -> Mapping[str, Expression]:
        known = contract.fields(event)
        subject = known[0].split(".")[0]
        if not isinstance(entry, dict) or not any(str(path).startswith(f"{subject}.") for path in entry):
            return self._wrong({}, f"{where} must say where {subject} comes from: give at least one of its keys")
        found = {}
        for path, text in entry.items():
            if path not in known:
                self._wrong(None, f"{where} has {path}, which no {event} has{_meant(str(path), known)}")
            else:
                found[path] = self._expression(text, f"{where}.{path}")
        return {path: each for path, each in found.items() if each is not None}

    def _expression(self, text: Any, where: str) -> Expression | None:
        if not isinstance(text, str) or not text.strip():
            return self._wrong(None, f"{where} must be an expression, as a text: put it into quotes")
        try:
            return expression.read(text)
        except expression.WrongExpression as error:
            return self._wrong(None, f"{where} {error}")

    def _unknown(self, entry: Mapping[Any, Any], known: tuple[str, ...], where: str) -> None:
        for key in entry:
            if key not in known:
                self._wrong(None, f"{where} has {key}, which is not a key: give {', '.join(known)}")

    def _wrong[T](self, instead: T, problem: str) -> T:
        self.problems.append(problem)
        return instead


def _are_properties(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(name, str) and isinstance(each, str | int) for name, each in value.items())
    )


def _meant(path: str, known: tuple[str, ...]) -> str:
    bare = {strict_json.bare(each): each for each in known}
    meant = bare.get(strict_json.bare(path))
    return f": did you mean {meant}?" if meant else f": it has {', '.join(known)}"
