"""Plain counts: proportions, exact tests, person-time rates, descriptions."""
