"""unassigning: `offboard unassign`, the one call by hand: which devices, how it is asked, what came of each."""
