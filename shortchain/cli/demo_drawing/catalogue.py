"""Which picture each product of the reference data gets."""

from __future__ import annotations

from typing import Any

from shortchain.cli.demo_drawing import berries, fruiting, heads, leaves, pieces
from shortchain.cli.demo_drawing import long_things as long
from shortchain.cli.demo_drawing import made_things as made
from shortchain.cli.demo_drawing import round_things as rnd
from shortchain.cli.demo_drawing.makers import (
    Maker,
    Parts,
    board,
    carton,
    crate,
    mixed,
    punnet,
    shelf,
)

TURNED = (28, 72)
UPRIGHT = (-16, 16)

POTATO: dict[str, Any] = {
    "colour": "c9a063",
    "second": "a67f48",
    "rough": 0.05,
    "wide": 0.45,
    "high": 0.36,
    "specks": "7d5a30",
    "count": 40,
    "grain": 0.6,
}
LEAFY: dict[str, Any] = {"close": 0.34, "rows": 0.3}
ONE = ((0.5, 0.5),)
TWO = ((0.36, 0.44), (0.62, 0.58))
THREE = ((0.3, 0.42), (0.68, 0.4), (0.5, 0.64))

BOX_OF_VEGETABLES: Parts = {
    "cabbage": (heads.cabbage, 1.0, {"colour": "5f9a4a", "vein": "cfe0a4", "crinkle": 1.2}),
    "carrot": (long.root, 0.95, {"colour": "e8762a", "under": "d9601f"}),
    "leek": (long.leek, 1.15, {}),
    "potato": (rnd.ball, 0.6, POTATO),
    "onion": (rnd.onion, 0.62, {}),
    "beet": (rnd.beet, 0.62, {}),
}
BOX_OF_FRUIT: Parts = {
    "apple": (rnd.apple, 1.0, {}),
    "pear": (rnd.pear, 1.08, {}),
    "walnut": (berries.walnut, 0.55, {}),
    "plum": (berries.berry, 0.62, {"colour": "5b2a55", "bloom": 110}),
}

PICTURES: dict[str, Maker] = {
    # potatoes, onions, roots
    "aardappel": crate(rnd.ball, 175, **POTATO),
    "nieuwe-aardappel": crate(
        rnd.ball,
        112,
        **{**POTATO, "colour": "dcb979", "second": "bd955a", "count": 12, "grain": 0.35},
    ),
    "zoete-aardappel": crate(
        fruiting.gourd,
        270,
        TURNED,
        0.42,
        0.34,
        colour="b5583f",
        under="8f3f36",
        wide=0.18,
        cap="",
        gloss=70,
    ),
    "ui": crate(rnd.onion, 165),
    "sjalot": crate(rnd.onion, 140, skin="b56a4a", slim=0.68),
    "look": crate(rnd.garlic, 170),
    "prei": crate(long.leek, 520, UPRIGHT, 0.15, 0.42),
    "wortel": crate(long.root, 330, TURNED, 0.27, 0.26, colour="e8762a", under="d9601f"),
    "bussel-wortel": crate(long.bunched, 380, UPRIGHT, 0.52, 0.44, colour="ee7d2b"),
    "rode-biet": crate(rnd.beet, 205),
    "pastinaak": crate(
        long.root,
        340,
        TURNED,
        0.29,
        0.27,
        colour="efe0bd",
        under="e0cfa0",
        wide=0.15,
        green="9aa85a",
    ),
    "schorseneer": crate(
        long.root,
        470,
        (38, 62),
        0.14,
        0.13,
        colour="55443a",
        under="3a2d26",
        wide=0.045,
        blunt=0.02,
        green="",
        grain=0.9,
    ),
    "aardpeer": crate(
        rnd.ball,
        125,
        colour="c49a72",
        second="9a6f4f",
        rough=0.13,
        wide=0.42,
        high=0.3,
        grain=0.7,
        gloss=40,
    ),
    "raap": crate(rnd.beet, 190, top="a04f86", under="efe6dc", stems="7f9c4a"),
    "radijs": crate(
        long.bunched, 370, UPRIGHT, 0.5, 0.42, colour="cf2a55", feather=False, radish=True
    ),
    "rammenas": crate(rnd.beet, 215, top="3a3033", under="1f191b", stems="7f9c4a"),
    "knolselder": crate(heads.celeriac, 265),
    # leaves and stalks
    "witloof": crate(leaves.chicory, 310, TURNED, 0.34, 0.3),
    "grondwitloof": crate(leaves.chicory, 280, (20, 80), 0.34, 0.3),
    "andijvie": crate(leaves.rosette, 330, colour="4f8f3a", heart="e9e7a0", frill=0.18),
    "kropsla": crate(leaves.rosette, 310, colour="7fb544", heart="e6e69a"),
    "paksoi": crate(leaves.rosette, 290, colour="3f7f3c", heart="d9e6a8", rings=3, rib="f4f4e4"),
    "veldsla": crate(leaves.rosette, 135, colour="3f8a3a", heart="8fbf5a", rings=2, frill=0.03),
    "spinazie": crate(leaves.leaf, 190, (-180, 180), **LEAFY, colour="2f7a35"),
    "snijbiet": crate(
        leaves.leaf,
        370,
        UPRIGHT,
        0.24,
        0.4,
        colour="2f7a35",
        stem="d92b6a",
        vein="d92b6a",
        wide=0.24,
        crinkle=1.0,
    ),
    "winterpostelein": crate(
        leaves.leaf, 120, (-180, 180), **LEAFY, colour="6fae4a", wide=0.3, long=0.6
    ),
    "rucola": crate(leaves.leaf, 190, (-180, 180), **LEAFY, colour="3f8a35", lobes=4, wide=0.17),
    "selder": crate(
        long.stalk, 560, (-9, 9), 0.1, 0.5, top="9fc45a", under="dfe8b8", wide=0.07, ribs=4
    ),
    "venkel": crate(rnd.onion, 250, UPRIGHT, skin="dfe8c4", slim=1.05),
    "asperge": crate(
        long.stalk, 520, (50, 64), 0.1, 0.1, top="f2ecd8", under="efe4c8", tip=True, ribs=0
    ),
    "rabarber": crate(
        long.stalk, 540, (40, 58), 0.11, 0.11, top="9bb256", under="c2364f", wide=0.055
    ),
    "peterselie": crate(
        leaves.leaf, 130, (-180, 180), **LEAFY, colour="2f7f2f", lobes=3, wide=0.3, long=0.7
    ),
    "bieslook": crate(
        long.stalk, 520, (52, 66), 0.06, 0.08, top="3f8a35", under="5fa84a", wide=0.012, ribs=0
    ),
    "basilicum": crate(
        leaves.leaf, 150, (-180, 180), **LEAFY, colour="4f9f3a", wide=0.27, long=0.7
    ),
    # cabbages
    "spruiten": crate(heads.cabbage, 105, colour="6fa04a", vein="dfe8b4"),
    "boerenkool": crate(
        leaves.leaf,
        300,
        (-70, 70),
        0.34,
        0.3,
        colour="3f7d3c",
        lobes=13,
        notch=0.78,
        wide=0.3,
        crinkle=1.5,
        vein="a9c78a",
    ),
    "savooi": crate(heads.cabbage, 330, colour="5f9a4a", vein="cfe0a4", crinkle=1.2),
    "rodekool": crate(heads.cabbage, 320, colour="6d2f5f", vein="d6b3cf"),
    "wittekool": crate(heads.cabbage, 330, colour="b9cf8e", vein="f2f5dc"),
    "spitskool": crate(heads.cabbage, 310, (-30, 30), colour="9cc56a", vein="eef3d4", pointed=True),
    "bloemkool": crate(heads.flower_head, 330, colour="f1e8cf", leaves="6c9a45"),
    "broccoli": crate(heads.flower_head, 290, colour="4e7f38", leaves="5f8f4a", bumps=90),
    "romanesco": crate(heads.flower_head, 310, colour="a9c24a", leaves="6c9a45", pointed=True),
    "koolrabi": crate(rnd.beet, 215, top="a9cf7a", under="8fb85f", tail=False, stems="7fae4f"),
    # fruiting vegetables and pods
    "tomaat": crate(rnd.tomato, 175),
    "kerstomaat": punnet(rnd.tomato, 92, reach=0.4),
    "komkommer": crate(
        fruiting.gourd,
        480,
        (48, 62),
        0.15,
        0.14,
        colour="3f7a35",
        under="2f6a2c",
        wide=0.075,
        cap="",
        bumps=True,
    ),
    "paprika": crate(fruiting.pepper, 215),
    "aubergine": crate(
        fruiting.gourd,
        340,
        TURNED,
        0.34,
        0.3,
        colour="4a2350",
        under="2f1338",
        wide=0.17,
        belly=1.3,
        gloss=220,
    ),
    "courgette": crate(
        fruiting.gourd, 420, (35, 60), 0.2, 0.19, colour="3f6f33", stripes="8db06a", wide=0.1
    ),
    "pompoen": crate(heads.pumpkin, 310, (-25, 25), 0.66, 0.5),
    "suikermais": crate(fruiting.corn, 380, TURNED, 0.3, 0.26),
    "boontjes": crate(fruiting.pod, 270, (25, 75), 0.11, 0.12, colour="5f9a3c", wide=0.03),
    "erwten": crate(
        fruiting.pod, 210, (-180, 180), 0.26, 0.24, colour="76b043", wide=0.08, bumps=6
    ),
    "tuinboon": crate(
        fruiting.pod, 320, (15, 80), 0.16, 0.15, colour="7fae4f", wide=0.065, bumps=5
    ),
    # mushrooms
    "champignon": punnet(heads.mushroom, 130, (-60, 60)),
    "oesterzwam": punnet(heads.oyster, 220, (-40, 40)),
    # fruit and nuts
    "appel": crate(rnd.apple, 175, (-40, 40)),
    "peer": crate(rnd.pear, 215, (-60, 60), 0.55, 0.48),
    "aardbei": punnet(berries.strawberry, 122),
    "framboos": punnet(berries.drupelets, 92, colour="d23a5a"),
    "braam": punnet(berries.drupelets, 100, colour="2c1c33"),
    "blauwe-bes": punnet(berries.berry, 66, colour="3f4f86", crown=True),
    "rode-bes": punnet(berries.berry, 58, colour="cf1f2f", bloom=220),
    "zwarte-bes": punnet(berries.berry, 60, colour="241a2c", bloom=130),
    "stekelbes": punnet(berries.berry, 84, colour="a9bf5a", stripes=True, bloom=150),
    "kers": crate(berries.cherry, 135, (-50, 50)),
    "kriek": crate(berries.cherry, 125, (-50, 50), colour="c81d2c"),
    "pruim": crate(
        rnd.ball, 140, colour="6a2f66", second="45204a", wide=0.4, high=0.45, grain=0.3, gloss=110
    ),
    "druif": punnet(berries.berry, 80, colour="5b2a4f", bloom=120),
    "kiwibes": punnet(
        rnd.ball, 82, colour="8aa84a", second="6f8f3c", wide=0.34, high=0.44, grain=0.3
    ),
    "hazelnoot": crate(berries.hazelnut, 92),
    "walnoot": crate(berries.walnut, 122),
    # eggs, dairy, meat
    "eieren-6": carton(berries.egg, 3, 2),
    "eieren-10": carton(berries.egg, 5, 2),
    "rauwe-melk": shelf(made.bottle, 740, colour="f6f1e4", cap="2f6fa8", mark="2f6fa8"),
    "hoevemelk": shelf(made.bottle, 740, colour="faf6ec", cap="5f9a3c", mark="5f9a3c"),
    "yoghurt": shelf(made.jar, colour="f7f3ea", lid="e8b021", mark="2f6fa8"),
    "boter": board(made.butter, 560, ONE),
    "jonge-kaas": board(made.wedge, 430, TWO, paste="f2d77a", rind="e0a63a"),
    "oude-kaas": board(made.wedge, 430, TWO, paste="e0a94a", rind="7a4a22", holes=2),
    "geitenkaas": board(made.round_cheese, 380, THREE),
    "hoeveijs": shelf(made.tub, lid="f2d98a", mark="e8b021"),
    "rundgehakt": punnet(pieces.mince, 240, (-180, 180), 0.5, 0.45),
    "rundvleespakket": board(pieces.meat, 400, THREE, (-40, 40), colour="8f2228"),
    "stoofvlees": punnet(pieces.cube, 120, colour="8f2a2a"),
    "varkenskotelet": board(pieces.meat, 440, TWO, (-25, 25), colour="d98a86", bone=True),
    "kip": board(pieces.chicken, 560, ONE),
    # bread, grain, oil, honey, preserves, drinks
    "zuurdesembrood": board(made.loaf, 620, ONE),
    "roggebrood": board(made.loaf, 480, TWO, crust="6b3d1f"),
    "tarwebloem": shelf(made.paper_bag, 640, mark="e8b021"),
    "speltbloem": shelf(made.paper_bag, 640, mark="9a6a2a", paper="d9b98a"),
    "pasta": punnet(pieces.pasta, 150, (-180, 180), 0.4, 0.35, trays=1),
    "koolzaadolie": shelf(
        made.bottle, 740, colour="dba520", cap="4b2142", mark="e8b021", slim=0.85
    ),
    "honing": shelf(made.jar, colour="d98f1a", lid="e8c35a", mark="d98f1a"),
    "aardbeienconfituur": shelf(
        made.jar, colour="a81b2a", lid="f0e2d0", mark="c2282b", flecks="7a0f1c"
    ),
    "rabarberconfituur": shelf(
        made.jar, colour="c4616a", lid="f0e2d0", mark="9bb256", flecks="a84050"
    ),
    "appelsap": shelf(made.bottle, 740, colour="cf9a35", cap="5f9a3c", mark="c2282b"),
    "appel-peersap": shelf(made.bottle, 740, colour="d6b04f", cap="5f9a3c", mark="9a8a3c"),
    "pompoensoep": shelf(made.jar, 700, colour="d9701f", mark="d9601f", tall=True, flecks="b5561a"),
    "preisoep": shelf(made.jar, 700, colour="b9c48a", mark="5f8f4a", tall=True, flecks="6f9a4a"),
    "tomatensoep": shelf(made.jar, 700, colour="c8381f", mark="c2282b", tall=True, flecks="8f2414"),
    # washed and cut
    "soepgroenten": mixed(
        {
            "carrot": (pieces.cube, 0.8, {"colour": "e8762a"}),
            "celeriac": (pieces.cube, 0.8, {"colour": "efe4c4"}),
            "leek": (pieces.ring, 1.0, {"colour": "7fae5a", "heart": "f0f0d8"}),
            "onion": (pieces.cube, 0.6, {"colour": "e6d6c0"}),
        },
        84,
        in_trays=True,
    ),
    "gesneden-prei": punnet(pieces.ring, 100, colour="7fae5a", heart="f2f2dc"),
    "geraspte-wortel": punnet(pieces.shred, 150, (-180, 180), 0.26, 0.22, colour="e8762a"),
    "wokmengeling": mixed(
        {
            "cabbage": (pieces.shred, 1.1, {"colour": "b9d48a"}),
            "carrot": (pieces.shred, 1.0, {"colour": "e8762a"}),
            "leek": (pieces.ring, 0.7, {"colour": "7fae5a", "heart": "f0f0d8"}),
            "pakchoi": (leaves.leaf, 1.2, {"colour": "3f8a3a"}),
        },
        130,
        in_trays=True,
        close=0.3,
        rows=0.26,
    ),
    "gewassen-spinazie": punnet(leaves.leaf, 150, (-180, 180), 0.34, 0.3, colour="2f7a35"),
    "gewassen-sla": mixed(
        {
            "mache": (leaves.rosette, 0.8, {"colour": "3f8a3a", "heart": "8fbf5a", "rings": 2}),
            "red": (leaves.leaf, 1.1, {"colour": "7a2f45", "lobes": 4}),
            "green": (leaves.leaf, 1.1, {"colour": "7fb544", "wide": 0.25}),
        },
        150,
        in_trays=True,
        close=0.36,
        rows=0.32,
    ),
    # boxes and what is not eaten
    "groentepakket-klein": mixed(
        BOX_OF_VEGETABLES, 290, in_trays=False, close=0.48, rows=0.38, upright=True
    ),
    "groentepakket-groot": mixed(
        BOX_OF_VEGETABLES, 250, in_trays=False, close=0.46, rows=0.36, upright=True
    ),
    "fruitpakket": mixed(BOX_OF_FRUIT, 205, in_trays=False, close=0.55, rows=0.45, upright=True),
    "bijenwaskaars": shelf(made.candle, 600),
    "boeket": shelf(made.bouquet, 780, 1),
}
