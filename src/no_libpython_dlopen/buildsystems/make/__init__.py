"""Make and Automake: lexer, expansion, conditions, and the recipes that link a module."""
