"""Product photos as drawings: a piece of pottery on a table, and beside it a tag that can be read.

A table says of each picture which shape it has, its colours, its pattern, and what stands on the tag. The
same table gives the same bytes with the same version of Pillow: its font and its compression come with it.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from sample_docs.builder.turned import (
    MIDDLE,
    PATTERNS,
    SCALE,
    Profile,
    draw_handle,
    draw_lip,
    draw_opening,
    draw_shade,
    draw_shadow,
    draw_soft,
    draw_turned,
    ellipse,
    mixed,
    placed,
    scaled,
    smooth,
)

WIDTH, HEIGHT = 640, 480
HORIZON = 340  # where the table meets the wall
COLOURS = 256  # of the palette: enough for soft shadows, and a third of the size of full colour

PROFILES: dict[str, Profile] = {
    "jug": [(235, 66), (210, 58), (175, 70), (135, 96), (100, 107), (65, 105), (30, 90), (0, 68)],
    "tall jug": [(310, 50), (270, 43), (215, 50), (160, 68), (110, 82), (70, 85), (30, 76), (0, 62)],
    "mug": [(165, 74), (120, 72), (60, 74), (20, 72), (0, 62)],
    "bowl": [(135, 160), (95, 150), (50, 116), (18, 66), (0, 56)],
    "small bowl": [(115, 104), (80, 104), (40, 86), (14, 52), (0, 48)],
    "tall vase": [(335, 30), (300, 25), (250, 30), (190, 47), (130, 65), (90, 69), (45, 62), (0, 46)],
    "round vase": [(225, 36), (205, 32), (182, 50), (150, 88), (110, 110), (75, 110), (35, 90), (0, 56)],
    "teapot": [(150, 48), (134, 76), (108, 102), (78, 112), (48, 108), (20, 88), (0, 64)],
    "lid": [(186, 6), (178, 24), (162, 46), (148, 50)],
    "knob": [(206, 8), (198, 13), (188, 9), (180, 8)],
    "lamp": [(170, 20), (150, 23), (120, 46), (85, 68), (55, 75), (25, 70), (0, 58)],
    "shade": [(335, 66), (250, 94), (170, 120)],
    "candlestick": [(140, 32), (120, 26), (70, 22), (34, 40), (14, 84), (0, 88)],
    "candle": [(300, 12), (140, 12)],
}


@dataclass(frozen=True)
class Piece:
    """A row of the table; colours are written like "#2f5f9e", the lines of the tag are parted by "/"."""

    file: str
    shape: str
    body: str
    accent: str
    inside: str
    pattern: str
    backdrop: str
    tag: str


def write_picture(table: Path, path: Path) -> None:
    """Draw the row of the table that has the name of the file, as a PNG. Raises ValueError without one."""
    with table.open(encoding="utf-8", newline="") as lines:
        pieces = {row["file"]: Piece(**row) for row in csv.DictReader(lines, delimiter="|")}
    if path.name not in pieces:
        raise ValueError(f"{table} has no row for {path.name}; add one")
    picture = draw(pieces[path.name])
    picture.quantize(COLOURS, Image.Quantize.MEDIANCUT).save(path, optimize=True)


def draw(piece: Piece) -> Image.Image:
    """The finished picture, of `WIDTH` by `HEIGHT` pixels."""
    canvas = _backdrop(piece.backdrop)
    _SHAPES.get(piece.shape, _draw_vessel)(canvas, piece)
    _draw_tag(canvas, piece.tag.split("/"))
    return canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _backdrop(colour: str) -> Image.Image:
    """A wall that is lighter at the top, and a table."""
    down = Image.linear_gradient("L").resize((WIDTH * SCALE, HEIGHT * SCALE))
    wall, light = (Image.new("RGB", down.size, each) for each in (colour, mixed(colour, "white", 0.6)))
    canvas = Image.composite(wall, light, down)
    table = [(-20, HORIZON), (WIDTH + 20, HORIZON), (WIDTH + 20, HEIGHT + 20), (-20, HEIGHT + 20)]
    draw_soft(canvas, mixed(colour, "#6b5a4a", 0.22), table, 255, 2)
    return canvas


def _draw_vessel(canvas: Image.Image, piece: Piece) -> None:
    """A jug, mug, bowl or vase; handle and lip first, since the piece stands before them."""
    profile = smooth(PROFILES[piece.shape])
    draw_shadow(canvas, max(radius for _, radius in profile))
    if piece.shape in ("jug", "tall jug", "mug"):
        draw_handle(canvas, profile, piece.accent if piece.pattern == "foot" else piece.body)
    if piece.shape in ("jug", "tall jug"):
        draw_lip(canvas, profile, piece.accent if piece.pattern == "rim" else piece.body)
    rim = piece.accent if piece.pattern == "rim" else mixed(piece.body, "white", 0.25)
    _draw_painted(canvas, piece, profile)
    draw_opening(canvas, profile, rim, piece.inside)


def _draw_teapot(canvas: Image.Image, piece: Piece) -> None:
    profile = smooth(PROFILES["teapot"])
    draw_shadow(canvas, 130)
    draw_handle(canvas, profile, piece.accent)
    spout = [(-90, 36), (-138, 78), (-160, 140), (-136, 142), (-118, 108), (-84, 96)]
    ImageDraw.Draw(canvas).polygon(scaled(placed(smooth(spout))), fill=mixed(piece.body, "black", 0.1))
    _draw_painted(canvas, piece, profile)
    for name in ("knob", "lid"):
        part = smooth(PROFILES[name])
        draw_turned(canvas, part, piece.accent)
        draw_shade(canvas, part)


def _draw_lamp(canvas: Image.Image, piece: Piece) -> None:
    shade = PROFILES["shade"]
    draw_shadow(canvas, 90)
    draw_soft(canvas, "#fff6d8", ellipse(placed([(0, 250)])[0], 170, 140), 150, 34)
    _draw_painted(canvas, piece, smooth(PROFILES["lamp"]))
    draw_turned(canvas, shade, piece.accent)
    draw_shade(canvas, shade, depth=34)
    draw_opening(canvas, shade, mixed(piece.accent, "black", 0.12), "#fffbe8")


def _draw_candlestick(canvas: Image.Image, piece: Piece) -> None:
    profile, candle = smooth(PROFILES["candlestick"]), PROFILES["candle"]
    draw_shadow(canvas, 100)
    _draw_painted(canvas, piece, profile)
    draw_opening(canvas, profile, piece.accent, piece.inside)
    draw_turned(canvas, candle, "#f4ead2")
    draw_shade(canvas, candle, depth=40)
    flame = [(0, 352), (9, 326), (6, 312), (0, 306), (-6, 312), (-9, 326), (0, 352)]
    brush = ImageDraw.Draw(canvas)
    brush.polygon(scaled(placed(smooth(flame))), fill="#f5a623")
    brush.polygon(scaled(ellipse(placed([(0, 320)])[0], 4, 9)), fill="#fff1b8")


def _draw_painted(canvas: Image.Image, piece: Piece, profile: Profile) -> None:
    draw_turned(canvas, profile, piece.body)
    PATTERNS[piece.pattern](canvas, profile, piece.accent)
    draw_shade(canvas, profile)


def _draw_plate(canvas: Image.Image, piece: Piece) -> None:
    """Seen at a slant from above: ellipses in each other."""
    x, y, flat = MIDDLE, 270, 0.62
    draw_soft(canvas, "#3d3329", ellipse((x + 8, y + 22), 160, 98), 120, 10)
    rings = [(162, mixed(piece.body, "black", 0.16)), (157, piece.body)]
    rings += [(146, piece.accent), (133, piece.body)] if piece.pattern == "ring" else []
    rings += [(107, mixed(piece.body, "black", 0.09)), (102, piece.inside)]
    shapes = [(ellipse((x, y), radius, radius * flat), colour) for radius, colour in rings]
    if piece.pattern == "dots":
        angles = [2 * pi * step / 24 for step in range(24)]
        places = [(x + 131 * cos(angle), y + 131 * flat * sin(angle)) for angle in angles]
        shapes += [(ellipse(at, 7, 4.6), piece.accent) for at in places]
    for outline, colour in shapes:
        ImageDraw.Draw(canvas).polygon(scaled(outline), fill=colour)
    draw_soft(canvas, "white", ellipse((x - 38, y - 22), 46, 20), 90, 12)


_SHAPES: dict[str, Callable[[Image.Image, Piece], None]] = {
    "teapot": _draw_teapot,
    "lamp": _draw_lamp,
    "candlestick": _draw_candlestick,
    "plate": _draw_plate,
}
"""What is more than one turned part, or seen from above; every other shape is a vessel."""


def _draw_tag(canvas: Image.Image, lines: Sequence[str]) -> None:
    """A card with up to three lines on it, the first one larger."""
    left, top, right, bottom = 392, 300, 628, 424
    shadow = [(left + 3, top + 6), (right + 3, top + 6), (right + 3, bottom + 6), (left + 3, bottom + 6)]
    draw_soft(canvas, "#2f2822", shadow, 110, 5)
    brush = ImageDraw.Draw(canvas)
    card = scaled([(left, top), (right, bottom)])
    brush.rounded_rectangle(card, radius=9 * SCALE, fill="#fffdf7", outline="#cdbfa8", width=SCALE)
    for number, line in enumerate(lines):
        size = 19 if number else 23 if len(line) <= 19 else 20  # the longest names would not fit
        font = ImageFont.load_default(size=size * SCALE)
        brush.text(scaled([(left + 16, top + 16 + number * 34)])[0], line, font=font, fill="#2a2522")
