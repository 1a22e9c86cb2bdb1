"""Reading Python: which calls open libpython, and what may be written in their place.

``prefilter`` decides on bytes, ``lexer`` on what is code in them, ``tree`` parses, ``flow``
says which binding a name means where it is read, ``evaluate`` which values an expression may
have (one module a kind of expression: ``literals``, ``operators``, ``subscripts``, ``calls``,
``classes``), ``loads`` which calls open libpython, ``hazards`` what a rewrite could change,
``rewrite`` and ``imports`` what is written. ``reader`` makes the facts of it all.
"""
