"""Everything behind `make check` and `make mutants`, and what the project says of its security."""
