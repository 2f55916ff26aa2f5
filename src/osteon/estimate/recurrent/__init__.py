"""Events that come again until death: mean counts and robust rates."""
