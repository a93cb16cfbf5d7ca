"""How a turned piece of pottery is drawn: outline, pattern, light and shade, handle and lip.

A piece is its profile, turned round an upright axis. Lengths are pixels of the finished picture, measured
from the foot of the piece; drawn is `SCALE` times as large, so that edges are smooth once it is brought down.
This module does not know which products there are.
"""

from collections.abc import Callable, Sequence
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

SCALE = 3
MIDDLE, TABLE = 225, 405  # where the foot of a piece stands in the picture
TILT = 0.16  # how flat circles look from the side

Point = tuple[float, float]
Profile = Sequence[Point]
"""(height, radius) from the top down."""


def draw_turned(canvas: Image.Image, profile: Profile, colour: str) -> None:
    """The outline of a piece in one colour."""
    ImageDraw.Draw(canvas).polygon(scaled(_outline(profile)), fill=colour)


def draw_shade(canvas: Image.Image, profile: Profile, depth: int = 90) -> None:
    """Light from the left: a dark right side and a bright streak, both within the outline."""
    within = Image.new("L", canvas.size)
    ImageDraw.Draw(within).polygon(scaled(_outline(profile)), fill=255)
    right = [(0.42 * r, y) for y, r in profile] + [(1.3 * r, y - 24) for y, r in reversed(profile)]
    draw_soft(canvas, "#1b1410", placed(right), depth, 14, within)
    middle = profile[len(profile) // 6 : -len(profile) // 4 or None]
    streak = [(-0.66 * r, y) for y, r in middle] + [(-0.5 * r, y) for y, r in reversed(middle)]
    draw_soft(canvas, "white", placed(streak), depth + 40, 5, within)


def draw_opening(canvas: Image.Image, profile: Profile, rim: str, inside: str) -> None:
    """What is seen of the inside from above."""
    height, radius = profile[0]
    at = placed([(0, height)])[0]
    draw = ImageDraw.Draw(canvas)
    draw.polygon(scaled(ellipse(at, radius, radius * TILT)), fill=rim)
    draw.polygon(scaled(ellipse(at, radius - 6, (radius - 6) * TILT - 1)), fill=inside)


def draw_handle(canvas: Image.Image, profile: Profile, colour: str) -> None:
    """On the right; the piece is drawn over its inner half."""
    height = profile[0][0]
    radius = max(r for y, r in profile if y > height / 2)
    box = [(radius - 56, height * 0.85), (radius + 48, height * 0.25)]
    outline = mixed(colour, "black", 0.18)
    ImageDraw.Draw(canvas).ellipse(scaled(placed(box)), outline=outline, width=17 * SCALE)


def draw_lip(canvas: Image.Image, profile: Profile, colour: str) -> None:
    """On the left; the piece is drawn over its inner half."""
    y, radius = profile[0]
    lip = [(-0.3 * radius, y + 9), (-radius - 27, y + 7), (-radius - 12, y - 14), (-radius + 8, y - 40)]
    ImageDraw.Draw(canvas).polygon(scaled(placed(smooth(lip))), fill=colour)


def draw_shadow(canvas: Image.Image, radius: float) -> None:
    """What a piece of this radius throws on the table."""
    draw_soft(canvas, "#2f2822", ellipse((MIDDLE + 22, TABLE + 4), radius + 24, 22), 130, 9)


def draw_soft(
    canvas: Image.Image,
    colour: str,
    outline: Sequence[Point],
    strength: int,
    blur: float,
    within: Image.Image | None = None,
) -> None:
    """A see-through shape (`strength` of 255) whose edge is blurred, kept within a mask if there is one."""
    mask = Image.new("L", canvas.size)
    ImageDraw.Draw(mask).polygon(scaled(outline), fill=strength)
    mask = mask.filter(ImageFilter.GaussianBlur(blur * SCALE))
    canvas.paste(colour, mask=ImageChops.multiply(mask, within) if within else mask)


def smooth(points: Profile, steps: int = 14) -> list[Point]:
    """A curve through the points: the spline of Catmull and Rom (1974)."""
    padded = [points[0], *points, points[-1]]
    fours = zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    curve = [
        (_spline(step / steps, *(y for y, _ in four)), _spline(step / steps, *(radius for _, radius in four)))
        for four in fours
        for step in range(steps)
    ]
    return [*curve, points[-1]]


def ellipse(at: Point, width: float, height: float) -> list[Point]:
    """Points around `at`; `width` and `height` are half of what it measures."""
    angles = [2 * pi * step / 120 for step in range(120)]
    return [(at[0] + width * cos(angle), at[1] + height * sin(angle)) for angle in angles]


def placed(points: Sequence[Point]) -> list[Point]:
    """From (right of the middle, above the table) to (from the left, from the top)."""
    return [(MIDDLE + x, TABLE - y) for x, y in points]


def scaled(points: Sequence[Point]) -> list[Point]:
    """From the finished picture to the large one that is drawn on."""
    return [(x * SCALE, y * SCALE) for x, y in points]


def mixed(colour: str, other: str, share: float) -> str:
    """The colour with a share (0 to 1) of another one in it."""
    pairs = zip(ImageColor.getrgb(colour)[:3], ImageColor.getrgb(other)[:3], strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _outline(profile: Profile) -> list[Point]:
    left = [(-radius, y) for y, radius in profile]
    right = [(radius, y) for y, radius in reversed(profile)]
    return placed([*left, *_front(*profile[-1]), *right, *_front(*profile[0])[::-1]])


def _front(height: float, radius: float) -> list[Point]:
    """The half of a circle round the piece that is seen, from left to right."""
    angles = [pi * step / 40 for step in range(41)]
    return [(-radius * cos(angle), height - radius * TILT * sin(angle)) for angle in angles]


def _spline(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def _band(canvas: Image.Image, profile: Profile, colour: str, low: float, high: float) -> None:
    """From one share of the height to another."""
    height = profile[0][0]
    between = [(y, radius) for y, radius in profile if low * height <= y <= high * height]
    draw_turned(canvas, between, colour)


def _rim(canvas: Image.Image, profile: Profile, colour: str) -> None:
    _band(canvas, profile, colour, 0.89, 1.0)


def _foot(canvas: Image.Image, profile: Profile, colour: str) -> None:
    _band(canvas, profile, colour, 0.0, 0.14)


def _belt(canvas: Image.Image, profile: Profile, colour: str) -> None:
    _band(canvas, profile, colour, 0.42, 0.62)


def _stripes(canvas: Image.Image, profile: Profile, colour: str) -> None:
    for step in range(-3, 4):
        side = sin(step * pi / 7.6)
        line = placed([(radius * side, y - radius * TILT * cos(side)) for y, radius in profile[4:]])
        ImageDraw.Draw(canvas).line(scaled(line), fill=colour, width=5 * SCALE, joint="curve")


def _speckles(canvas: Image.Image, profile: Profile, colour: str) -> None:
    chance = Random(7)
    for _ in range(90):
        y, radius = chance.choice(profile[3:])
        side, size = sin(chance.uniform(-1.5, 1.5)), chance.uniform(1.2, 3.2)
        at = placed([(0.95 * radius * side, y - radius * TILT)])[0]
        ImageDraw.Draw(canvas).polygon(scaled(ellipse(at, size, size)), fill=colour)


def _plain(canvas: Image.Image, profile: Profile, colour: str) -> None:
    """Nothing on it."""


PATTERNS: dict[str, Callable[[Image.Image, Profile, str], None]] = {
    "rim": _rim,
    "foot": _foot,
    "belt": _belt,
    "stripes": _stripes,
    "speckles": _speckles,
    "plain": _plain,
}
"""What can be painted on a piece, each in its second colour."""
