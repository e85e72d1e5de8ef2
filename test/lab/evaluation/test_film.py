import numpy as np
from PIL import Image

from bridge_ros.lab.evaluation.film import Film

RGB = np.full((480, 640, 3), 200, dtype=np.uint8)


def test_a_film_plays_faster_than_it_was_filmed_and_its_last_picture_stands(tmp_path):
    film = Film()
    for shade in (0, 50, 100):
        film.add(RGB + np.uint8(shade // 4))
    film.save(tmp_path / "a" / "film.gif", period_s=0.25, speed=2.5)
    with Image.open(tmp_path / "a" / "film.gif") as gif:
        assert gif.n_frames == 3
        durations = []
        for index in range(3):
            gif.seek(index)
            durations.append(gif.info["duration"])
    assert durations[:2] == [100, 100]
    assert durations[2] >= 1000


def test_captions_are_drawn(tmp_path):
    pictures = []
    for caption in ("", "grasp the red cube"):
        film = Film()
        film.add(RGB, caption)
        film.save(tmp_path / "film.gif", period_s=0.25)
        with Image.open(tmp_path / "film.gif") as gif:
            pictures.append(np.asarray(gif.convert("RGB")))
    assert (pictures[0] != pictures[1]).any()


def test_no_pictures_are_no_film(tmp_path):
    Film().save(tmp_path / "film.gif", period_s=0.25)
    assert not (tmp_path / "film.gif").exists()
