"""Makes a large run out of the visits of a small one, for what comes after visiting.

    many_sites.py RUN OUT COUNT

Takes the families of RUN (a portal of the bench and its components), and puts copies of them below OUT/runs, each
copy under hosts of its own, until there are COUNT sites. Observations are written anew with the new hosts; all
other files of a bag are hard links. The bags are whole: their lists of sums are made anew where they changed.
Prints the folder of the run that was made, and leaves OUT/list.csv, its sites as an input list.
"""

import csv
import hashlib
import json
import os
import sys
from pathlib import Path

OBSERVATION = "data/observation.json"
MANIFEST = "manifest-sha256.txt"
TAGS = "tagmanifest-sha256.txt"


def families(run, sites):
    """Portals of the bench with their components, as far as everything in them was visited."""
    by_portal = {}
    for listed in sites:
        if (run / "sites" / listed["site"] / "visit-1" / "bagit.txt").is_file():
            by_portal.setdefault(listed.get("portal") or listed["site"], []).append(listed)
    return [(portal, members) for portal, members in by_portal.items() if members[0]["site"] == portal]


def renamed(value, old, new):
    """JSON with one domain written instead of another: `tinh.gov.vn` as `tinh-7.gov.vn`, subdomains too."""
    return json.loads(json.dumps(value, ensure_ascii=False).replace(old, new))


def with_sum(text, path, payload):
    """A list of sums with the sum of one file made anew."""
    total = hashlib.sha256(payload).hexdigest()
    lines = (f"{total}  {path}" if line.endswith(f"  {path}") else line for line in text.splitlines())
    return "\n".join(lines) + "\n"


def copy_bag(source, target, old, new):
    """A bag under another host."""
    for file in source.rglob("*"):
        if file.is_file() and file.name not in (MANIFEST, TAGS) and file != source / OBSERVATION:
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, place)
    observation = (source / OBSERVATION).read_text(encoding="utf-8").replace(old, new).encode()
    (target / OBSERVATION).write_bytes(observation)
    manifest = with_sum((source / MANIFEST).read_text(encoding="utf-8"), OBSERVATION, observation).encode()
    (target / MANIFEST).write_bytes(manifest)
    tags = with_sum((source / TAGS).read_text(encoding="utf-8"), MANIFEST, manifest)
    (target / TAGS).write_text(tags, encoding="utf-8")


def write_list(path, sites):
    columns = ("url", "name", "role", "portal", "agency", "emc_site_id")
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, columns, extrasaction="ignore")
        rows.writeheader()
        rows.writerows({**site, "emc_site_id": ""} for site in sites)


def main(run, out, count):
    run, out = Path(run).resolve(), Path(out)
    name = run.name
    target = out / "runs" / name
    (target / "sites").mkdir(parents=True)
    listed = json.loads((run / "list.json").read_text(encoding="utf-8"))
    of_bench = families(run, listed["sites"])
    sites, copy = [], 0
    while len(sites) < count:
        copy += 1
        for portal, members in of_bench:
            new = portal.replace(".gov.vn", f"-{copy}.gov.vn")
            for member in members[: count - len(sites)]:
                sites.append(renamed(member, portal, new))
                site = sites[-1]["site"]
                for bag in (run / "sites" / member["site"]).glob("visit-*"):
                    copy_bag(bag, target / "sites" / site / bag.name, portal, new)
            if len(sites) >= count:
                break
    (target / "list.json").write_text(json.dumps({**listed, "sites": sites, "known": []}, ensure_ascii=False))
    for file in ("run.json", "rules.toml"):
        (target / file).write_bytes((run / file).read_bytes())
    write_list(out / "list.csv", sites)
    print(target)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
