"""doctor: `offboard doctor`, one check a module; each looks and touches nothing, and says what it found and how to mend it."""
