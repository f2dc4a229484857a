"""Says what scripts/bench measured: bench_report.py FOLDER SITES CLEAN.jsonl MIXED.jsonl

FOLDER has one file of measure.py for each thing measured and round: NAME.ROUND.json.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from statistics import median

NAMES = {
    "robot-clean": "emc-audit, clean sites",
    "bare-clean": "bare navigation, clean sites",
    "playwright-clean": "Playwright script, clean sites",
    "robot-mixed": "emc-audit, mixed sites",
    "playwright-mixed": "Playwright script, mixed sites",
}


def figures(folder, sites):
    """By name: sites a minute, and processor seconds a site of the program and of its browsers; medians."""
    found = {}
    for name in NAMES:
        rounds = [json.loads(file.read_text()) for file in sorted(folder.glob(f"{name}.*.json"))]
        if rounds:
            found[name] = {
                "speed": median(60 * sites / one["wall_s"] for one in rounds),
                "own": median(one["robot_cpu_s"] / sites for one in rounds),
                "browsers": median(one["others_cpu_s"] / sites for one in rounds),
                "cpu": median((one["robot_cpu_s"] + one["others_cpu_s"]) / sites for one in rounds),
                "peak": max(one["robot_peak_kb"] for one in rounds) / 1024,
                "rounds": len(rounds),
                "left": sum(one["left_running"] for one in rounds),
            }
    return found


def table(found):
    print(f"{'':32} {'sites/min':>9} {'CPU-s a site':>13} {'its own':>8} {'Chromium':>9} {'peak MiB':>9} {'rounds':>7}")
    for name, one in found.items():
        print(
            f"{NAMES[name]:32} {one['speed']:9.0f} {one['cpu']:13.2f} {one['own']:8.3f}"
            f" {one['browsers']:9.2f} {one['peak']:9.0f} {one['rounds']:7}"
        )
        if one["left"]:
            print(f"  LEFT RUNNING: {one['left']} processes")


def ratios(found):
    def ratio(what, figure, of, to, goal):
        if of in found and to in found:
            print(f"{what}: {found[of][figure] / found[to][figure]:.2f} (goal: {goal})")

    ratio("sites/min, robot to Playwright, clean", "speed", "robot-clean", "playwright-clean", "1.7 at least")
    ratio("CPU, robot to bare navigation, clean", "cpu", "robot-clean", "bare-clean", "2 at most")
    ratio("sites/min, robot to Playwright, mixed", "speed", "robot-mixed", "playwright-mixed", "0.7 at least")


def verdicts(kind, file):
    results = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    visits = sum(len(result["visits"]) for result in results)
    counts = Counter(result["verdict"] for result in results)
    words = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    print(f"{kind}: {len(results)} sites, {visits} visits; {words}")
    if kind == "clean":
        for result in results:
            causes = [
                f"{finding['check']} {finding['code']}"
                for finding in result["findings"]
                if finding["mandatory"] and finding["status"] not in ("pass", "not_applicable")
            ]
            if result["verdict"] != "pass":
                print(f"  not clean: {result['site']}: {result['outcome']}; {', '.join(causes)}")


def main(folder, sites, clean, mixed):
    found = figures(Path(folder), int(sites))
    table(found)
    ratios(found)
    verdicts("clean", Path(clean))
    verdicts("mixed", Path(mixed))


if __name__ == "__main__":
    main(*sys.argv[1:])
