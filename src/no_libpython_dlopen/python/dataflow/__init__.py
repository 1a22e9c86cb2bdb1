"""Scopes and bindings, reaching definitions, path conditions and the call graph."""
