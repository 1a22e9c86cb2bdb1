"""What ``setup.py`` makes extension modules with, and hands to their links."""
