"""Pictures of the labelled set of looks, drawn from a seed: emblems and banners as SVG, photographs as PNG."""

import hashlib
import math
import random
import struct
import zlib

EMBLEMS = ("disc", "shield", "flower", "drum")


def rng(*seed):
    """A generator that says the same on every machine: `random` with a string hashes it by itself."""
    return random.Random(int.from_bytes(hashlib.sha256(repr(seed).encode()).digest()[:8], "big"))


def star(x, y, radius, fill):
    points = []
    for step in range(10):
        turn = math.pi * step / 5 - math.pi / 2
        length = radius if step % 2 == 0 else radius * 0.4
        points.append(f"{x + length * math.cos(turn):.1f},{y + length * math.sin(turn):.1f}")
    return f'<polygon points="{" ".join(points)}" fill="{fill}"/>'


def emblem_marks(kind, x, y, size):
    """An emblem as SVG elements, its middle at x, y: in the colours that emblems have, not in the page's."""
    half = size / 2
    if kind == "shield":
        return (
            f'<path d="M{x - half} {y - half}h{size}v{half}q0 {half} {-half} {half}q{-half} 0 {-half} {-half}z"'
            f' fill="#1f5fa8" stroke="#e9c64a" stroke-width="3"/>' + star(x, y - 4, half * 0.5, "#ffd83a")
        )
    if kind == "flower":
        petals = "".join(
            f'<ellipse cx="{x}" cy="{y - half * 0.55}" rx="{half * 0.28}" ry="{half * 0.45}" fill="#e7699a"'
            f' transform="rotate({turn} {x} {y})"/>'
            for turn in range(0, 360, 45)
        )
        return petals + f'<circle cx="{x}" cy="{y}" r="{half * 0.3}" fill="#f5c531"/>'
    if kind == "drum":
        rings = "".join(
            f'<circle cx="{x}" cy="{y}" r="{half * share}" fill="none" stroke="#b07a2a" stroke-width="2"/>'
            for share in (1, 0.8, 0.6, 0.4)
        )
        return rings + star(x, y, half * 0.4, "#d8a13c")
    return (
        f'<circle cx="{x}" cy="{y}" r="{half}" fill="#f4c430"/><circle cx="{x}" cy="{y}" r="{half * 0.88}"'
        f' fill="#d6201f"/>' + star(x, y - half * 0.1, half * 0.55, "#ffe14d")
    )


def emblem(kind, size):
    marks = emblem_marks(kind, size / 2, size / 2, size - 4)
    return f'<svg class="emblem" width="{size}" height="{size}" viewBox="0 0 {size} {size}" role="img" aria-label="Biểu trưng">{marks}</svg>'


def banner(width, height, colours, title, over, kind, place):
    """The whole header as one drawing, emblem and title in it, as most provinces have it."""
    text = colours["ink"]
    x = {"left": 130, "centre": width / 2, "right": width - 130}[place]
    anchor = {"left": "start", "centre": "middle", "right": "end"}[place]
    mark_x = {"left": 70, "centre": width / 2 - 18 * len(title) / 2 - 70, "right": width - 70}[place]
    draw = rng("banner", title, height)
    hills = " ".join(f"{at},{height - draw.randint(4, height // 3)}" for at in range(0, width + 1, width // 9))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" preserveAspectRatio="none">
<defs><linearGradient id="g" x1="0" x2="1"><stop offset="0" stop-color="{colours["ban"]}"/><stop offset="1" stop-color="{colours.get("ban2", colours["ban"])}"/></linearGradient></defs>
<rect width="{width}" height="{height}" fill="url(#g)"/>
<polygon points="0,{height} {hills} {width},{height}" fill="{text}" opacity="0.12"/>
{emblem_marks(kind, mark_x, height / 2, height * 0.7)}
<text x="{x}" y="{height * 0.4}" font-family="Arial" font-size="{height * 0.15:.0f}" fill="{text}" text-anchor="{anchor}">{over}</text>
<text x="{x}" y="{height * 0.68}" font-family="Arial" font-weight="bold" font-size="{height * 0.25:.0f}" fill="{text}" text-anchor="{anchor}">{title.upper()}</text>
</svg>"""


def skyline(width, height, ground, figure, seed):
    """Houses and hills along the lower edge: what many footers stand before."""
    draw = rng("skyline", seed)
    marks, x = [], 0
    while x < width:
        step, tall = draw.randint(24, 70), draw.randint(20, height // 2)
        marks.append(f'<rect x="{x}" y="{height - tall}" width="{step - 6}" height="{tall}"/>')
        x += step
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' preserveAspectRatio="none"><rect width="{width}" height="{height}" fill="{ground}"/>'
        f'<g fill="{figure}" opacity="0.35">{"".join(marks)}</g></svg>'
    )


def pattern(ground, figure):
    """A tile of rings, as on bronze drums, hardly stronger than its ground."""
    rings = "".join(f'<circle cx="60" cy="60" r="{radius}"/>' for radius in (14, 28, 42, 56))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="120"><rect width="120" height="120" fill="{ground}"/>'
        f'<g fill="none" stroke="{figure}" stroke-opacity="0.16" stroke-width="2">{rings}</g></svg>'
    )


def octaves(draw, columns, rows):
    """Smooth noise from 0 to 1: three grids of random heights laid over one another."""
    sums = [[0.0] * columns for _ in range(rows)]
    for cell, share in ((columns // 4, 0.5), (columns // 12, 0.3), (columns // 40, 0.2)):
        wide, high = columns // cell + 2, rows // cell + 2
        grid = [[draw.random() for _ in range(wide)] for _ in range(high)]
        for y in range(rows):
            top, down = divmod(y, cell)
            down /= cell
            upper, lower = grid[top], grid[top + 1]
            for x in range(columns):
                left, right = divmod(x, cell)
                right /= cell
                above = upper[left] + (upper[left + 1] - upper[left]) * right
                below = lower[left] + (lower[left + 1] - lower[left]) * right
                sums[y][x] += share * (above + (below - above) * down)
    return sums


def photograph(seed, columns=340, rows=75, strength=26):
    """A landscape with sky, hills, fields and grain; the browser stretches it."""
    draw = rng("photo", seed)
    noise = octaves(draw, columns, rows)
    sky, hill, field = (
        tuple(draw.randint(*span) for span in spans)
        for spans in (
            ((90, 190), (140, 210), (190, 250)),
            ((30, 110), (70, 130), (40, 110)),
            ((60, 190), (110, 190), (30, 100)),
        )
    )
    raw = bytearray()
    for y in range(rows):
        raw.append(0)
        for x in range(columns):
            at = y / rows + (noise[y][x] - 0.5) * 0.5
            base = sky if at < 0.35 else hill if at < 0.62 else field
            light = (noise[y][x] - 0.5) * 110
            raw += bytes(max(0, min(255, int(value + light + draw.gauss(0, strength)))) for value in base)
    return png(columns, rows, bytes(raw))


def png(width, height, raw):
    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
