"""What CMake's commands do to a walk: to its variables, and to the targets of the model."""
