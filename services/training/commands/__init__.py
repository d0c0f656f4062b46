"""Everything that training can be told: the command, and the function that obeys or refuses."""
