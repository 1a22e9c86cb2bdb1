"""Real source trees, and the verdict on each of their links: ``python -m tests.real``."""
