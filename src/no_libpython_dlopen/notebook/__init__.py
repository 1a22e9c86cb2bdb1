"""Reading and rewriting Jupyter notebooks without losing a byte of them.

The code cells of a notebook are one Python program to a person, and to the readers:
``source`` joins them to one text and puts a changed text back into the cells; ``cells``
finds the cells' places in the JSON; ``magics`` hides what only IPython understands.
May import ``model`` and everything below.
"""
