"""What one stage hands to the next: tables, event histories, results, and the protocol."""
