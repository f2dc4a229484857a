"""Runs the robot and watches what it holds: its memory and descriptors, its browsers, their files.

    soak_watch.py SAMPLES.jsonl OUT COMMAND…

Writes a line every few seconds: seconds since the start, finished visits, resident memory and descriptors of the
robot, memory and number of the processes of its session (Chromium's share pages, so PSS), profile folders and
other entries of its temporary folder. The last line says what is left after the end. Exits as the command does.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PERIOD_S = 3.0
# Browsers notice that their robot is gone by the end of a pipe.
END_S = 10.0


def session_of(stat):
    """State and session of a process, from its stat line."""
    fields = stat.rpartition(")")[2].split()
    return fields[0], int(fields[3])


def processes(session):
    """Living processes of a session; Chromium's children stay in it, whoever their parent is."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, of = session_of((entry / "stat").read_text(errors="replace"))
            except OSError:
                continue
            if of == session and state != "Z":
                found.append(int(entry.name))
    return found


def kilobytes(file, key):
    """A figure of a file of /proc such as `Pss:  120 kB`; 0 for a process that ended."""
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith(key):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def descriptors(pid):
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def finished_visits(out):
    return sum(1 for _ in out.glob("runs/*/sites/*/visit-*/bagit.txt"))


def sample(robot, out, temporary, began):
    others = [pid for pid in processes(robot) if pid != robot]
    entries = os.listdir(temporary)
    return {
        "at_s": round(time.monotonic() - began, 1),
        "visits": finished_visits(out),
        "robot_kb": kilobytes(f"/proc/{robot}/status", "VmRSS:"),
        "robot_peak_kb": kilobytes(f"/proc/{robot}/status", "VmHWM:"),
        "robot_descriptors": descriptors(robot),
        "browsers_kb": sum(kilobytes(f"/proc/{pid}/smaps_rollup", "Pss:") for pid in others),
        "browser_processes": len(others),
        "profiles": sum(name.startswith("emc-audit-profile-") for name in entries),
        "temporary_entries": len(entries),
    }


def left(robot, temporary):
    """What is there after the end, when everything had its time to go."""
    deadline = time.monotonic() + END_S
    while processes(robot) and time.monotonic() < deadline:
        time.sleep(0.1)
    return {"end": True, "processes": len(processes(robot)), "temporary": sorted(os.listdir(temporary))}


def main(samples, out, command):
    out = Path(out)
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary, open(samples, "w", encoding="utf-8") as lines:
        began = time.monotonic()
        robot = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=dict(os.environ, TMPDIR=temporary),
        )

        def note(line):
            print(json.dumps(line), file=lines, flush=True)

        try:
            while robot.poll() is None:
                note(sample(robot.pid, out, temporary, began))
                try:
                    robot.wait(PERIOD_S)
                except subprocess.TimeoutExpired:
                    pass
        finally:
            # Whoever ends the soak does not want its robot to go on.
            robot.terminate()
            status = robot.wait()
        note(left(robot.pid, temporary))
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
