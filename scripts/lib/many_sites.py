"""Makes a large run out of the visits of a small one, for what comes after visiting.

    many_sites.py RUN OUT COUNT

Takes the families of RUN (a portal of the bench and its components), and puts copies of them below OUT/runs, each
copy under hosts and site ids of its own, until there are COUNT sites. The copied bags are
whole: texts are written with the new hosts, pictures are hard links, and the lists of sums are made anew.
Prints the folder of the run that was made, and leaves OUT/list.csv, its sites as an input list.
"""

import csv
import hashlib
import json
import os
import re
import sys
from pathlib import Path

# Files of a visit that may name its host.
TEXTS = {".json", ".jsonl", ".har", ".html"}
INFO = "bag-info.txt"
DECLARATION = "bagit.txt"
MANIFEST = "manifest-sha256.txt"
TAGS = "tagmanifest-sha256.txt"


def families(run, sites):
    """Portals of the bench with their components, as far as everything in them was visited."""
    by_portal = {}
    for listed in sites:
        if (run / "sites" / listed["site"] / "visit-1" / "bagit.txt").is_file():
            by_portal.setdefault(listed.get("portal") or listed["site"], []).append(listed)
    found = []
    for portal, members in by_portal.items():
        members.sort(key=lambda listed: listed["role"] != "portal")
        if members[0]["site"] == portal:
            found.append((portal, members))
    if not found:
        sys.exit(f"many_sites.py: {run} has no portal that was visited")
    return found


class Renaming:
    """A copy has a domain and site ids of its own: `tinh.gov.vn` is `tinh-7.gov.vn` in it, and 20301 is 720301."""

    def __init__(self, portal, copy, member):
        self.pairs = [(portal, portal.replace(".gov.vn", f"-{copy}.gov.vn"))]
        self.pairs += [(str(number), f"{copy}{number}") for number in member["emc_site_ids"]]

    def of(self, text):
        for old, new in self.pairs:
            text = text.replace(old, new)
        return text

    def of_json(self, value):
        return json.loads(self.of(json.dumps(value, ensure_ascii=False)))


def line(payload, path):
    return f"{hashlib.sha256(payload).hexdigest()}  {path}\n"


def copy_bag(source, target, renaming):
    """A bag under another host: texts that name it are written anew, pictures are linked."""
    sums = dict(reversed(one.split("  ", 1)) for one in (source / MANIFEST).read_text(encoding="utf-8").splitlines())
    (target / "data").mkdir(parents=True)
    octets = 0
    for path in sums:
        if Path(path).suffix in TEXTS:
            payload = renaming.of((source / path).read_text(encoding="utf-8", errors="surrogateescape"))
            payload = payload.encode(errors="surrogateescape")
            (target / path).write_bytes(payload)
            sums[path] = hashlib.sha256(payload).hexdigest()
        else:
            os.link(source / path, target / path)
        octets += (target / path).stat().st_size
    info = renaming.of((source / INFO).read_text(encoding="utf-8"))
    info = re.sub(r"(?m)^Payload-Oxum: .*$", f"Payload-Oxum: {octets}.{len(sums)}", info)
    (target / INFO).write_text(info, encoding="utf-8")
    os.link(source / DECLARATION, target / DECLARATION)
    (target / MANIFEST).write_text("".join(f"{total}  {path}\n" for path, total in sums.items()), encoding="utf-8")
    tags = "".join(line((target / tag).read_bytes(), tag) for tag in (INFO, DECLARATION, MANIFEST))
    (target / TAGS).write_text(tags, encoding="utf-8")


def write_list(path, sites):
    columns = ("url", "name", "role", "portal", "agency", "emc_site_id")
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, columns, extrasaction="ignore")
        rows.writeheader()
        rows.writerows({**site, "emc_site_id": ";".join(map(str, site["emc_site_ids"]))} for site in sites)


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
            for member in members[: count - len(sites)]:
                renaming = Renaming(portal, copy, member)
                sites.append(renaming.of_json(member))
                site = sites[-1]["site"]
                for bag in (run / "sites" / member["site"]).glob("visit-*"):
                    copy_bag(bag, target / "sites" / site / bag.name, renaming)
            if len(sites) >= count:
                break
    (target / "list.json").write_text(json.dumps({**listed, "sites": sites, "known": []}, ensure_ascii=False))
    for file in ("run.json", "rules.toml"):
        (target / file).write_bytes((run / file).read_bytes())
    write_list(out / "list.csv", sites)
    print(target)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
