"""How well the look is judged: look_report.py LABELS.jsonl RUN OUT

Sets what a run found against the labels. Portals and templates are divided into two halves by a hash of their
names, so that the pages of one design stay together: thresholds are chosen on the first half, and the second
says how good they are. The ten worst pairs are put into OUT as pictures. Exits 1 when the held-out half is not
good enough, or when any pair that is alike is called different.
"""

import hashlib
import json
import shutil
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

LEAST_ROC_AREA = 0.98
MOST_TO_REVIEW = 0.08
REGIONS = ("header", "footer")
ACCUSING = ("different", "absent")
WORST = 10
# Pages of no half will lie lower than those seen: what alike pairs keep above the thresholds, where it costs nothing.
ROOM_TO_ACCUSE = 0.2
ROOM_TO_REVIEW = 0.1
STEPS = [step / 100 for step in range(30, 96, 2)]


def halves(labels):
    """The groups of each source by the hash of their names, every second one held out."""
    held_out = set()
    for source in sorted({label["source"] for label in labels}):
        groups = {label["group"] for label in labels if label["source"] == source}
        ordered = sorted(groups, key=lambda group: hashlib.sha256(group.encode()).hexdigest())
        held_out.update(ordered[1::2])
    return held_out


def pairs_of(labels, results):
    """One entry for each pair and region."""
    pairs = []
    for label in labels:
        result = results.get(label["site"])
        if result is None or result["outcome"] != "measured":
            print(f"not measured: {label['site']}: {result and result['outcome']}", file=sys.stderr)
            continue
        for region in REGIONS:
            finding = next(found for found in result["findings"] if found["check"] == f"look.{region}")
            measured = finding["measured"]
            pairs.append(
                {**label, "region": region, "label": label[region], "code": finding["code"], "measured": measured}
            )
    return pairs


def roc_area(pairs):
    """How often a pair that is alike scores above one that is not."""
    scored = [(pair["label"], pair["measured"].get("score")) for pair in pairs]
    alike = [score for label, score in scored if label == "alike" and score is not None]
    other = [score for label, score in scored if label == "different" and score is not None]
    if not alike or not other:
        return None
    won = sum((a > b) + 0.5 * (a == b) for a in alike for b in other)
    return won / (len(alike) * len(other))


def kind(label, code):
    if label == "either":
        return "either"
    if code == label or (label == "different" and code == "absent"):
        return "right"
    if code not in ACCUSING and code != "alike":
        return "review"
    return "accused" if label == "alike" else "missed"


def code_by(measured, limits):
    """The code under other thresholds, where nothing but the scores decides."""
    if measured.get("colour") is None or measured.get("cause"):
        return None
    values = [(measured["colour"], limits["colour"]), (measured["layout"], limits["layout"])]
    if any(value < different for value, (different, _) in values):
        return "different"
    return "alike" if all(value >= alike for value, (_, alike) in values) else "borderline"


def cost(pairs, limits):
    """Accusations cost most; among what is left, the thresholds that lie farthest from any alike pair."""
    total = 0.0
    for pair in pairs:
        code = code_by(pair["measured"], limits)
        if code is None or pair["label"] == "either":
            continue
        total += {"accused": 100, "missed": 10, "review": 1, "right": 0}[kind(pair["label"], code)]
        if pair["label"] == "alike":
            for aspect, (different, alike) in limits.items():
                value = pair["measured"][aspect]
                total += 2 * max(0.0, ROOM_TO_ACCUSE - (value - different)) + max(0.0, ROOM_TO_REVIEW - (value - alike))
    return total


def choose(pairs):
    """Thresholds of colour and layout, one after the other until they stay."""
    limits = {"colour": (0.5, 0.8), "layout": (0.5, 0.7)}
    for _ in range(4):
        before = dict(limits)
        for aspect in limits:
            tried = [{**limits, aspect: (low, high)} for low in STEPS for high in STEPS if low < high]
            limits = min(tried, key=lambda one: (cost(pairs, one), one[aspect]))
        if limits == before:
            break
    return limits


def say_half(name, pairs):
    print(f"{name}: {len({pair['group'] for pair in pairs})} portals and templates")
    print(
        f"  {'region':<8} {'pairs':>6} {'ROC area':>9} {'right':>6} {'review':>7} {'accused':>8} {'missed':>7} {'either':>7}"
    )
    good = True
    for region in REGIONS:
        ours = [pair for pair in pairs if pair["region"] == region]
        counts = Counter(kind(pair["label"], pair["code"]) for pair in ours)
        decided = counts.total() - counts["either"]
        area = roc_area(ours)
        share = counts["review"] / max(1, decided)
        shown = f"{area:.4f}" if area is not None else "-"
        print(
            f"  {region:<8} {decided:>6} {shown:>9} {counts['right']:>6} {counts['review']:>4} {100 * share:.0f}%"
            f" {counts['accused']:>7} {counts['missed']:>7} {counts['either']:>7}"
        )
        good &= area is not None and area >= LEAST_ROC_AREA and share <= MOST_TO_REVIEW and not counts["accused"]
    return good


def say_families(pairs):
    table = defaultdict(Counter)
    for pair in pairs:
        table[pair["region"], pair["source"], pair["family"], pair["label"]][pair["code"]] += 1
    print("codes by family, both halves:")
    for (region, source, family, label), codes in sorted(table.items()):
        words = ", ".join(f"{count} {code}" for code, count in codes.most_common())
        print(f"  {region:<7} {source:<5} {family:<19} {label:<10} {words}")


def badness(pair):
    """How far a pair is from its label: 0 for one that could not be better."""
    weight = {"accused": 4, "missed": 3, "review": 2, "right": 1, "either": 0}[kind(pair["label"], pair["code"])]
    score = pair["measured"].get("score")
    if score is None:
        return weight, 0.5
    return weight, 1 - score if pair["label"] == "alike" else score


def put_worst(pairs, run, out):
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.png"):
        old.unlink()
    worst = sorted((pair for pair in pairs if pair["label"] != "either"), key=badness, reverse=True)[:WORST]
    print(f"the {len(worst)} worst pairs, as pictures in {out}:")
    for number, pair in enumerate(worst, start=1):
        picture = run / "sites" / pair["site"] / "look" / f"{pair['region']}.png"
        name = f"{number:02}-{pair['region']}-{pair['label']}-is-{pair['code']}-{pair['site'].split('.')[1]}-{pair['family']}.png"
        if picture.is_file():
            shutil.copyfile(picture, out / name)
        measured = pair["measured"]
        print(f"  {name}: score {measured.get('score')}, {measured.get('cause') or measured.get('reason_en', '')}")


def in_force(run):
    with (run / "rules.toml").open("rb") as file:
        rules = tomllib.load(file)
    return rules["version"], rules.get("look", {})


def main(labels_file, run, out):
    run = Path(run)
    labels = [json.loads(line) for line in Path(labels_file).read_text(encoding="utf-8").splitlines()]
    lines = (run / "results.jsonl").read_text(encoding="utf-8").splitlines()
    results = {result["site"]: result for result in map(json.loads, lines)}
    pairs = pairs_of(labels, results)
    held_out = halves(labels)
    first = [pair for pair in pairs if pair["group"] not in held_out]
    second = [pair for pair in pairs if pair["group"] in held_out]
    chosen = choose(first)
    version, look = in_force(run)
    for aspect, (different, alike) in chosen.items():
        print(
            f"{aspect}: chosen on the first half: different below {different:.2f}, alike from {alike:.2f}; in force (rules"
            f" {version}): {look.get(f'{aspect}_different')} and {look.get(f'{aspect}_alike')}"
        )
    say_half("first half, thresholds in force", first)
    good = say_half("held-out half, thresholds in force", second)
    say_families(pairs)
    put_worst(pairs, run, Path(out))
    accused = [pair for pair in pairs if kind(pair["label"], pair["code"]) == "accused"]
    for pair in accused:
        print(f"wrong accusation: {pair['site']}: {pair['region']} is {pair['code']}")
    print("good enough" if good and not accused else "NOT good enough")
    return 0 if good and not accused else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
