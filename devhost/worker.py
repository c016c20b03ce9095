"""Loads a Functions app through the real worker library and invokes its functions.

Knows azure-functions-runtime and its global state: one app at a time per process. Knows nothing of Service Bus.
"""

import asyncio
import contextlib
import importlib
import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import azure_functions_runtime as runtime
from azure_functions_runtime import handle_event

from devhost import errors, protos

MODULE = "function_app"
_STOP_SECONDS = 1.0
# The library appends this, and then sys.path, to every import error of the app.
_IMPORT_ADVICE = ". Cannot find module. Please check the requirements.txt"

_library_log = logging.getLogger("azure.functions")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function of the app: its name, the library's id, and its bindings, each a JSON object as text."""

    name: str
    function_id: str
    raw_bindings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationResult:
    """How an invocation ended. The error is "ClassName: text", from the app: not for logs."""

    succeeded: bool
    error_text: str = ""

    @property
    def error_type(self) -> str:
        """The name of the exception's class, which can be logged."""
        return self.error_text.partition(":")[0]


class Worker:
    """A loaded app."""

    def __init__(self, app_dir: Path) -> None:
        self._path = str(app_dir.resolve())
        self.functions: tuple[Function, ...] = ()

    @classmethod
    async def load(cls, app_dir: Path) -> Self:
        """Import the app's function_app.py, as the worker does, and index it.

        Raises WorkerFailed with the text of whatever the import or the indexing raised.
        """
        worker = cls(app_dir)
        if not (app_dir / f"{MODULE}.py").is_file():
            raise errors.WorkerFailed(f"there is no {MODULE}.py in {app_dir}")
        sys.path.insert(0, worker._path)
        importlib.invalidate_caches()
        sys.modules.pop(MODULE, None)  # one that was imported from another folder would be taken for the app
        runtime.start_threadpool_executor()  # before the first request: synchronous functions run there
        try:
            worker.functions = await worker._index()
        except BaseException:
            await worker.unload()
            raise
        return worker

    async def _index(self) -> tuple[Function, ...]:
        with _quiet():
            init = protos.Bag(capabilities={}, function_app_directory=self._path)
            reply = await runtime.worker_init_request(protos.request(worker_init_request=init))
        if reply.result.status != protos.StatusResult.Success:
            raise _failure(reply.result.exception)
        listing = protos.request(functions_metadata_request=protos.Bag())
        found = (await runtime.functions_metadata_request(listing)).function_metadata_results or []
        for metadata in found:
            load = protos.Bag(function_id=metadata.function_id, metadata=metadata)
            await runtime.function_load_request(protos.request(function_load_request=load))
        if not found:
            raise errors.WorkerFailed(f"{MODULE}.py defines no functions")
        return tuple(
            Function(name=one.name, function_id=one.function_id, raw_bindings=tuple(one.raw_bindings)) for one in found
        )

    async def invoke(
        self,
        function: Function,
        *,
        invocation_id: str,
        argument: tuple[str, protos.TypedData],
        trigger_metadata: Mapping[str, protos.TypedData],
        traceparent: str = "",
    ) -> InvocationResult:
        """Call the function with one argument (its parameter's name, its value). What it raises is in the result."""
        name, data = argument
        content = protos.Bag(
            invocation_id=invocation_id,
            function_id=function.function_id,
            input_data=[protos.ParameterBinding(name=name, data=data)],
            trigger_metadata=dict(trigger_metadata),
            trace_context=protos.Bag(trace_parent=traceparent, trace_state="", attributes={}),
            retry_context=protos.Bag(retry_count=0, max_retry_count=0, exception=None),
        )
        reply = await runtime.invocation_request(protos.request(invocation_request=content))
        if reply.result.status == protos.StatusResult.Success:
            return InvocationResult(succeeded=True)
        return InvocationResult(succeeded=False, error_text=reply.result.exception.message)

    async def unload(self) -> None:
        """Forget the app, so that another can be loaded in this process."""
        handle_event._functions._functions.clear()  # noqa: SLF001 - the library has no way to unload
        sys.modules.pop(MODULE, None)
        with contextlib.suppress(ValueError):
            sys.path.remove(self._path)
        try:
            await asyncio.wait_for(asyncio.to_thread(runtime.stop_threadpool_executor), _STOP_SECONDS)
        except TimeoutError:
            _log.warning("worker.thread_still_running")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's own words out of the log while it imports the app: errors come back in its reply.

    It logs an import error with a stack and sys.path, and tells the root logger about HTTP authentication, of all things.
    """

    def is_ours(record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Auth level is not applied")

    root = logging.getLogger()
    root.addFilter(is_ours)
    _library_log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        _library_log.setLevel(logging.WARNING)
        root.removeFilter(is_ours)


def _failure(exception: Any) -> errors.WorkerFailed:
    error_type, _, own_text = str(exception.message).partition(": ")
    own_text = own_text.partition(_IMPORT_ADVICE)[0]
    return errors.WorkerFailed(own_text or error_type, error_type=error_type, stack_trace=exception.stack_trace)
