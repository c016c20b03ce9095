"""Emulated neighbours of the service, for tests and local runs: Service Bus, Microsoft Graph and the managed-identity endpoint.

They know the published protocols and nothing of the service: an emulator that shared its parsing would agree with its mistakes.
"""
