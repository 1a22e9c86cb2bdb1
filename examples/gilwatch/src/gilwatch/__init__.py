"""Look at the interpreter's lock and memory from inside."""

from gilwatch.lock import holds_gil, pending_calls
from gilwatch.memory import allocated_blocks

__all__ = ["allocated_blocks", "holds_gil", "pending_calls"]
