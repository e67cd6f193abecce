"""The site and the generated parts of README.md: what reports hold, put on pages."""
