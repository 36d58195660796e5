"""Features made from cached flow, one method per file: pure functions on arrays."""
