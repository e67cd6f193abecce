"""What Java must be told before it starts in this process, whoever starts it.

Java puts guard pages a megabyte into the stack of a process's first thread. OpenBLAS on several threads goes
two to five megabytes deep there when it solves a system (`numpy.linalg.solve` from 100 x 100 on), touches
them, and the process ends with a segmentation fault. HotSpot has an option for programs that hold Java inside
them, which leaves the first thread's stack alone; R's rJava starts Java with it for the same reason.

pyjnius reads its options when Java starts, so they are left with it when `reprise` is imported: they hold on
every road then, pyserini's own start too.
"""

from __future__ import annotations

import os

STACK_OPTIONS = ("-XX:+UnlockExperimentalVMOptions", "-XX:+DisablePrimordialThreadGuardPages")


def leave_stack_alone() -> None:
    """Have Java leave the first thread's stack alone when it starts; this starts nothing."""
    try:
        import jnius_config
    except ImportError:  # `reprise doctor` must be able to say that it is missing
        return
    if not jnius_config.vm_running and not leaves_stack_alone():
        jnius_config.add_options(*STACK_OPTIONS)


def leaves_stack_alone() -> bool:
    """Whether the Java of this process was told, or will be, by pyjnius or by the environment.

    >>> import reprise
    >>> leaves_stack_alone()
    True
    """
    import jnius_config

    told = [*jnius_config.get_options(), *os.environ.get("JAVA_TOOL_OPTIONS", "").split()]
    return set(STACK_OPTIONS) <= set(told)
