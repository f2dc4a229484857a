"""Says in words what measure.py measured of a run: bench_report.py MEASURED.json RESULTS.jsonl"""

import json
import sys
from collections import Counter


def main(measured_file, results_file):
    with open(measured_file, encoding="utf-8") as file:
        measured = json.load(file)
    with open(results_file, encoding="utf-8") as file:
        results = [json.loads(line) for line in file]
    sites = len(results)
    visits = sum(len(result["visits"]) for result in results)
    verdicts = Counter(result["verdict"] for result in results)
    robot, browsers = measured["robot_cpu_s"], measured["others_cpu_s"]
    print(f"{sites / measured['wall_s'] * 60:.0f} sites/min ({sites} sites, {visits} visits in {measured['wall_s']:.1f} s)")
    print(
        f"  processor: {(robot + browsers) / sites:.2f} CPU-s a site"
        f" (robot {robot / sites:.3f}, Chromium {browsers / sites:.2f})"
    )
    print(f"  memory: {measured['robot_peak_kb'] / 1024:.0f} MiB, the robot's own peak")
    print("  verdicts: " + ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common()))
    for result in results:
        if result["verdict"] != "pass":
            causes = [
                f"{finding['check']} {finding['code']}"
                for finding in result["findings"]
                if finding["mandatory"] and finding["status"] not in ("pass", "not_applicable")
            ]
            print(f"    not clean: {result['site']}: {result['outcome']}; {', '.join(causes)}")
    if measured["left_running"]:
        print(f"  LEFT RUNNING: {measured['left_running']} processes")


if __name__ == "__main__":
    main(*sys.argv[1:])
