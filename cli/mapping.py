"""What the rules of a mapping file make of one message, step by step: by the service's own decoder, told to a person."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from cli import events, exits, output, words
from cli import properties as application_properties
from shared import mapping_file
from shared.domain.errors import InvalidMessage
from shared.messaging import cloud_events, contract, strict_json
from shared.messaging.incoming import IncomingMessage
from shared.messaging.mapping.decoding import Decoder, is_ours
from shared.messaging.mapping.expression import Budget, NotEvaluated
from shared.messaging.mapping.rules import Foreign, Rule
from shared.settings import reading
from shared.settings.fields import TABLE

MESSAGE_ID = "the-message-id"
"""Stands for the id that the message will have."""
_SETTING = TABLE["mapping_file"].name


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What became of a message, and why. `rule` is None for a message of the contract itself, and for one that nothing matches."""

    tried: Sequence[Mapping[str, Any]]
    rule: str | None
    fields: Sequence[Mapping[str, Any]]
    event: Mapping[str, Any] | None
    error: str | None
    warnings: Sequence[str] = ()


def rules(path: Path | None) -> tuple[Rule, ...]:
    """The rules in a file, or in the one that the setting names; ends the command if there are none to be had."""
    if path is None:
        name = reading.process_environment().get(_SETTING, "").strip()
        path = mapping_file.locate(name) if name else exits.refuse(f"give --mapping FILE, or set {_SETTING}")
    try:
        return mapping_file.read(path)
    except ValueError as error:
        exits.refuse("\n".join(error.args))


def message(path: Path, properties: Sequence[str]) -> IncomingMessage:
    """The message in a file, with the application properties given as NAME=VALUE; ends the command if it can't be read."""
    given = application_properties.parsed(properties)
    body = events.content_of(path)
    return events.as_message(body, MESSAGE_ID, given)


def event_type(name: str | None) -> str | None:
    """The name of an event, or None for whichever a rule makes; ends the command if there is no such event."""
    if name is not None and name not in contract.MODELS:
        exits.refuse(f"--event must be one of {', '.join(contract.MODELS)}")
    return name


def explained(all_rules: Sequence[Rule], incoming: IncomingMessage, wanted: str | None) -> Explanation:
    """What the service would make of the message. Without a `wanted` event, the first rule that matches decides."""
    try:
        body = strict_json.loads(incoming.body)
    except InvalidMessage as flaw:
        return Explanation(tried=(), rule=None, fields=(), event=None, error=str(flaw))
    foreign = Foreign(body=body, properties=incoming.application_properties)
    budgets = {each: Budget() for each in contract.MODELS}  # one for the message, in whichever queue it comes
    refusals = list(_refusals(all_rules, foreign, wanted, budgets))
    rule = next((rule for rule, refusal in refusals if refusal is None), None)
    kinds = [wanted] if wanted else list(contract.MODELS)
    kind = next((each for each in kinds if is_ours(body, each)), None)
    decided = kind or (rule.event if rule else kinds[0])
    chosen = None if kind else rule
    tried = [_tried(each, refusal, chosen) for each, refusal in refusals]
    fields = _fields(chosen, foreign, budgets[chosen.event]) if chosen else []
    event, error = _decoded(Decoder(tuple(all_rules)), incoming, decided)
    return Explanation(
        tried=tried,
        rule=chosen.name if chosen else None,
        fields=fields,
        event=event,
        error=error,
        warnings=_warnings(incoming, body, kind) if kind else (),
    )


def _warnings(incoming: IncomingMessage, body: dict[str, Any], kind: str) -> Sequence[str]:
    """What a message of the contract itself has that nobody reads, and that looks mistyped."""
    try:
        data = cloud_events.unwrap(body, incoming.application_properties, kind).data
    except InvalidMessage:
        return ()
    return events.nearly_right(data, kind)


def _refusals(
    all_rules: Sequence[Rule], foreign: Foreign, wanted: str | None, budgets: Mapping[str, Budget]
) -> Iterator[tuple[Rule, str | None]]:
    """Why each rule is not for the message, at the cost that the service has: it tries none after the first that matches."""
    matched: set[str] = set()
    for rule in all_rules:
        if wanted not in {None, rule.event}:
            yield rule, f"makes {rule.event}"
            continue
        refusal = rule.match.refusal(foreign, Budget() if rule.event in matched else budgets[rule.event])
        if refusal is None:
            matched.add(rule.event)
        yield rule, refusal


def _tried(rule: Rule, refusal: str | None, chosen: Rule | None) -> Mapping[str, Any]:
    matches = refusal is None
    why = refusal or (
        None if rule is chosen else "an earlier rule" if chosen else "the message is of the contract itself"
    )
    return {"rule": rule.name, "event": rule.event, "matches": matches, "why": why}


def _fields(rule: Rule, foreign: Foreign, budget: Budget) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for path, value in rule.values(foreign, budget):
        failed = isinstance(value, NotEvaluated)
        problem = f"{value.__cause__ or value}" if failed else None
        expression = rule.fields[path].text
        rows.append({"field": path, "value": None if failed else value, "expression": expression, "problem": problem})
    return rows


def _decoded(decoder: Decoder, incoming: IncomingMessage, kind: str) -> tuple[Mapping[str, Any] | None, str | None]:
    try:
        ours, _ = decoder.decoded(incoming, kind)
    except InvalidMessage as error:
        return None, str(error)
    return strict_json.loads(ours.body), None


def show(found: Explanation, *, explain: bool, as_json: bool) -> None:
    """Print the event, or with `explain` all of it; what is wrong, or looks so, goes to standard error."""
    if as_json:
        steps = {"rules": found.tried, "rule": found.rule, "fields": found.fields} if explain else {}
        output.as_json({**steps, "event": found.event, "error": found.error, "warnings": list(found.warnings)})
        return
    if explain and found.tried:
        output.table(
            ["rule", "event", "matches", "why"],
            [{**row, "matches": words.yes_or_no(value=row["matches"])} for row in found.tried],
        )
        if found.fields:
            typer.echo(f"\n{found.rule} gives:")
            rows = [{**row, "value": json.dumps(row["value"], ensure_ascii=False)} for row in found.fields]
            output.table(["field", "value", "problem", "expression"], rows)
        typer.echo("")
    for warning in found.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if found.event is not None:
        output.as_json(found.event)
    else:
        typer.echo(f"InvalidMessage: {found.error}", err=True)
