"""A stand-in for the protobuf classes of the host's FunctionRpc contract, as azure-functions-runtime uses them.

The library takes any namespace of message classes. It needs the numbers of a few enums and to ask which field is set; all
else is a bag of keywords. The library's own bridge to older workers does likewise (workers/r2p2/bridge/protos_adapter.py in
Azure/azure-functions-python-worker).
"""

import json
from types import SimpleNamespace
from typing import Any


class Bag(SimpleNamespace):
    """Any message of the contract: its fields by name."""


class BindingInfo(Bag):
    """Kinds of data and directions, by the numbers of the contract."""

    undefined, string, binary, stream = 0, 1, 2, 3
    out, inout = 1, 2


class StatusResult(Bag):
    """How a request ended, by the numbers of the contract."""

    Failure, Success, Cancelled = 0, 1, 2


class TypedData(Bag):
    """A value: exactly one of the fields string, json, bytes is set."""

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - protobuf's name
        """The name of the field that is set."""
        return next(iter(vars(self)), None)


class ParameterBinding(Bag):
    """An argument of an invocation: its name and its value."""

    def WhichOneof(self, _group: str) -> str:  # noqa: N802 - protobuf's name
        """The name of the field that is set."""
        return "data"


class Protos:
    """The namespace itself. What is not named here is a Bag."""

    BindingInfo = BindingInfo
    StatusResult = StatusResult
    TypedData = TypedData
    ParameterBinding = ParameterBinding

    def __getattr__(self, _name: str) -> type[Bag]:
        return Bag


def request(**content: Bag) -> Bag:
    """Wrap one request as the worker's dispatcher passes it on: by the name of its field in the stream message."""
    return Bag(name=next(iter(content)), request=Bag(**content), properties={"host": "127.0.0.1", "protos": Protos()})


def text(value: str) -> TypedData:
    """A string, sent as it is."""
    return TypedData(string=value)


def as_json(value: Any) -> TypedData:
    """Anything else that JSON can say."""
    return TypedData(json=json.dumps(value))
