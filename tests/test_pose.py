"""The tables from which every index is derived."""

from edge.pose import EDGE_COUNT, KEYPOINT_COUNT, KEYPOINT_NAMES, SKELETON


def test_the_skeleton_is_a_tree_over_all_keypoints() -> None:
    children = [child for _, child in SKELETON]
    assert sorted([0, *children]) == list(range(KEYPOINT_COUNT))
    assert EDGE_COUNT == KEYPOINT_COUNT - 1
    known = {0}
    for parent, child in SKELETON:
        assert parent in known, "an edge must start where an earlier one ended"
        known.add(child)


def test_left_and_right_are_mirror_images() -> None:
    def mirrored(name: str) -> str:
        return name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")

    names = {(KEYPOINT_NAMES[parent], KEYPOINT_NAMES[child]) for parent, child in SKELETON}
    assert {(mirrored(parent), mirrored(child)) for parent, child in names} == names
