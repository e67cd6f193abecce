"""Reprise: re-run the experiments of papers and judge their claims one by one.

Importing this package is cheap: every heavy dependency (torch, faiss, the JVM, pandas) is
imported inside the functions that need it.
"""

from reprise.jvm import leave_stack_alone

__version__ = "0.1.0"

leave_stack_alone()
