"""A newsletter publishing system: a folder of Markdown becomes email, text, web and print, and is sent."""

__version__ = "0.1.0"
