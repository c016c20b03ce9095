import json
import time
from typing import Any

import pytest

from shared.messaging.mapping import expression
from shared.messaging.mapping.expression import Budget, NotEvaluated, WrongExpression

BODY = {"a": {"b": [1, 2, 3]}, "s": "x" * 150_000, "many": [{"n": number} for number in range(20_000)]}
DOUBLING = "|".join(["[@,@][]"] * 20)
ENDLESS = {
    "a list doubled by flattening": f"many|{DOUBLING}",
    "a value doubled by reference, then written": "|".join(["[@,@]"] * 30) + "|to_string(@)",
    "an object doubled": "|".join(["{a:@,b:@}"] * 30) + "|to_string(@)",
    "texts joined again and again": "|".join(["join('',[@,@])"] * 30).replace("join", "s|join", 1),
    "values written again and again": "|".join(["to_string([@,@,@,@])"] * 30),
    "every element with every other": "many|map(&to_string(@), [" + ",".join(["@"] * 100) + "])",
}


def value(text: str, body: Any = BODY, **properties: Any) -> Any:
    return expression.read(text).value(body, properties, Budget())


def test_an_expression_has_the_value_that_jmespath_gives_it() -> None:
    assert value("a.b[?@ > `1`] | [0]") == 2
    assert value("nothing.at.all") is None


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_an_expression_that_would_never_end_is_given_up_soon(text: str) -> None:
    started = time.monotonic()

    with pytest.raises(NotEvaluated):
        value(text)

    assert time.monotonic() - started < 10


def test_a_text_of_megabytes_is_refused_before_it_is_made() -> None:
    with pytest.raises(NotEvaluated) as error:
        value("join(s, many[*].to_string(n))")

    assert str(error.value.__cause__) == "the joined text would be too long"


def test_the_largest_body_is_searched_within_the_budget() -> None:
    body = {"items": [{"id": str(number)} for number in range(10_000)]}
    assert len(json.dumps(body)) > 150_000

    assert value("items[?id == '9999'].id | [0]", body) == "9999"


def test_the_expressions_of_one_message_share_the_steps() -> None:
    budget = Budget(5)
    counted = expression.read("a.c")

    counted.value(BODY, {}, budget)
    with pytest.raises(NotEvaluated, match="too many steps"):
        counted.value(BODY, {}, budget)


@pytest.mark.parametrize(
    ("made", "steps"),
    [(1, 1), (None, 1), ("x" * 63, 1), ("x" * 128, 3), ([1, 2], 5), ({"a": 1, "b": [2]}, 7)],
    ids=["a number", "null", "a short text", "a long text", "an array", "an object"],
)
def test_a_value_costs_a_step_for_each_part_for_each_entry_and_for_each_64_characters(made: Any, steps: int) -> None:
    Budget(steps).spend_on(made)
    with pytest.raises(NotEvaluated, match=r"^the expressions take too many steps for this message$"):
        Budget(steps - 1).spend_on(made)


def test_what_is_no_json_is_called_that() -> None:
    with pytest.raises(NotEvaluated, match=r"^the expression's value is not JSON$"):
        value("&a")


@pytest.mark.parametrize("text", ["a" * 1000, "|".join("a" * 40)], ids=["the longest", "the deepest"])
def test_as_much_as_is_allowed_is_read(text: str) -> None:
    assert expression.read(text).text == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a.", "breaks at column 3"),
        ("a b", "breaks at column 3"),
        ("", "^is no JMESPath expression: it is empty$"),
        ("a[", "no JMESPath expression"),
        ("'open", "no JMESPath expression"),
        ("upper(a)", r"calls upper\(\), which is not a function"),
        ("a[?foo(@)]", r"calls foo\(\)"),
        ("length()", r"calls length\(\) with 0 arguments; it takes 1$"),
        ("length(a, a)", "it takes 1"),
        ("merge()", "it takes 1 or more"),
        ("timestamp(a)", "it takes 2"),
        ("timestamp(a, 'Berlin')", "a time zone that is not known"),
        ("end_of_day(a, '../../etc/passwd')", "a time zone that is not known"),
        ("timestamp(a, '')", "a time zone that is not known"),
        ("a" * 1001, "at most 1000 are allowed"),
        ("(" * 499 + "a" + ")" * 499, "nested more than 40 deep"),
        ("|".join("a" * 41), "nested more than 40 deep"),
        ("!" * 300 + "a", "nested more than 40 deep"),
    ],
)
def test_what_fails_for_every_message_is_refused_when_it_is_read(text: str, says: str) -> None:
    with pytest.raises(WrongExpression, match=says):
        expression.read(text)


def test_a_function_with_any_number_of_arguments_takes_them() -> None:
    assert value("not_null(x, y, `1`)") == 1


@pytest.mark.parametrize(
    "text",
    ["join('-', [s, x])", "s < `1`", "length(x)", "sum(many)", "&a", "not_null(&a)", "[&a]", "a.b[*].[&@]"],
)
def test_what_has_no_value_for_a_message_says_so_and_names_no_value(text: str) -> None:
    with pytest.raises(NotEvaluated) as error:
        value(text, {"s": "Anna", "many": ["Anna"], "a": {"b": [1]}})

    assert "Anna" not in str(error.value)


@pytest.mark.parametrize(("given", "holds"), [(0, True), (1, True), ("x", True), ([0], True), ({"a": 1}, True)])
def test_what_counts_as_true(given: Any, holds: bool) -> None:
    assert expression.is_true(given) is holds


@pytest.mark.parametrize("given", [None, False, "", [], {}])
def test_what_counts_as_false(given: Any) -> None:
    assert not expression.is_true(given)
