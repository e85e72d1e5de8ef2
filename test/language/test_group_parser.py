import pytest

from bridge_ros.errors import PlanError
from bridge_ros.language import Opening, Ranking, Stacking, read_instruction
from bridge_ros.sim.registry import make_task
from bridge_ros.sim.tasks import TASKS


@pytest.mark.parametrize(
    "sentence",
    [
        "stack the cups",
        "nest the cups into each other",
        "put the smaller cups into the larger ones",
        "Stack all the mugs from large to small!",
        "put the small cups in the large cups",
    ],
)
def test_stacks_of_cups_are_read(sentence):
    assert read_instruction(sentence) == Stacking(shape="cup")


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("rank the cubes from small to large, from left to right", "small"),
        ("rank the cubes from small to large, from right to left", "large"),
        ("sort the blocks by size, the biggest on the left", "large"),
        ("sort the blocks by size, the biggest on the right", "small"),
        ("line up the cubes from the largest on the left to the smallest on the right", "large"),
        ("line up the cubes from the largest on the right to the smallest on the left", "small"),
    ],
)
def test_rows_by_size_are_read_from_left_to_right(sentence, first):
    assert read_instruction(sentence) == Ranking(shape="cube", first=first)


@pytest.mark.parametrize(
    ("sentence", "colours"),
    [
        ("rank the cubes by colour from left to right: red, green, blue", "red green blue"),
        ("arrange the cubes in a row from right to left: red, green, blue", "blue green red"),
        ("line up the red, the green and the blue cube from left to right", "red green blue"),
        ("arrange the violet and the gray brick in a row", "purple grey"),
    ],
)
def test_rows_by_colour_are_read_from_left_to_right(sentence, colours):
    assert read_instruction(sentence) == Ranking(shape="cube", colours=tuple(colours.split()))


@pytest.mark.parametrize(
    "sentence",
    [
        "open the drawer",
        "pull the drawer open",
        "please open the drawer of the cabinet",
        "pull out the drawer by its handle",
    ],
)
def test_opening_a_drawer_is_read(sentence):
    assert read_instruction(sentence) == Opening()


@pytest.mark.parametrize("name", TASKS)
def test_what_the_tasks_say_is_read_and_reads_back_from_its_own_words(name):
    for seed in range(1000, 1030):
        instruction = read_instruction(make_task(name, seed).instruction)
        assert read_instruction(str(instruction)) == instruction


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("put the cups", '"put the cups" does not say where'),
        ("put the cups into", '"each other" or "the larger ones" at the end'),
        ("put the larger cups into the smaller ones", "only smaller cups go into larger ones"),
        ("put the cubes into each other", "not hollow"),
        ("stack the cups from small to large", "the largest goes to the bottom"),
        ("stack the cups on the table", '"table"'),
        ("stack the cups and dance", '"dance"'),
        ("rank the cubes", "in which order"),
        ("rank the cubes by size", "in which order"),
        ("rank the cubes: red", "two or more different colours, got red"),
        ("rank the cubes: red, red", "two or more different colours, got red, red"),
        ("rank the cubes and the cups from small to large", "two shapes in one row"),
        ("rank the cubes from small to small", "got small small"),
        ("rank the cubes on the table from small to large", '"on table'),
        ("line up the smallest on the left to the largest on the left", "two sizes on the left"),
        ("open the cube", 'Expected the drawer at "cube"'),
        ("open", "Expected the drawer at the end"),
        ("open the drawer and the basket", '"and basket"'),
        ("pick up the red cubes", '"cubes" are several'),
    ],
)
def test_unreadable_sentences_are_refused_with_the_word(sentence, named):
    with pytest.raises(PlanError) as error:
        read_instruction(sentence)
    assert named in str(error.value)
