"""The mapping file: where it is, and its rules. Knows YAML; what a rule may say is known to shared.messaging.mapping.

What reads it is imported when a file is set, and not before.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from shared.messaging.mapping.decoding import Decoder
    from shared.messaging.mapping.rules import Rule

MAX_BYTES: Final = 256 * 1024
_APPLICATION: Final = Path(__file__).resolve().parents[1]
"""The folder that is deployed: of function_app.py, host.json and `shared`."""


def locate(name: str) -> Path:
    """Where a mapping file is; a relative path starts at the application's folder, wherever the process was started."""
    return _APPLICATION / name


def decoder(name: str) -> "Decoder | None":
    """What decodes by the file's rules; None for no file. Raises WrongMapping, a ValueError with a text for each problem."""
    if not name:
        return None
    from shared.messaging.mapping.decoding import Decoder  # noqa: PLC0415 - most have no mapping file

    return Decoder(read(locate(name)))


def read(path: Path) -> "tuple[Rule, ...]":
    """The rules in a file. Raises WrongMapping, a ValueError whose `args` has a text for each problem."""
    from shared.messaging.mapping import reading  # noqa: PLC0415 - as above

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise reading.WrongMapping(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise reading.WrongMapping(f"{path.name} has more than {MAX_BYTES} bytes")
    try:
        return reading.rules(_parsed(content))
    except reading.WrongMapping as error:
        raise reading.WrongMapping(*(f"{path.name}: {problem}" for problem in error.args)) from None


def _parsed(content: bytes) -> Any:
    import yaml  # noqa: PLC0415 - as above

    from shared.messaging.mapping.reading import WrongMapping  # noqa: PLC0415 - as above

    try:
        text = content.decode("utf-8-sig")
        repeated = list(_repeated_keys(yaml.compose(text, Loader=yaml.SafeLoader)))
        parsed = yaml.safe_load(text)
    except UnicodeDecodeError:
        raise WrongMapping("must be UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise WrongMapping(f"is not YAML: it breaks{where}") from None
    except yaml.YAMLError:
        raise WrongMapping("is not YAML: it has a character that YAML does not allow") from None
    except ValueError:
        raise WrongMapping(
            "has a value that YAML cannot read, such as a date that is none: put it into quotes"
        ) from None
    except RecursionError:
        raise WrongMapping("is nested too deep") from None
    if repeated:
        raise WrongMapping(*repeated)
    return parsed


def _repeated_keys(root: Any) -> Iterator[str]:
    """YAML takes the last of two equal keys without a word, which would drop a field."""
    import yaml  # noqa: PLC0415 - as above

    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias, perhaps of what it is in
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                if key.value in keys:
                    yield f"line {key.start_mark.line + 1} gives {key.value} a second time"
                keys.add(key.value if isinstance(key.value, str) else "")
                waiting.append(value)
