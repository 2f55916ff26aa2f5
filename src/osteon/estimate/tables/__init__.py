"""Risk tables: counted from histories, by SQL, or read from another centre; they add up."""
