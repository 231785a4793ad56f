"""Clock: lets deadlines pass while nothing else happens."""
