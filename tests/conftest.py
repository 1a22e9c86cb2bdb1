"""What holds for all tests."""

from __future__ import annotations

import signal

# Whoever runs the tests in the background (``&`` in a script) has them ignore Ctrl-C, and what
# they start inherits that: the tests that interrupt something would wait for nothing.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
