"""benchmarks: what the service costs, measured against models of Graph and Service Bus; deployed nowhere."""
