"""messaging: what a message is, what its body means, and how it is settled. Pure; knows nothing of azure-servicebus or Graph."""
