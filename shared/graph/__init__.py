"""graph: Graph's URLs, paging, errors and throttling; knows nothing of messages and Service Bus.

Read clouds, client (one call with its deadline) and connection (the libraries), then requests, errors, reading and paging
(what is asked and what the answers mean), batch, gathering and exchanging (many as one), budget, permits and pacing (the
quota), snapshot (one scan for all), asking (what a person may choose), autopilot_devices and users (the ports).
"""
