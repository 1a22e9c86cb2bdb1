"""ELF and Mach-O files, and the dynamic section, read by offset and size."""
