"""Removing libpython from a module's needed libraries, alone or inside a wheel."""
