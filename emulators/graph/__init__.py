"""An emulated Microsoft Graph: the Autopilot device identities, users and `$batch`, and nothing else.

Read tenant (what there is), service (what a request does to it), quota and faults (why it may not), batch and exchange (how
a call runs its course), then app (HTTP) and emulator (the host). Only app and emulator know HTTP; time comes from a Clock.
"""
