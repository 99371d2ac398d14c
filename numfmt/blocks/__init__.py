"""Blocks of elements that share a scale: quantise, dequantise, scale rules."""
