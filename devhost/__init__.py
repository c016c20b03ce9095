"""Runs a Functions app without the .NET host, by the real worker library, fed from a Service Bus as the host would.

Read errors, worker (the app, through azure-functions-runtime and its stand-in protos), bindings, host_json and connection
(what the app asks for), trigger_metadata, message_body and invocation (a message as the worker sees it), queue_link (the
Service Bus), lock_renewal and listener (one function's messages), host (all of them). Knows nothing of what any app does.
"""
