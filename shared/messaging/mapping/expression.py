"""One JMESPath expression: checked when it is read, bounded when it is evaluated. Knows nothing of rules.

The language has no loops, but a few characters can double a value again and again; so what an evaluation may visit and
make is counted, and the count ends it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import jmespath
from jmespath import visitor
from jmespath.exceptions import JMESPathError, ParseError

from shared.messaging.mapping.functions import ZONED, Functions

MAX_LENGTH: Final = 1000
MAX_DEPTH: Final = 40
MAX_STEPS: Final = 300_000
"""What one message's expressions together may visit and make; some hundred thousand a second are visited."""
_TEXT_STEP: Final = 64
_MAKERS: Final = frozenset(
    {
        "flatten",
        "function_expression",
        "filter_projection",
        "projection",
        "value_projection",
        "multi_select_list",
        "multi_select_dict",
    }
)


class WrongExpression(ValueError):
    """The text is no expression that can be used; the error says why, for the one who wrote it."""


class NotEvaluated(Exception):
    """The expression has no value for this message. The text names no value; the cause may."""


class Budget:
    """The steps that are left for one message."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Take so many; raises NotEvaluated when there are none left."""
        self._left -= steps
        if self._left < 0:
            raise NotEvaluated("the expressions take too many steps for this message")

    def spend_on(self, value: Any) -> None:
        """Take as many as the value has parts, and as its texts are long. Raises NotEvaluated for what is not JSON."""
        waiting = [value]
        while waiting:
            part = waiting.pop()
            self.spend(1)
            match part:
                case str():
                    self.spend(len(part) // _TEXT_STEP)
                case list():
                    self.spend(len(part))
                    waiting += part
                case dict():
                    self.spend(len(part))
                    waiting += part.values()
                case None | bool() | int() | float():
                    pass
                case _:
                    raise NotEvaluated("the expression's value is not JSON")


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression. `text` is as it was written."""

    text: str
    parsed: Any

    def value(self, body: Any, properties: Mapping[str, Any], budget: Budget) -> Any:
        """Its value for a body and the application properties beside it. Raises NotEvaluated."""
        options = visitor.Options(custom_functions=Functions(properties))
        try:
            value = _Interpreter(options, budget).visit(self.parsed, body)
        except NotEvaluated:
            raise
        except Exception as error:  # the library trips over values in many ways; none of them is mended by waiting
            raise NotEvaluated(
                f"the expression cannot be evaluated for this message ({type(error).__name__})"
            ) from error
        budget.spend_on(value)
        return value


def is_true(value: Any) -> bool:
    """As JMESPath has it: null, false, and empty texts, arrays and objects are not."""
    return not (value is None or value is False or value in ("", [], {}))


def read(text: str) -> Expression:
    """The expression in a text. Raises WrongExpression."""
    if len(text) > MAX_LENGTH:
        raise WrongExpression(f"has {len(text)} characters; at most {MAX_LENGTH} are allowed")
    try:
        parsed = jmespath.compile(text).parsed
    except ParseError as error:
        raise WrongExpression(f"is no JMESPath expression: it breaks at column {error.lex_position + 1}") from None
    except JMESPathError:
        raise WrongExpression("is no JMESPath expression: it is empty") from None
    except RecursionError:
        raise WrongExpression(f"is nested more than {MAX_DEPTH} deep") from None
    problem = next(_problems(parsed), None)
    if problem is not None:
        raise WrongExpression(problem)
    return Expression(text, parsed)


def _problems(parsed: Any) -> Iterator[str]:
    """What would fail for every message; only the first counts."""
    waiting = [(parsed, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            yield f"is nested more than {MAX_DEPTH} deep"
        if node["type"] == "function_expression":
            yield from _misuse(node)
        waiting += [(child, depth + 1) for child in node["children"] if isinstance(child, dict)]


def _misuse(call: Any) -> Iterator[str]:
    name, arguments = call["value"], call["children"]
    known = Functions.FUNCTION_TABLE.get(name)
    if known is None:
        yield f"calls {name}(), which is not a function"
        return
    takes, variadic = len(known["signature"]), any(each.get("variadic") for each in known["signature"])
    if len(arguments) < takes or (len(arguments) > takes and not variadic):
        yield f"calls {name}() with {len(arguments)} arguments; it takes {takes}{' or more' if variadic else ''}"
    elif name in ZONED and arguments[1]["type"] == "literal" and not _is_zone(arguments[1]["value"]):
        yield f"calls {name}() with a time zone that is not known: give one such as 'UTC' or 'Europe/Berlin'"


def _is_zone(name: Any) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):  # unknown; a path; no text; a folder of the database
        return False
    return True


class _Interpreter(visitor.TreeInterpreter):
    def __init__(self, options: visitor.Options, budget: Budget) -> None:
        super().__init__(options)
        self._budget = budget

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._budget.spend(1)
        value = super().visit(node, *args, **kwargs)
        if node["type"] in _MAKERS:
            self._budget.spend_on(value)
        return value
