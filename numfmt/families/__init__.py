"""What a format is: frozen dataclasses, and nothing about rounding."""
