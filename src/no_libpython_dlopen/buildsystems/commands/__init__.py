"""What make, shell and Dockerfiles share: provenance, paths through branches, command lines."""
