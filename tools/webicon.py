"""The icon of web/favicon.svg as PNG, for who asks for no other: browsers at
/favicon.ico, telephones that put the webmail on their first screen.  Drawn here,
point by point, so that no program that reads SVG is needed to build."""
import math
import struct
import zlib

TEAL, WHITE = (0x0A, 0x5A, 0x68), (255, 255, 255)
FLAP = ((7, 11), (16, 18), (25, 11))


def in_box(x, y, left, top, right, bottom, corner):
    """Is the point in the box with round corners?"""
    if not (left <= x <= right and top <= y <= bottom):
        return False
    dx = max(left + corner - x, x - (right - corner), 0)
    dy = max(top + corner - y, y - (bottom - corner), 0)
    return math.hypot(dx, dy) <= corner


def far_from(x, y, a, b):
    """The distance from the line between two points."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    at = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy)
    at = min(1, max(0, at))
    return math.hypot(x - a[0] - at * dx, y - a[1] - at * dy)


def colour(x, y, corner):
    """Of a point on a plane of 32 by 32; None: nothing is there."""
    if not in_box(x, y, 0, 0, 32, 32, corner):
        return None
    body = in_box(x, y, 7, 11, 25, 23, 1) or (7 <= x <= 25 and 11 <= y <= 13)
    if not body or any(far_from(x, y, a, b) <= 1 for a, b in zip(FLAP, FLAP[1:])):
        return TEAL
    return WHITE


def mixed(x, y, step, corner, samples=3):
    """Of a small square at an edge, as red, green, blue and how much is there."""
    points = [(i + 0.5) * step / samples for i in range(samples)]
    found = [c for dy in points for dx in points
             if (c := colour(x + dx, y + dy, corner))]
    n = max(len(found), 1)
    return bytes([*(sum(c[i] for c in found) // n for i in range(3)),
                  255 * len(found) // samples ** 2])


def png(size, corner):
    """With `corner` 0 all of the square is filled, for what rounds it itself."""
    step = 32 / size
    grid = [[colour(x * step, y * step, corner) for x in range(size + 1)]
            for y in range(size + 1)]
    lines = bytearray()
    for y in range(size):
        lines.append(0)
        for x in range(size):
            at = grid[y][x]
            if (at and at == grid[y][x + 1] == grid[y + 1][x]
                    == grid[y + 1][x + 1]):
                lines += bytes([*at, 255])
            else:
                lines += mixed(x * step, y * step, step, corner)

    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data
                + struct.pack(">I", zlib.crc32(name + data)))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(lines), 9)) + chunk(b"IEND", b""))


def icons():
    """(path, type, bytes)"""
    touch = png(180, 0)
    return [("apple-touch-icon-precomposed.png", "image/png", touch),
            ("apple-touch-icon.png", "image/png", touch),
            ("favicon.ico", "image/png", png(32, 7))]
