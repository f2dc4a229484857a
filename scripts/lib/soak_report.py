"""Says what scripts/soak saw, and exits 1 where the robot did not stay steady.

    soak_report.py SAMPLES.jsonl RESULTS.jsonl SITES
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from statistics import median

WINDOW = 200
PEAK_LIMIT_MIB = 250
# What memory may vary by without being called growth: the pictures of the visits that happen to be open.
GROWTH_MIB = 25
# Hosts of the pages that misbehave.
HOSTILE = ".hostile."


def windows(samples):
    """Samples by the number of visits that were finished, in groups of WINDOW visits."""
    groups = {}
    for one in samples:
        groups.setdefault(one["visits"] // WINDOW, []).append(one)
    return groups


def memory(samples):
    print(f"{'finished visits':>16} {'robot MiB':>10} {'most':>6} {'descriptors':>12} {'Chromium MiB':>13} {'most':>6} {'processes':>10}")
    for number, group in sorted(windows(samples).items()):
        robot = [one["robot_kb"] / 1024 for one in group]
        browsers = [one["browsers_kb"] / 1024 for one in group]
        print(
            f"{number * WINDOW:>9}–{(number + 1) * WINDOW:<6} {median(robot):10.0f} {max(robot):6.0f}"
            f" {max(one['robot_descriptors'] for one in group):12} {median(browsers):13.0f} {max(browsers):6.0f}"
            f" {max(one['browser_processes'] for one in group):10}"
        )


def growth(samples, visits):
    """Difference of the robot's median memory, MiB: the last WINDOW of the first `visits` visits to the second WINDOW.
    What comes after the visits has its own needs; the peak holds for all of it."""
    def of(low, high):
        return median(one["robot_kb"] / 1024 for one in samples if low <= one["visits"] < high)

    return of(visits - WINDOW, visits) - of(WINDOW, 2 * WINDOW)


def speeds(results):
    """Ordinary sites a minute in each window of their first visits, by the times that these began."""
    times = sorted(
        datetime.fromisoformat(result["visits"][0]["at"].replace("Z", "+00:00")).timestamp()
        for result in results
        if result["visits"] and HOSTILE not in result["site"]
    )
    pieces = [times[at : at + WINDOW + 1] for at in range(0, len(times) - WINDOW // 2, WINDOW)]
    return [60 * (len(piece) - 1) / (piece[-1] - piece[0]) for piece in pieces if len(piece) > 1]


def main(samples_file, results_file, sites):
    samples = [json.loads(line) for line in Path(samples_file).read_text(encoding="utf-8").splitlines()]
    end = samples.pop()
    results = [json.loads(line) for line in Path(results_file).read_text(encoding="utf-8").splitlines()]
    visits = max(one["visits"] for one in samples)
    memory(samples)
    grown = growth(samples, sites)
    peak = max(one["robot_peak_kb"] for one in samples) / 1024
    speed = speeds(results)
    print("ordinary sites a minute, by 200 first visits: " + ", ".join(f"{one:.0f}" for one in speed))
    print(f"{visits} visits in {samples[-1]['at_s'] / 60:.1f} min; robot's peak {peak:.0f} MiB, grown by {grown:.0f} MiB")
    print(f"left: {end['processes']} processes, temporary entries {end['temporary']}")
    ordinary = [result for result in results if HOSTILE not in result["site"]]
    passed = sum(result["verdict"] == "pass" for result in ordinary)
    print(f"{len(results)} lines; {passed} of {len(ordinary)} ordinary sites pass")
    wrong = [
        text
        for text, holds in (
            (f"{len(results)} lines for {sites} sites", len({one['site'] for one in results}) == len(results) == sites),
            (f"the robot's memory grew by {grown:.0f} MiB", grown <= GROWTH_MIB),
            (f"the robot's peak is {peak:.0f} MiB", peak <= PEAK_LIMIT_MIB),
            ("something is left behind", not end["processes"] and not end["temporary"]),
            ("it became slower", speed[-1] >= 0.8 * median(speed)),
        )
        if not holds
    ]
    for text in wrong:
        print(f"NOT STEADY: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
