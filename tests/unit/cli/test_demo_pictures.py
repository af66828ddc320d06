"""The drawings of the demo."""

from __future__ import annotations

import pytest
from PIL import ImageStat

from shortchain import data
from shortchain.cli import demo_content as content
from shortchain.cli import demo_pictures


def test_draws_everything_that_a_farm_can_offer() -> None:
    assert demo_pictures.PICTURES.keys() == data.produce().keys()


@pytest.mark.parametrize("slug", sorted(demo_pictures.PICTURES))
def test_draws_a_picture_of_1080_by_810_with_something_on_it(slug: str) -> None:
    picture = demo_pictures.picture_for(slug, 0)
    assert (picture.size, picture.mode) == ((1080, 810), "RGB")
    assert min(ImageStat.Stat(picture).stddev) > 12


def test_draws_the_same_for_the_same_seed_and_another_for_another() -> None:
    one = demo_pictures.scene_for("pasture", 1)
    assert one.tobytes() == demo_pictures.scene_for("pasture", 1).tobytes()
    assert one.tobytes() != demo_pictures.scene_for("pasture", 2).tobytes()


@pytest.mark.parametrize(
    "subject",
    sorted({about.get("scene", "field") for about in [*content.farms(), *content.providers(), *content.hubs()]}),
)
def test_draws_every_sort_of_place(subject: str) -> None:
    assert demo_pictures.scene_for(subject, 0).size == (1080, 810)
