"""Meson: lexer, parser, abstract values, and the interpreter that finds linked modules."""
