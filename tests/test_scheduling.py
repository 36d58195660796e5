"""However often Snakemake looks at its queue, one timer waits for the next look."""

from __future__ import annotations

import threading
import time

from snakemake.scheduling.job_scheduler import JobScheduler

from mezoo.scheduling import one_timer_at_a_time


class Scheduler:
    """Looks as Snakemake's scheduler does: each look asks for another one."""

    def __init__(self) -> None:
        self._open_jobs, self.looks = threading.Semaphore(0), 0

    def look(self, delay: float) -> None:
        self.looks += 1
        self._schedule_reevalutation(delay)

    def _schedule_reevalutation(self, delay: float) -> None:
        threading.Timer(delay, self._open_jobs.release).start()


def looks_after_twenty_jobs(kind: type[Scheduler]) -> int:
    scheduler = kind()
    for _ in range(20):
        scheduler.look(0.05)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        if scheduler._open_jobs.acquire(timeout=0.01):
            scheduler.look(0.05)
    return scheduler.looks


def test_timers_do_not_multiply():
    class Mended(Scheduler):
        pass

    one_timer_at_a_time(Mended)
    assert 20 < looks_after_twenty_jobs(Mended) <= 20 + 11
    assert looks_after_twenty_jobs(Scheduler) > 60


def test_delays_wait_beside_each_other():
    class Mended(Scheduler):
        pass

    one_timer_at_a_time(Mended)
    scheduler = Mended()
    scheduler.look(0.3)
    scheduler.look(0.01)
    assert scheduler._open_jobs.acquire(timeout=0.2)


def test_the_installed_snakemake_still_has_what_is_mended():
    assert hasattr(JobScheduler, "_schedule_reevalutation")
    one_timer_at_a_time(type("Other", (), {}))
