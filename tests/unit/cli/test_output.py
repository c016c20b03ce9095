import io

import pytest
from rich.console import Console

from cli import output
from cli.demo import script, tables
from cli.demo.watching import Seen

LONG = "a name that is much too long for a narrow terminal, and goes on for a while: assignedToSomeoneElse"


def terminal() -> tuple[io.StringIO, Console]:
    """A terminal of 80 columns, without colours, and what is written on it."""
    stream = io.StringIO()
    return stream, Console(file=stream, width=80, force_terminal=True, color_system=None, markup=False, highlight=False)


def test_nothing_is_folded_and_nothing_padded_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["outcome", "detail", "empty"], [{"outcome": "failed", "detail": LONG}, {"outcome": "unassigned"}])

    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == [f"failed      {LONG}", "unassigned"]
    assert [line.rstrip() for line in lines] == lines


def test_a_table_that_fits_a_terminal_is_one() -> None:
    stream, target = terminal()

    output.table(["outcome", "detail"], [{"outcome": "failed", "detail": "x"}], target)

    assert [line.split() for line in stream.getvalue().splitlines()] == [["outcome", "detail"], ["failed", "x"]]


def test_a_table_that_does_not_fit_a_terminal_is_a_block_for_each_row() -> None:
    stream, target = terminal()

    output.table(["outcome", "detail", "empty"], [{"outcome": "failed", "detail": LONG}], target)

    assert stream.getvalue() == f"outcome  failed\ndetail   {LONG}\n\n"


def test_a_value_is_shown_as_it_is_and_commands_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["serialNumber"], [{"serialNumber": "[/bold]\x1b[2J"}])

    assert capsys.readouterr().out == "serialNumber\n[/bold]\\x1b[2J\n"


@pytest.mark.parametrize("table", [tables.messages, tables.messages_so_far])
def test_the_demos_outcomes_and_reasons_are_whole_at_80_columns(table: type) -> None:
    stream = io.StringIO()
    steps = script.steps("2026-11-22T09:30:00Z")
    seen = [
        Seen(step=step, settlement=step.expected.settlement, copies=0, data={"outcome": step.expected.outcome})
        for step in steps
    ]

    Console(file=stream, width=80).print(table(seen, 80))

    shown = stream.getvalue()
    assert all(step.expected.settlement in shown for step in steps)
    assert all(step.message_id in shown for step in steps)
    assert max(map(len, shown.splitlines())) <= 80


def test_the_demos_devices_are_whole_at_80_columns() -> None:
    stream = io.StringIO()
    (step, *_) = script.steps("2026-11-22T09:30:00Z")
    lines = [
        {
            "autopilotDeviceId": device,
            "outcome": outcome,
            "before": {"userPrincipalName": "adele.vance@contoso.example"},
        }
        for device, outcome in step.expected.devices.items()
    ]

    Console(file=stream, width=80).print(
        tables.devices([Seen(step=step, settlement="", copies=0, data={"devices": lines})], 80)
    )

    assert [line.split()[1] for line in stream.getvalue().splitlines()[1:]] == list(step.expected.devices.values())
    assert stream.getvalue().count("adele.vance ") == len(lines)
