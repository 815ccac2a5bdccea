"""What is kept how long: its state, pins, rules and deletions, for the API and the command line."""
