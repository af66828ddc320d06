"""Pictures for demo products and farms: drawn here, the same for the same seed, 1080 by 810 pixels."""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image

from shortchain.cli.demo_drawing import long_things as long
from shortchain.cli.demo_drawing import made_things as made
from shortchain.cli.demo_drawing import round_things as rnd
from shortchain.cli.demo_drawing import scenes
from shortchain.cli.demo_drawing.clay import Sprite
from shortchain.cli.demo_drawing.land import landscape
from shortchain.cli.demo_drawing.scenes import Pile

SPRITE = 280
Draw = Callable[..., Sprite]
Maker = Callable[[random.Random], Image.Image]

TURNED = (28, 72)
UPRIGHT = (-16, 16)


def picture_for(slug: str, seed: int) -> Image.Image:
    """Draw the picture of a product: 1080 by 810 pixels, RGB.

    A slug that nobody drew gets a crate of green leaves, so that no product is without a picture.
    """
    dice = random.Random(f"{slug}|{seed}")  # noqa: S311 - a drawing
    return PICTURES.get(slug, PICTURES["gewassen-sla"])(dice)


def scene_for(subject: str, seed: int) -> Image.Image:
    """Draw the picture of an enterprise: its land, street or workshop; 1080 by 810 pixels, RGB."""
    return landscape(subject, random.Random(f"{subject}|{seed}"))  # noqa: S311 - a drawing


def _sprites(draw: Draw, dice: random.Random, number: int = 3, /, **about: object) -> list[Image.Image]:
    return [draw(random.Random(dice.random()), SPRITE, **about).image for _ in range(number)]  # noqa: S311


def _crate(draw: Draw, item: int, turn: tuple[float, float] = (-180, 180), close: float = 0.62,
           rows: float = 0.5, **about: object) -> Maker:
    """Say: a crate full of what `draw` draws, each `item` pixels wide."""
    pile = Pile(round(item * 1.12), turn, close, rows)
    return lambda dice: scenes.crate(_sprites(draw, dice, **about), pile, dice)


def _punnet(draw: Draw, item: int, turn: tuple[float, float] = (-180, 180), close: float = 0.62,
            rows: float = 0.5, trays: int = 2, **about: object) -> Maker:
    """Say: cardboard trays of what `draw` draws."""
    pile = Pile(item, turn, close, rows)
    return lambda dice: scenes.punnet(_sprites(draw, dice, **about), pile, dice, count=trays)


def _shelf(draw: Draw, width: int = 640, count: int = 3, **about: object) -> Maker:
    """Say: some of it side by side on a plank."""
    return lambda dice: scenes.shelf(_sprites(draw, dice, 3, **about), dice, width=width, count=count)


def _board(draw: Draw, width: int, spots: tuple[tuple[float, float], ...], turn: tuple[float, float] = (-12, 12),
           **about: object) -> Maker:
    """Say: a few on a chopping board."""
    return lambda dice: scenes.board(_sprites(draw, dice, 3, **about), dice, width=width, spots=spots, turn=turn)


def _mixed(parts: dict[str, tuple[Draw, float, dict[str, object]]], item: int, *, in_trays: bool,
           close: float = 0.5, rows: float = 0.42, upright: bool = False) -> Maker:
    """Say: several things mixed, each at its own share of the size."""

    def make(dice: random.Random) -> Image.Image:
        sprites: list[Image.Image] = []
        for draw, share, about in parts.values():
            sprites += made.scaled(_sprites(draw, dice, 2, **about), share)
        pile = Pile(item, (-35, 35) if upright else (-180, 180), close, rows)
        return scenes.punnet(sprites, pile, dice) if in_trays else scenes.crate(sprites, pile, dice)

    return make


POTATO = {"colour": "c9a063", "second": "a67f48", "rough": 0.05, "wide": 0.45, "high": 0.36, "specks": "7d5a30",
          "count": 40, "grain": 0.6}
LEAFY = {"close": 0.34, "rows": 0.3}
ONE = ((0.5, 0.5),)
TWO = ((0.36, 0.44), (0.62, 0.58))
THREE = ((0.3, 0.42), (0.68, 0.4), (0.5, 0.64))

BOX_OF_VEGETABLES = {
    "cabbage": (rnd.cabbage, 1.0, {"colour": "5f9a4a", "vein": "cfe0a4", "crinkle": 1.2}),
    "carrot": (long.root, 0.95, {"colour": "e8762a", "under": "d9601f"}),
    "leek": (long.leek, 1.15, {}),
    "potato": (rnd.ball, 0.6, POTATO),
    "onion": (rnd.onion, 0.62, {}),
    "beet": (rnd.beet, 0.62, {}),
}
BOX_OF_FRUIT = {
    "apple": (rnd.apple, 1.0, {}), "pear": (rnd.pear, 1.08, {}),
    "walnut": (rnd.walnut, 0.55, {}), "plum": (rnd.berry, 0.62, {"colour": "5b2a55", "bloom": 110}),
}

PICTURES: dict[str, Maker] = {
    # potatoes, onions, roots
    "aardappel": _crate(rnd.ball, 175, **POTATO),
    "nieuwe-aardappel": _crate(rnd.ball, 112, **{**POTATO, "colour": "dcb979", "second": "bd955a", "count": 12, "grain": 0.35}),
    "zoete-aardappel": _crate(long.gourd, 270, TURNED, 0.42, 0.34, colour="b5583f", under="8f3f36", wide=0.18, cap="", gloss=70),
    "ui": _crate(rnd.onion, 165),
    "sjalot": _crate(rnd.onion, 140, skin="b56a4a", slim=0.68),
    "look": _crate(rnd.garlic, 170),
    "prei": _crate(long.leek, 520, UPRIGHT, 0.15, 0.42),
    "wortel": _crate(long.root, 330, TURNED, 0.27, 0.26, colour="e8762a", under="d9601f"),
    "bussel-wortel": _crate(long.bunched, 380, UPRIGHT, 0.52, 0.44, colour="ee7d2b"),
    "rode-biet": _crate(rnd.beet, 205),
    "pastinaak": _crate(long.root, 340, TURNED, 0.29, 0.27, colour="efe0bd", under="e0cfa0", wide=0.15, green="9aa85a"),
    "schorseneer": _crate(long.root, 470, (38, 62), 0.14, 0.13, colour="55443a", under="3a2d26", wide=0.045, blunt=0.02, green="", grain=0.9),
    "aardpeer": _crate(rnd.ball, 125, colour="c49a72", second="9a6f4f", rough=0.13, wide=0.42, high=0.3, grain=0.7, gloss=40),
    "raap": _crate(rnd.beet, 190, top="a04f86", under="efe6dc", stems="7f9c4a"),
    "radijs": _crate(long.bunched, 370, UPRIGHT, 0.5, 0.42, colour="cf2a55", feather=False, radish=True),
    "rammenas": _crate(rnd.beet, 215, top="3a3033", under="1f191b", stems="7f9c4a"),
    "knolselder": _crate(rnd.celeriac, 265),
    # leaves and stalks
    "witloof": _crate(long.chicory, 310, TURNED, 0.34, 0.3),
    "grondwitloof": _crate(long.chicory, 280, (20, 80), 0.34, 0.3),
    "andijvie": _crate(long.rosette, 330, colour="4f8f3a", heart="e9e7a0", frill=0.18),
    "kropsla": _crate(long.rosette, 310, colour="7fb544", heart="e6e69a"),
    "paksoi": _crate(long.rosette, 290, colour="3f7f3c", heart="d9e6a8", rings=3, rib="f4f4e4"),
    "veldsla": _crate(long.rosette, 135, colour="3f8a3a", heart="8fbf5a", rings=2, frill=0.03),
    "spinazie": _crate(long.leaf, 190, (-180, 180), **LEAFY, colour="2f7a35"),
    "snijbiet": _crate(long.leaf, 370, UPRIGHT, 0.24, 0.4, colour="2f7a35", stem="d92b6a", vein="d92b6a", wide=0.24, crinkle=1.0),
    "winterpostelein": _crate(long.leaf, 120, (-180, 180), **LEAFY, colour="6fae4a", wide=0.3, long=0.6),
    "rucola": _crate(long.leaf, 190, (-180, 180), **LEAFY, colour="3f8a35", lobes=4, wide=0.17),
    "selder": _crate(long.stalk, 560, (-9, 9), 0.1, 0.5, top="9fc45a", under="dfe8b8", wide=0.07, ribs=4),
    "venkel": _crate(rnd.onion, 250, UPRIGHT, skin="dfe8c4", slim=1.05),
    "asperge": _crate(long.stalk, 520, (50, 64), 0.1, 0.1, top="f2ecd8", under="efe4c8", tip=True, ribs=0),
    "rabarber": _crate(long.stalk, 540, (40, 58), 0.11, 0.11, top="9bb256", under="c2364f", wide=0.055),
    "peterselie": _crate(long.leaf, 130, (-180, 180), **LEAFY, colour="2f7f2f", lobes=3, wide=0.3, long=0.7),
    "bieslook": _crate(long.stalk, 520, (52, 66), 0.06, 0.08, top="3f8a35", under="5fa84a", wide=0.012, ribs=0),
    "basilicum": _crate(long.leaf, 150, (-180, 180), **LEAFY, colour="4f9f3a", wide=0.27, long=0.7),
    # cabbages
    "spruiten": _crate(rnd.cabbage, 105, colour="6fa04a", vein="dfe8b4"),
    "boerenkool": _crate(long.leaf, 330, (-60, 60), 0.28, 0.28, colour="3a6f4a", lobes=9, wide=0.26, crinkle=1.6),
    "savooi": _crate(rnd.cabbage, 330, colour="5f9a4a", vein="cfe0a4", crinkle=1.2),
    "rodekool": _crate(rnd.cabbage, 320, colour="6d2f5f", vein="d6b3cf"),
    "wittekool": _crate(rnd.cabbage, 330, colour="b9cf8e", vein="f2f5dc"),
    "spitskool": _crate(rnd.cabbage, 310, (-30, 30), colour="9cc56a", vein="eef3d4", pointed=True),
    "bloemkool": _crate(rnd.flower_head, 330, colour="f1e8cf", leaves="6c9a45"),
    "broccoli": _crate(rnd.flower_head, 290, colour="4e7f38", leaves="5f8f4a", bumps=90),
    "romanesco": _crate(rnd.flower_head, 310, colour="a9c24a", leaves="6c9a45", pointed=True),
    "koolrabi": _crate(rnd.beet, 215, top="a9cf7a", under="8fb85f", tail=False, stems="7fae4f"),
    # fruiting vegetables and pods
    "tomaat": _crate(rnd.tomato, 175),
    "kerstomaat": _punnet(rnd.tomato, 92, reach=0.4),
    "komkommer": _crate(long.gourd, 480, (48, 62), 0.15, 0.14, colour="3f7a35", under="2f6a2c", wide=0.075, cap="", bumps=True),
    "paprika": _crate(long.pepper, 215),
    "aubergine": _crate(long.gourd, 340, TURNED, 0.34, 0.3, colour="4a2350", under="2f1338", wide=0.17, belly=1.3, gloss=220),
    "courgette": _crate(long.gourd, 420, (35, 60), 0.2, 0.19, colour="3f6f33", stripes="8db06a", wide=0.1),
    "pompoen": _crate(rnd.pumpkin, 310, (-25, 25), 0.66, 0.5),
    "suikermais": _crate(long.corn, 380, TURNED, 0.3, 0.26),
    "boontjes": _crate(long.pod, 270, (25, 75), 0.11, 0.12, colour="5f9a3c", wide=0.03),
    "erwten": _crate(long.pod, 210, (-180, 180), 0.26, 0.24, colour="76b043", wide=0.08, bumps=6),
    "tuinboon": _crate(long.pod, 320, (15, 80), 0.16, 0.15, colour="7fae4f", wide=0.065, bumps=5),
    # mushrooms
    "champignon": _punnet(rnd.mushroom, 130, (-60, 60)),
    "oesterzwam": _punnet(rnd.oyster, 220, (-40, 40)),
    # fruit and nuts
    "appel": _crate(rnd.apple, 175, (-40, 40)),
    "peer": _crate(rnd.pear, 215, (-60, 60), 0.55, 0.48),
    "aardbei": _punnet(rnd.strawberry, 122),
    "framboos": _punnet(rnd.drupelets, 92, colour="d23a5a"),
    "braam": _punnet(rnd.drupelets, 100, colour="2c1c33"),
    "blauwe-bes": _punnet(rnd.berry, 66, colour="3f4f86", crown=True),
    "rode-bes": _punnet(rnd.berry, 58, colour="cf1f2f", bloom=220),
    "zwarte-bes": _punnet(rnd.berry, 60, colour="241a2c", bloom=130),
    "stekelbes": _punnet(rnd.berry, 84, colour="a9bf5a", stripes=True, bloom=150),
    "kers": _crate(rnd.cherry, 135, (-50, 50)),
    "kriek": _crate(rnd.cherry, 125, (-50, 50), colour="c81d2c"),
    "pruim": _crate(rnd.ball, 140, colour="6a2f66", second="45204a", wide=0.4, high=0.45, grain=0.3, gloss=110),
    "druif": _punnet(rnd.berry, 80, colour="5b2a4f", bloom=120),
    "kiwibes": _punnet(rnd.ball, 82, colour="8aa84a", second="6f8f3c", wide=0.34, high=0.44, grain=0.3),
    "hazelnoot": _crate(rnd.hazelnut, 92),
    "walnoot": _crate(rnd.walnut, 122),
    # eggs, dairy, meat
    "eieren-6": _punnet(rnd.egg, 178, (-8, 8), 0.78, 0.78, trays=1),
    "eieren-10": _punnet(rnd.egg, 150, (-8, 8), 0.8, 0.8, trays=1),
    "rauwe-melk": _shelf(made.bottle, 740, colour="f6f1e4", cap="2f6fa8", mark="2f6fa8"),
    "hoevemelk": _shelf(made.bottle, 740, colour="faf6ec", cap="5f9a3c", mark="5f9a3c"),
    "yoghurt": _shelf(made.jar, colour="f7f3ea", lid="e8b021", mark="2f6fa8"),
    "boter": _board(made.butter, 560, ONE),
    "jonge-kaas": _board(made.wedge, 430, TWO, paste="f2d77a", rind="e0a63a"),
    "oude-kaas": _board(made.wedge, 430, TWO, paste="e0a94a", rind="7a4a22", holes=2),
    "geitenkaas": _board(made.round_cheese, 380, THREE),
    "hoeveijs": _shelf(made.tub, lid="f2d98a", mark="e8b021"),
    "rundgehakt": _punnet(made.mince, 240, (-180, 180), 0.5, 0.45),
    "rundvleespakket": _board(made.meat, 400, THREE, (-40, 40), colour="8f2228"),
    "stoofvlees": _punnet(made.cube, 120, colour="8f2a2a"),
    "varkenskotelet": _board(made.meat, 440, TWO, (-25, 25), colour="d98a86", bone=True),
    "kip": _board(made.chicken, 560, ONE),
    # bread, grain, oil, honey, preserves, drinks
    "zuurdesembrood": _board(made.loaf, 620, ONE),
    "roggebrood": _board(made.loaf, 480, TWO, crust="6b3d1f"),
    "tarwebloem": _shelf(made.paper_bag, 640, mark="e8b021"),
    "speltbloem": _shelf(made.paper_bag, 640, mark="9a6a2a", paper="d9b98a"),
    "pasta": _punnet(made.pasta, 150, (-180, 180), 0.4, 0.35, trays=1),
    "koolzaadolie": _shelf(made.bottle, 740, colour="dba520", cap="4b2142", mark="e8b021", slim=0.85),
    "honing": _shelf(made.jar, colour="d98f1a", lid="e8c35a", mark="d98f1a"),
    "aardbeienconfituur": _shelf(made.jar, colour="a81b2a", lid="f0e2d0", mark="c2282b", flecks="7a0f1c"),
    "rabarberconfituur": _shelf(made.jar, colour="c4616a", lid="f0e2d0", mark="9bb256", flecks="a84050"),
    "appelsap": _shelf(made.bottle, 740, colour="cf9a35", cap="5f9a3c", mark="c2282b"),
    "appel-peersap": _shelf(made.bottle, 740, colour="d6b04f", cap="5f9a3c", mark="9a8a3c"),
    "pompoensoep": _shelf(made.jar, 700, colour="d9701f", mark="d9601f", tall=True, flecks="b5561a"),
    "preisoep": _shelf(made.jar, 700, colour="b9c48a", mark="5f8f4a", tall=True, flecks="6f9a4a"),
    "tomatensoep": _shelf(made.jar, 700, colour="c8381f", mark="c2282b", tall=True, flecks="8f2414"),
    # washed and cut
    "soepgroenten": _mixed({
        "carrot": (made.cube, 0.8, {"colour": "e8762a"}), "celeriac": (made.cube, 0.8, {"colour": "efe4c4"}),
        "leek": (made.ring, 1.0, {"colour": "7fae5a", "heart": "f0f0d8"}),
        "onion": (made.cube, 0.6, {"colour": "e6d6c0"}),
    }, 84, in_trays=True),
    "gesneden-prei": _punnet(made.ring, 100, colour="7fae5a", heart="f2f2dc"),
    "geraspte-wortel": _punnet(made.shred, 150, (-180, 180), 0.26, 0.22, colour="e8762a"),
    "wokmengeling": _mixed({
        "cabbage": (made.shred, 1.1, {"colour": "b9d48a"}), "carrot": (made.shred, 1.0, {"colour": "e8762a"}),
        "leek": (made.ring, 0.7, {"colour": "7fae5a", "heart": "f0f0d8"}),
        "pakchoi": (long.leaf, 1.2, {"colour": "3f8a3a"}),
    }, 130, in_trays=True, close=0.3, rows=0.26),
    "gewassen-spinazie": _punnet(long.leaf, 150, (-180, 180), 0.34, 0.3, colour="2f7a35"),
    "gewassen-sla": _mixed({
        "mache": (long.rosette, 0.8, {"colour": "3f8a3a", "heart": "8fbf5a", "rings": 2}),
        "red": (long.leaf, 1.1, {"colour": "7a2f45", "lobes": 4}),
        "green": (long.leaf, 1.1, {"colour": "7fb544", "wide": 0.25}),
    }, 150, in_trays=True, close=0.36, rows=0.32),
    # boxes and what is not eaten
    "groentepakket-klein": _mixed(BOX_OF_VEGETABLES, 290, in_trays=False, close=0.48, rows=0.38, upright=True),
    "groentepakket-groot": _mixed(BOX_OF_VEGETABLES, 250, in_trays=False, close=0.46, rows=0.36, upright=True),
    "fruitpakket": _mixed(BOX_OF_FRUIT, 205, in_trays=False, close=0.55, rows=0.45, upright=True),
    "bijenwaskaars": _shelf(made.candle, 600),
    "boeket": _shelf(made.bouquet, 780, 1),
}

