"""The language server: the engine's findings in an editor, as a person types.

``view`` turns a document into findings and places of the protocol, and knows nothing of
the library; ``actions`` makes the changes that are offered; ``service`` answers the
editor. Needs pygls (the extra ``server``). May import the engine and everything below.
"""
