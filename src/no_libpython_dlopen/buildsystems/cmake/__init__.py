"""CMake: lexer, syntax tree, conditions, interpreter, and the links and fixes of targets."""
