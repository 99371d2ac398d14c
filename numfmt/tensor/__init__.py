"""Operations on whole tensors: integer requantisation, and matrix products by exact routes."""
