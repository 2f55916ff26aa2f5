"""The bootstrap as votes: patients counted again, not copied."""
