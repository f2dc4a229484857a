"""Holds bags against tools that nobody of this project wrote: the BagIt library of the Library of Congress
and a HAR parser.

    evidence.py BAG…

Prints one JSON object for each bag; ends with a traceback at the first one that a tool refuses.
"""

import json
import sys
from pathlib import Path

import bagit
from haralyzer import HarParser


def checked(folder):
    bag = bagit.Bag(str(folder))
    bag.validate(processes=1)
    har = HarParser.from_file(str(folder / "data/network.har"))
    assert len(har.pages) == 1, f"{len(har.pages)} pages"
    page = har.pages[0]
    timings = ("blocked", "dns", "connect", "send", "wait", "receive")
    for entry in page.entries:
        # Reading each property parses it.
        assert entry.startTime.tzinfo is not None, "a time without a zone"
        assert entry.request.url and entry.request.method, entry
        assert isinstance(entry.response.status, int) and entry.response.mimeType, entry
        assert entry.request.headers is not None and entry.response.headers is not None
        total = sum(max(entry.timings[name], 0) for name in timings)
        assert abs(total - entry.time) < 0.01, f"{entry.request.url}: {total} is not {entry.time}"
    return {
        "bag": str(folder),
        "files": len(bag.entries),
        "agent": bag.info["Bag-Software-Agent"],
        "title": page.title,
        "entries": len(page.entries),
        "statuses": sorted({entry.response.status for entry in page.entries}),
    }


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(json.dumps(checked(Path(path))))
