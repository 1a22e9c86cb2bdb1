"""Setup scripts: the calls that make extension modules, and the lists that are linked to these."""
