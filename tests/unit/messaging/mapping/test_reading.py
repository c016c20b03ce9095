from typing import Any

import pytest

from shared.domain import events
from shared.messaging import contract
from shared.messaging.mapping import reading
from shared.messaging.mapping.reading import WrongMapping

LEFT = events.UserOffboarded.TYPE
FIELDS = {"user.userPrincipalName": "mail"}
RULE: dict[str, Any] = {"name": "r", "event": "user.offboarded", "match": {"type": "left"}, "fields": FIELDS}


def problems(*rules: Any) -> list[str]:
    with pytest.raises(WrongMapping) as error:
        reading.rules({"rules": list(rules)})
    return list(error.value.args)


def test_a_rule_is_read_as_it_is_written() -> None:
    match = {"type": ["a", "b"], "properties": {"origin": "hr", "version": 2, "live": True}, "when": "x == 'y'"}

    (rule,) = reading.rules({"rules": [{**RULE, "match": match, "fields": {**FIELDS, "eventId": "id"}}]})

    assert (rule.name, rule.event) == ("r", "user.offboarded")
    assert (rule.match.types, rule.match.properties) == (("a", "b"), match["properties"])
    assert rule.match.when is not None
    assert rule.match.when.text == "x == 'y'"
    assert {path: each.text for path, each in rule.fields.items()} == {
        "user.userPrincipalName": "mail",
        "eventId": "id",
    }


def test_every_problem_is_reported_at_once() -> None:
    wrong = {
        "name": "w",
        "event": "user.offboarded",
        "match": {"when": "a."},
        "fields": {"user.upn": "a", "user.id": 7},
    }

    found = problems(wrong, {**RULE, "event": "user.hired"}, RULE, RULE, 5)

    assert found == [
        "rules[0] (w).match.when is no JMESPath expression: it breaks at column 3",
        f"rules[0] (w).fields has user.upn, which no user.offboarded has: it has {', '.join(contract.fields(LEFT))}",
        "rules[0] (w).fields.user.id must be an expression, as a text: put it into quotes",
        "rules[1] (r).event must be one of user.offboarded, device.retired",
        "rules[4] must be an object with the keys name, event, match, fields",
        "the name r is given to several rules: give each its own",
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "an ümlaut"}, "rules[0].name is required"),
        ({"name": None}, "rules[0].name is required"),
        ({"match": {}}, "(r).match needs at least one of type, properties, when"),
        ({"match": "left"}, "(r).match needs at least one of"),
        ({"match": {"type": []}}, "(r).match.type must be a text or a list of texts"),
        ({"match": {"type": [1]}}, "(r).match.type must be"),
        ({"match": {"properties": {}}}, "(r).match.properties must give names"),
        ({"match": {"properties": {"a": None}}}, "(r).match.properties must give names"),
        ({"match": {"when": True}}, "(r).match.when must be an expression"),
        (
            {"match": {"type": "a", "where": "b"}},
            "(r).match has where, which is not a key: give type, properties, when",
        ),
        ({"fields": {"eventId": "id"}}, "(r).fields must say where user comes from"),
        ({"fields": None}, "(r).fields must say where user comes from"),
        ({"fields": {"user.UserPrincipalName": "mail"}}, "did you mean user.userPrincipalName?"),
        ({"fields": {**FIELDS, "device.serialNumber": "sn"}}, "which no user.offboarded has"),
        ({"fields": {**FIELDS, "dryRun": True}}, "(r).fields.dryRun must be an expression"),
        ({"fields": {**FIELDS, "ticket": ""}}, "(r).fields.ticket must be an expression"),
        ({"when": "a"}, "rules[0] has when, which is not a key"),
    ],
)
def test_each_problem_says_where_it_is_and_what_to_give(change: dict[str, Any], says: str) -> None:
    (found,) = problems({**RULE, **change})

    assert says in found


@pytest.mark.parametrize("content", [None, [], {}, {"rules": []}, {"rules": {}}, {"rules": [RULE], "version": 1}])
def test_a_file_holds_rules_and_nothing_else(content: Any) -> None:
    with pytest.raises(WrongMapping, match="must hold one key, rules"):
        reading.rules(content)


def test_rules_are_not_without_number() -> None:
    with pytest.raises(WrongMapping, match="at most 100"):
        reading.rules({"rules": [RULE] * 101})


def test_a_file_of_as_many_rules_as_are_allowed_is_read() -> None:
    rules = [{**RULE, "name": f"r{number}"} for number in range(reading.MAX_RULES)]

    assert len(reading.rules({"rules": rules})) == reading.MAX_RULES


def test_a_file_that_holds_no_list_of_rules_is_told_what_to_hold() -> None:
    with pytest.raises(WrongMapping) as error:
        reading.rules({})

    assert error.value.args == ("must hold one key, rules, with a list of rules in it",)
