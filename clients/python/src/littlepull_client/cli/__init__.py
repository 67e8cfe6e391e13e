"""The command line: `main` reads the arguments, one module for each command, `words` for what they share."""
