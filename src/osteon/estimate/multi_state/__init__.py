"""State graphs: occupation, landmarks, panels, transition-specific Cox models."""
