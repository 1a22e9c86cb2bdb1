"""Look at the interpreter's lock and memory from inside."""

from gilwatch.lock import pending_calls, recursion_limit
from gilwatch.memory import allocated_blocks

__all__ = ["allocated_blocks", "pending_calls", "recursion_limit"]
