"""The host's log on standard error: one line each, with the fields that the record carries beside its text."""

import logging
import sys
from typing import Final

from cli import words

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_NOBODY: Final = logging.NullHandler()


class Lines(logging.Formatter):
    """Appends the fields of the host's own records; the application's lines hold theirs in their text already."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's own name
        """The line; a stack that goes with the record comes after it, and so after the fields."""
        line = super().formatMessage(record)
        if not record.name.startswith("devhost"):
            return line
        fields = [f"{name}={words.as_word(value)}" for name, value in vars(record).items() if name not in _STANDARD]
        return " ".join([line, *fields])


def to_nobody() -> None:
    """Keep the service's and the libraries' lines off the terminal of a command, which says itself what is wrong."""
    for name in ("shared", "azure", "httpx"):
        logging.getLogger(name).addHandler(_NOBODY)


def to_standard_error() -> None:
    """Log everything from INFO up to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
