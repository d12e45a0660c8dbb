"""What the command line's words do: one module for each kind of work; each function answers the exit code."""
