import logging
import sys

import pytest

from cli import log_lines, words


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("E-1", "E-1"),
        (7, "7"),
        ("", '""'),
        ("two words", '"two words"'),
        ("a\nb", r'"a\nb"'),
        ("\N{RIGHT-TO-LEFT OVERRIDE}", r'"\u202e"'),
    ],
    ids=["a word", "a number", "nothing", "words", "a line feed", "not printable"],
)
def test_a_value_is_one_word(value: object, word: str) -> None:
    assert words.as_word(value) == word


def test_what_is_not_printable_shows_as_its_escape() -> None:
    assert words.printable("Zoë\x1b[31m\n") == r"Zoë\x1b[31m\n"


def test_one_is_said_as_one() -> None:
    assert [words.counted(number, "row") for number in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_a_key_and_its_value_are_said_in_words() -> None:
    assert [words.label(name) for name in ("reason", "whatToDo", "eventId")] == ["reason", "what to do", "event id"]
    assert words.moment("2026-11-22T12:02:00.123456+02:00") == "2026-11-22 10:02:00"
    assert (words.yes_or_no(value=True), words.yes_or_no(value=False)) == ("yes", "no")


def record(name: str, **fields: object) -> logging.LogRecord:
    return logging.makeLogRecord({"name": name, "levelname": "INFO", "msg": "listener.link_lost", **fields})


def test_a_field_of_the_hosts_records_cannot_forge_a_line() -> None:
    line = log_lines.Lines().format(record("devhost.listener", function="retire", error="gone\nINFO message.settled"))

    assert line.endswith(r' INFO listener.link_lost function=retire error="gone\nINFO message.settled"')


def test_fields_stand_before_a_stack() -> None:
    try:
        raise ValueError("x")  # noqa: TRY301  # a stack to show
    except ValueError:
        line = log_lines.Lines().format(record("devhost.listener", function="retire", exc_info=sys.exc_info()))

    assert line.splitlines()[0].endswith("function=retire")
    assert line.endswith("ValueError: x")


def test_the_applications_lines_hold_their_fields_already() -> None:
    assert log_lines.Lines().format(record("shared.message_log", event="x")).endswith(" INFO listener.link_lost")
