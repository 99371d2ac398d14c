"""Correctly rounded elementary functions: exact digits, certified by interval arithmetic."""
