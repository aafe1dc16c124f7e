"""Everything behind `make check`: the gates, their rules, and the table at their end."""
