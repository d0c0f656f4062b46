"""Registry: the women of the programme, their households and their home businesses."""
