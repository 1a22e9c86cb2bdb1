"""What a process under ``nolibpy run`` does for its parent: the loader's log and the notes."""

#: Names the folder of ``nolibpy run`` in the environment of all processes under it.
FOLDER = "_NOLIBPY_RUN"
#: The file in it that all processes write to.
NOTES = "notes"
