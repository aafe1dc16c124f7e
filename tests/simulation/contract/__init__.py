"""What a client must do, wherever it leads: the same tests for the simulation and for others."""
