"""How findings are shown: a line each with its mend below it, in colour on a terminal, or JSON."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from cli import output, words
from cli.doctor.findings import Finding, Status

_COLOURS: Final = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}
_WORST_FIRST: Final = (Status.FAIL, Status.WARN, Status.OK)


def as_json(findings: Sequence[Finding]) -> None:
    """One document; its `status` is the worst of all."""
    worst = min((each.status for each in findings), key=_WORST_FIRST.index)
    lines = [
        {"check": each.check, "status": each.status.value, "finding": each.text, "mend": each.mend or None}
        for each in findings
    ]
    output.as_json({"status": worst.value, "checks": lines})


def as_text(findings: Sequence[Finding]) -> None:
    """A line for each, and a last one that counts."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for whole in (True, True, False):
        table.add_column(no_wrap=whole, overflow="fold")
    for each in findings:
        text = Text(words.printable(each.text))
        if each.mend:
            text.append(f"\n-> {words.printable(each.mend)}")
        table.add_row(Text(each.status.value, _COLOURS[each.status]), each.check, text)
    console = output.console()
    output.put(console, table)
    console.print(_sum(findings), soft_wrap=True)


def _sum(findings: Sequence[Finding]) -> str:
    failed, warned = (sum(each.status is status for each in findings) for status in (Status.FAIL, Status.WARN))
    told = [f"{number} {what}" for number, what in ((failed, "failed"), (warned, "to look at")) if number]
    return f"{', '.join(told)}." if told else "All is well."
