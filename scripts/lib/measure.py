"""Runs a command and measures it: the processor time of the command itself and of everything it started,
whoever outlives whom, and the command's own peak memory.

    measure.py RESULT.json COMMAND…

This process adopts orphans (PR_SET_CHILD_SUBREAPER), so that the time of a process that outlives its
parent is counted like any other. Exits as the command does.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
POLL_S = 0.05
ORPHANS_S = 10.0
TICKS = os.sysconf("SC_CLK_TCK")


def own_cpu_s(pid):
    """User and system time of a process without its children; it may be a zombie."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_memory_kb(pid):
    """The highest resident size so far; none for a zombie."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def reap_orphans():
    """Waits for everything that was adopted; how many were still running after the limit."""
    deadline = time.monotonic() + ORPHANS_S
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        if pid == 0:
            if time.monotonic() > deadline:
                with open("/proc/self/task/%d/children" % os.getpid(), encoding="ascii") as children:
                    return len(children.read().split())
            time.sleep(POLL_S)


def main(result, command):
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("measure.py: this kernel does not let a process adopt orphans")
    began = time.monotonic()
    robot = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    peak_kb = 0
    while not os.waitid(os.P_PID, robot.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
        peak_kb = max(peak_kb, peak_memory_kb(robot.pid))
        time.sleep(POLL_S)
    wall_s = time.monotonic() - began
    robot_cpu_s = own_cpu_s(robot.pid)
    status = robot.wait()
    left_running = reap_orphans()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {
        "wall_s": wall_s,
        "robot_cpu_s": robot_cpu_s,
        "others_cpu_s": used.ru_utime + used.ru_stime - robot_cpu_s,
        "robot_peak_kb": peak_kb,
        "left_running": left_running,
        "status": status,
    }
    with open(result, "w", encoding="utf-8") as file:
        json.dump(measured, file)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
