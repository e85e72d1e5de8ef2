from bridge_ros.camera.pairing import StampPairing


def test_images_of_one_stamp_are_paired_in_any_order():
    pairing = StampPairing()
    assert pairing.offer("color", (1, 5), "c1") is None
    assert pairing.offer("depth", (1, 6), "d2") is None
    assert pairing.offer("color", (1, 6), "c2") == ("c2", "d2")
    assert pairing.offer("depth", (1, 5), "d1") == ("c1", "d1")


def test_what_stays_alone_is_dropped():
    pairing = StampPairing(capacity=2)
    for second in range(4):
        assert pairing.offer("color", (second, 0), second) is None
    assert pairing.offer("depth", (0, 0), "late") is None
    assert pairing.offer("depth", (3, 0), "d3") == (3, "d3")


def test_a_repeated_image_replaces_the_first():
    pairing = StampPairing()
    pairing.offer("color", (1, 0), "old")
    pairing.offer("color", (1, 0), "new")
    assert pairing.offer("depth", (1, 0), "d") == ("new", "d")
