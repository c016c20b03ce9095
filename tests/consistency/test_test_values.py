"""What the tests use for names, serial numbers and tokens has a form that the look at the logs knows (tests/personal.py)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.personal import personal

ROOT = Path(__file__).parents[2]
FILES = [path for folder in ("tests", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
VALUES = {
    "a serial number": ("serialNumber", "serial_number", "SerialNumber", "SERIAL_NUMBER"),
    "a user principal name": ("userPrincipalName", "user_principal_name", "UserPrincipalName"),
    "a token": ("AccessToken", "token", "TOKEN"),
}
NOBODYS = {
    "a serial number": {
        *(
            "to be filled by o.e.m.",
            "a",
            "x",
            "d1",
            "s",
            "sn",
            "another",
            "small 1x",
            "asset.serial",
            "5cg1234äö🚀",
            "s=1",
            "s 1",
        ),
        "[/bold]\x1b[2j",  # what a terminal would obey
    },
    "a user principal name": {"x", "a", "a@x", "anna"},
    "a token": set[str](),
}
"""What stands for no machine and nobody: placeholders, paths of a mapping, and values so short that any text would hold them."""


def given(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every text that is given under a name: to an argument, a key of a dict, a constant, or a call of that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            named = [(_text(key), _text(value)) for key, value in zip(node.keys, node.values, strict=True)]
        elif isinstance(node, ast.Call):
            named = [(each.arg or "", _text(each.value)) for each in node.keywords]
            named += [(_name(node.func), _text(node.args[0]))] if node.args else []
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = [(_name(target), _text(node.value)) for target in targets]
        else:
            continue
        yield from ((name, text) for name, text in named if name and text)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def strangers(kind: str, tree: ast.AST) -> list[str]:
    """The values of a kind whose form is not known."""
    own = [value for name, value in given(tree) if name in VALUES[kind] and value.strip()]
    return [value for value in own if kind not in personal(value) and value.casefold() not in NOBODYS[kind]]


@pytest.mark.parametrize("kind", VALUES)
def test_every_value_of_a_test_has_a_form_that_is_looked_for(kind: str) -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

    found = {str(path.relative_to(ROOT)): values for path, tree in trees.items() if (values := strangers(kind, tree))}

    assert found == {}
    assert sum(name in VALUES[kind] for tree in trees.values() for name, _ in given(tree)) > 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("a serial number", 'send({"device": {"serialNumber": "T-1"}})'),
        ("a serial number", 'device(serial_number="T-1")'),
        ("a user principal name", 'user(user_principal_name="ada")'),
        ("a token", 'core.AccessToken("any", 0)'),
        ("a token", 'TOKEN: Final = "any"'),
    ],
)
def test_a_value_without_such_a_form_is_found(kind: str, text: str) -> None:
    assert len(strangers(kind, ast.parse(text))) == 1
