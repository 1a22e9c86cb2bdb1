"""What is known of the world, each thing once: libpython's names, platforms, link references."""
