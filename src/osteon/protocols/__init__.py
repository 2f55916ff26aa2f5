"""Protocol files that come with the package."""
