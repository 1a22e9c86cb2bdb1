#!/bin/sh
# Build the module without make.
set -e
cc -O2 -fPIC -shared imaging.c \
    -o "imaging$(python3-config --extension-suffix)" \
    $(python3-config --includes) $(python3-config --embed --ldflags)
