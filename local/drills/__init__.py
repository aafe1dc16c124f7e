"""Drills: trouble that is really started in an embedded AWS, and ended by what the runbook says."""
