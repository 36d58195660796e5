"""Keep Snakemake from looking for jobs to start ever more often.

Snakemake 9 starts a timer with every look at its queue, and every timer leads to another look with another timer:
after a thousand jobs it looks a thousand times a second and keeps a core for itself. The timers serve a limit of
jobs per second, for which one that waits is enough.
"""

from __future__ import annotations

import threading
from typing import Any

from snakemake.scheduling.job_scheduler import JobScheduler


def one_timer_at_a_time(scheduler: type[Any] = JobScheduler) -> None:
    """Let a scheduler start a timer only if none with the same delay is waiting.

    Parameters
    ----------
    scheduler : type
        Snakemake's class; one without such timers is left as it is.
    """
    name = "_schedule_reevalutation"  # as Snakemake spells it
    if not hasattr(scheduler, name):
        return
    waiting: set[float] = set()
    lock = threading.Lock()

    def start(self: Any, delay: float) -> None:
        def look() -> None:
            with lock:
                waiting.discard(delay)
            self._open_jobs.release()

        with lock:
            if delay in waiting:
                return
            waiting.add(delay)
        threading.Timer(delay, look).start()

    setattr(scheduler, name, start)
