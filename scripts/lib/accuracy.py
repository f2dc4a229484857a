"""Compares results with what each case must get: accuracy.py EXPECTED.toml RESULTS.jsonl

A wrong accusation: the result fails where the case must not. Missed: the case must fail and the result does
not. Anything else that differs is another code for the same kind of answer.
"""

import json
import sys
import tomllib
from collections import Counter, defaultdict

# Codes that accuse, by check; everything else passes, or leaves the answer to a person.
ACCUSING = {
    "emc.script": "mixed_content blocked_by_csp http_error not_javascript network_error not_executed commented_out absent",
    "emc.beacon": "no_site_id mixed_content blocked_by_csp failed none",
    "emc.site_id": "missing not_a_number mismatch",
    "emc.badge": "hidden covered off_screen too_small invisible_colour label_without_connection absent",
    "links.components": "missing hidden",
    "links.portal": "absent hidden",
    "look.header": "different absent",
    "look.footer": "different absent",
    "site.available": "down",
    "verdict": "fail",
    "outcome": "",
}
RIGHT_SHARE = 0.98


def main(expected_file, results_file):
    with open(expected_file, "rb") as file:
        expected = {site.lower(): wanted for site, wanted in tomllib.load(file).items()}
    with open(results_file, encoding="utf-8") as file:
        results = {result["site"].lower(): result for result in map(json.loads, file)}
    tally = defaultdict(Counter)
    wrong = []
    for site, wanted in expected.items():
        for name, words in wanted.items():
            words = words if isinstance(words, list) else [words]
            found = said(results.get(site), name)
            kind = judge(name, words, found)
            tally[name, words[0]][kind] += 1
            if kind != "right":
                wrong.append((kind, f"{site}: {name} is {found}, not {' or '.join(words)}"))
    print_table(tally)
    for kind, words in sorted(wrong):
        print(f"  {kind}: {words}")
    total = Counter()
    for counts in tally.values():
        total.update(counts)
    share = total["right"] / max(1, total.total())
    print(
        f"{len(expected)} sites, {total.total()} answers: {100 * share:.1f} % right,"
        f" {total['accused']} wrong accusations, {total['missed']} missed, {total['other']} other"
    )
    return 1 if total["accused"] or share < RIGHT_SHARE else 0


def said(result, name):
    if result is None:
        return "no line"
    if name in ("outcome", "verdict"):
        return result[name]
    return next((finding["code"] for finding in result["findings"] if finding["check"] == name), "no finding")


def judge(name, words, found):
    accusing = ACCUSING[name].split()
    if found in words:
        return "right"
    if found in accusing and not any(word in accusing for word in words):
        return "accused"
    if found not in accusing and all(word in accusing for word in words):
        return "missed"
    return "other"


def print_table(tally):
    print(f"{'check':<18} {'expected':<26} {'right':>6} {'accused':>8} {'missed':>7} {'other':>6}")
    for (name, word), counts in sorted(tally.items()):
        numbers = " ".join(
            f"{counts[kind]:>{width}}" for kind, width in (("right", 6), ("accused", 8), ("missed", 7), ("other", 6))
        )
        print(f"{name:<18} {word:<26} {numbers}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
