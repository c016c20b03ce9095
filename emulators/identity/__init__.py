"""An emulated managed-identity endpoint, as App Service has it: GET with a header, and a token comes back.

Read tokens (what it hands out; the emulated Graph reads them), service (what it answers), then emulator (the host).
"""
