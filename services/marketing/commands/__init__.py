"""Everything that marketing can be told: the command, and the function that obeys or refuses."""
