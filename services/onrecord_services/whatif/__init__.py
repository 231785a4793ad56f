"""What-if: the comparison spread over processes, and what is told of it."""
