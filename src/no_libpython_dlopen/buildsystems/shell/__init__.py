"""Shell scripts and Dockerfiles: lexer, expansion, tests, and the commands they run."""
