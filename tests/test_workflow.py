"""What the user is told when jobs fail: each message once, with a log to look at."""

from __future__ import annotations

import os
import time

from mezoo.workflow import failures


def write_log(path, text, age=0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time.time() - age,) * 2)


def test_only_failed_jobs_of_this_run_are_told(tmp_path):
    began = time.time() - 10
    write_log(tmp_path / "fit/a.log", "12:00:00 fit\nmezoo: 2 of 3 videos failed\n")
    write_log(tmp_path / "fit/b.log", "mezoo: 2 of 3 videos failed\n")
    write_log(tmp_path / "faces/c.log", 'Traceback (most recent call last):\n  File "x"\nKeyError: 1\n\n')
    write_log(tmp_path / "faces/good.log", "mezoo: waiting for another process\n12:00:01 done\n")
    write_log(tmp_path / "faces/empty.log", "")
    write_log(tmp_path / "faces/old.log", "mezoo: long ago\n", age=60)
    assert list(failures(began, tmp_path)) == [
        f"mezoo: KeyError: 1\n    log: {tmp_path}/faces/c.log",
        f"mezoo: 2 of 3 videos failed\n    log: {tmp_path}/fit/a.log and 1 more jobs",
    ]


def test_no_logs_no_words(tmp_path):
    assert list(failures(0, tmp_path / "absent")) == []
