"""What deploys the service: Bicep, and the checks that hold it to the code without Azure. Never deployed itself."""
