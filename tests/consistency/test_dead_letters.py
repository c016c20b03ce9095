"""Each permanent error has a reason, each reason a row in the documentation, and the other way round."""

import re
from pathlib import Path

from cli.dlq import explaining
from shared.domain import errors
from shared.messaging import replays
from shared.messaging.dead_letters import Reason

PAGE = (Path(__file__).parents[2] / "docs" / "dead-letters.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
OF_RECOVERABILITY = {"RetriesExhausted", "SuspiciousScan", "UnexpectedError"}
OF_THE_BROKER = {"MaxDeliveryCountExceeded", "TTLExpiredException"}


def test_every_permanent_error_is_a_reason_and_every_reason_an_error_or_recoverabilitys() -> None:
    of_the_errors = {each for each in vars(errors).values() if isinstance(each, type)}
    names = {
        each.__name__
        for each in of_the_errors
        if issubclass(each, errors.PermanentError) and each is not errors.PermanentError
    }

    assert names | OF_RECOVERABILITY == {reason.value for reason in Reason}


def test_every_reason_has_a_row_that_says_what_to_do_and_whether_to_replay() -> None:
    rows = {reason: cells for reason, *cells in ROW.findall(PAGE)}

    assert set(rows) == {reason.value for reason in Reason} | OF_THE_BROKER
    assert all(len(cell.split()) > 1 or cell.rstrip(".") in {"Yes", "No"} for cells in rows.values() for cell in cells)


def test_what_a_guard_refused_has_the_override_among_what_to_do() -> None:
    without = [reason for reason in replays.OVERRIDABLE if "--override" not in explaining.row(reason).what_to_do]

    assert without == []


def test_the_brokers_reasons_are_told_apart_from_ours() -> None:
    ours, brokers = PAGE.split("## The broker's")

    assert set(re.findall(r"^\| `(\w+)`", brokers, re.MULTILINE)) == OF_THE_BROKER
    assert set(re.findall(r"^\| `(\w+)`", ours, re.MULTILINE)) == {reason.value for reason in Reason}
