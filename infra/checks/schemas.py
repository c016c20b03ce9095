"""Azure's resource types: their properties, as the `azmcp` binary of the msmcp-azure wheel has them, with no network.

One process answers for all types, over the Model Context Protocol on its standard streams: starting it is what takes time. It
has the latest stable version of each type; types that it lacks are written down in `types_by_hand.json`.
"""

import functools
import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import msmcp_azure  # type: ignore[import-untyped]

_BY_HAND: Final = Path(__file__).with_name("types_by_hand.json")
_QUIET: Final = {"AZURE_MCP_COLLECT_TELEMETRY": "false", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
_TOOL: Final = "bicepschema_get"
_PROTOCOL: Final = "2025-03-26"


@dataclass(frozen=True, slots=True)
class Property:
    """What may stand under a key: `type` is a name, `a | b` (with `| string` if more are possible), or ends in `[]`."""

    type: str
    required: bool
    read_only: bool


type Type = Mapping[str, Property]
"""An object's keys; without any, it is a map of whatever keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One resource type in one version. Where the body depends on the resource's name, `bodies` has one for each."""

    version: str
    bodies: tuple[Type, ...]
    types: Mapping[str, Type]


def load(wanted: Iterable[str]) -> dict[str, Schema]:
    """The schemas of these types; a type that nobody knows is left out."""
    names = tuple(sorted(set(wanted)))
    return {name: schema for name in names if (schema := _by_hand().get(name) or _from_azmcp(names).get(name))}


@functools.cache
def _from_azmcp(names: tuple[str, ...]) -> dict[str, Schema]:
    names = tuple(name for name in names if name not in _by_hand())
    binary = next(Path(msmcp_azure.__file__).parent.glob("bin/azmcp*"))
    command = [str(binary), "server", "start", "--tool", _TOOL, "--read-only"]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - the binary of a pinned package
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=_QUIET
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("azmcp has no streams")
        _ask(
            process.stdin,
            process.stdout,
            0,
            "initialize",
            {
                "protocolVersion": _PROTOCOL,
                "capabilities": {},
                "clientInfo": {"name": "infra-check", "version": "1"},
            },
        )
        _send(process.stdin, {"method": "notifications/initialized"})
        found = {}
        for number, name in enumerate(names, start=1):
            call = {"name": _TOOL, "arguments": {"resource-type": name}}
            answer = _ask(process.stdin, process.stdout, number, "tools/call", call)
            schema = _parsed(json.loads(answer["content"][0]["text"]))
            if schema is not None:
                found[name] = schema
        process.stdin.close()
    return found


def _send(stream: IO[str], message: Mapping[str, Any]) -> None:
    stream.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    stream.flush()


def _ask(requests: IO[str], answers: IO[str], number: int, method: str, parameters: Mapping[str, Any]) -> Any:
    _send(requests, {"id": number, "method": method, "params": parameters})
    for line in answers:
        message = json.loads(line)
        if message.get("id") == number:
            return message["result"]
    raise RuntimeError("azmcp ended without an answer")


def _parsed(answer: Mapping[str, Any]) -> Schema | None:
    parts = (answer.get("results") or {}).get("BicepSchemaResult") or []
    root = next((part for part in parts if part["$type"] == "Resource"), None)
    if root is None:
        return None
    body = root["bodyType"]
    return Schema(
        version=root["name"].partition("@")[2],
        bodies=tuple(_type(each) for each in body.get("elements") or [body]),
        types={part["name"]: _type(part) for part in parts if part["$type"] == "Object"},
    )


def _type(part: Mapping[str, Any]) -> Type:
    return {each["name"]: _property(each["type"], each.get("flags") or "") for each in part.get("properties") or []}


def _property(type_: str, flags: str) -> Property:
    return Property(type_, "Required" in flags, "ReadOnly" in flags)


@functools.cache
def _by_hand() -> dict[str, Schema]:
    """`{"TYPE@VERSION": {"": body, "NAME": object}}`, where an object is `{"key": "type"}`, with `key!` for a required one."""
    document = json.loads(_BY_HAND.read_text(encoding="utf-8"))
    found = {}
    for full_name, objects in document["types"].items():
        name, _, version = full_name.partition("@")
        types = {
            title: {key.rstrip("!"): Property(type_, key.endswith("!"), read_only=False) for key, type_ in keys.items()}
            for title, keys in objects.items()
        }
        found[name] = Schema(version=version, bodies=(types.pop(""),), types=types)
    return found
