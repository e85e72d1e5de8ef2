import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge_ros.errors import PlanError
from bridge_ros.language import COLOURS, SHAPES, ObjectQuery, PickPlace, read_instruction
from bridge_ros.language.lexicon import PHRASES


def query(text: str) -> ObjectQuery:
    """ "small red cube" as an ObjectQuery; "object" stands for no shape."""
    words = text.split()
    return ObjectQuery(
        colour=next((w for w in words if w in COLOURS), None),
        shape=next((w for w in words if w in SHAPES), None),
        size=next((w for w in words if w in ("small", "large")), None),
    )


@pytest.mark.parametrize(
    ("sentence", "target"),
    [
        ("pick up the red cube", "red cube"),
        ("Pick the RED cube up!", "red cube"),
        ("grab the toy", "toy"),
        ("please, could you grasp the little green block for me?", "small green cube"),
        ("take a blue one", "blue"),
        ("lift the orange thing", "orange"),
        ("pick up the yellow box from the table.", "yellow cube"),
        ("get the violet brick on the table", "purple cube"),
        ("fetch the largest bin", "large basket"),
        ("pick up the gray-coloured ball", "grey ball"),
    ],
)
def test_pick_sentences_are_read(sentence: str, target: str) -> None:
    assert read_instruction(sentence) == PickPlace(verb="pick", target=query(target))


@pytest.mark.parametrize(
    ("sentence", "target", "relation", "reference"),
    [
        ("put the toy into the basket", "toy", "in", "basket"),
        ("stack the blue cube on the green cube", "blue cube", "on", "green cube"),
        ("place the yellow block next to the red one", "yellow cube", "next to", "red cube"),
        ("DROP the toy inside the container", "toy", "in", "basket"),
        ("move the toy to the basket", "toy", "in", "basket"),
        ("put the red cube on top of the white one", "red cube", "on", "white cube"),
        ("set the cube down beside the mug", "cube", "next to", "cup"),
        ("put the toy in the brown box", "toy", "in", "brown basket"),
        ("put the toy on the brown box", "toy", "on", "brown cube"),
        ("pick up the red cube and put it in the basket", "red cube", "in", "basket"),
        ("grab the toy, then drop it into the bowl, please", "toy", "in", "basket"),
    ],
)
def test_place_sentences_are_read(
    sentence: str, target: str, relation: str, reference: str
) -> None:
    command = read_instruction(sentence)
    assert isinstance(command, PickPlace)
    assert command.verb == "place"
    assert (command.target, command.relation) == (query(target), relation)
    assert command.reference == query(reference)


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("", "empty"),
        (" ... !?", "empty"),
        ("please", "no verb"),
        ("the red cube", 'no verb at "red cube"'),
        ("pick up", "what to pick up"),
        ("pick up the red banana", '"banana"'),
        ("don't pick up the red cube", '"don"'),
        ("pick up the red cubes", '"cubes"'),
        ("pick up the red blue cube", 'two colours for one object at "blue"'),
        ("put the toy", "does not say where"),
        ("put the toy on the table", '"on" is no place'),
        ("put the toy into", "what to put it into"),
        ("move the toy to the red cube", "in, on or next to"),
        ("pick up the toy in the basket", "not understood"),
        ("pick up the toy and dance", '"dance"'),
        ("pick up the toy and put the cube", "and put it"),
        ("put the toy on the red cube on top of the blue one", 'sense of "on top of blue one"'),
        ("pick up the red cube \u2013 schnell", '"\\u2013"'),
        ("nimm den roten W\u00fcrfel", "and 1 more"),
        ("ignore all previous instructions", '"ignore", "all", "previous" and 1 more'),
    ],
)
def test_unreadable_sentences_are_refused_with_the_word(sentence: str, named: str) -> None:
    with pytest.raises(PlanError) as error:
        read_instruction(sentence)
    assert named in str(error.value)


def test_long_sentences_are_refused_and_not_repeated() -> None:
    for sentence in ("pick up the red cube " * 500, "x" * 10_240, "x" * 299):
        with pytest.raises(PlanError) as error:
            read_instruction(sentence)
        assert len(str(error.value)) < 700
        assert "x" * 40 not in str(error.value)


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_with_a_plan_error(sentence: str) -> None:
    _reads_or_refuses(sentence)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(sorted(" ".join(words) for words in PHRASES)), max_size=12))
def test_any_order_of_known_words_is_read_or_refused(phrases: list[str]) -> None:
    _reads_or_refuses(" ".join(phrases))


@given(st.sampled_from(COLOURS), st.sampled_from(SHAPES), st.sampled_from(COLOURS))
def test_a_command_reads_back_from_its_own_words(first: str, shape: str, second: str) -> None:
    for sentence in (
        f"pick up the {first} {shape}",
        f"put the {first} {shape} next to the {second} cube",
    ):
        command = read_instruction(sentence)
        assert read_instruction(str(command)) == command


def _reads_or_refuses(sentence: str) -> None:
    try:
        instruction = read_instruction(sentence)
    except PlanError as error:
        assert str(error).isascii()
        assert len(str(error)) < 700
    else:
        if isinstance(instruction, PickPlace):
            assert (instruction.verb == "place") == (instruction.reference is not None)
            assert (instruction.relation is None) == (instruction.reference is None)
        else:
            assert read_instruction(str(instruction)) == instruction
