"""The figures as tables."""

from collections.abc import Iterator, Sequence
from typing import Any

from edge.report.analytics.engine import MIN_SCORES
from edge.tools.evaluate.photos.figures import HEIGHTS, HOME_LIKE, Figures
from edge.tools.table import Table

NOTE = (
    "Compare these figures only with others of the same photos: photos differ in how hard they are. The 117 photos of "
    "models/README.md are about twice as easy as val2017 as a whole."
)
_SHOWN_THRESHOLDS = (0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def tables(results: Figures) -> Iterator[Table]:
    """Arrange the results that ``--json`` prints."""
    models = results["models"]
    yield _accuracy_table(models)
    if results["differences"]:
        yield _difference_table(results["differences"])
    for figures in models:
        yield from _model_tables(figures, results["photos"]["nobody"] > 0)


def _accuracy_table(models: Sequence[Figures]) -> Table:
    at_home = "ap" + HOME_LIKE in models[0]
    keys = ["ap", "ap50", "ap75", "ar", *(["ap" + HOME_LIKE] if at_home else []), "found", "pck"]
    titles = ["AP", "AP50", "AP75", "AR", *(["AP home-like"] if at_home else []), "found", "PCK"]
    rows = []
    for figures in models:
        heights = [_share(figures["by_height"][name]["found"]) for name in HEIGHTS]
        rows.append([figures["model"], *(_number(figures[key]) for key in keys), *heights, _ms(figures["invoke_ms"])])
        if spread := figures.get("intervals"):
            blank = [""] * (len(HEIGHTS) + 1)
            rows.append(["  95 % interval", *(_interval(spread.get(key)) for key in keys), *blank])
    return Table("Accuracy", ["model", *titles, *(f"found, {name}" for name in HEIGHTS), "ms"], rows)


def _difference_table(differences: Sequence[Figures]) -> Table:
    rows = [
        [f"{each['model']} - {each['against']}", key, f"{value['difference']:+.3f}", _interval(value["interval"])]
        for each in differences
        for key, value in each.items()
        if isinstance(value, dict)
    ]
    return Table("Differences, on the same photos", ["models", "figure", "difference", "95 % interval"], rows)


def _model_tables(figures: Figures, has_nobody: bool) -> Iterator[Table]:
    model = figures["model"]
    group = ["people", "found", "PCK"]
    yield Table(
        f"{model}: by height of the people in the photo",
        ["height", *group],
        [[name, *_group(each)] for name, each in figures["by_height"].items()],
    )
    yield Table(
        f"{model}: by number of people in the photo",
        ["people", "photos", "AP", *group],
        [
            [name, str(each["photos"]), _number(each["ap"]), *_group(each)]
            for name, each in figures["by_people"].items()
        ],
    )
    for key, title in (("by_rotation", "by rotation, degrees clockwise"), ("by_darkness", "by darkness")):
        if key in figures:
            yield Table(
                f"{model}: {title}",
                [key.removeprefix("by_"), "AP", *group],
                [[degree, _number(each["ap"]), *_group(each)] for degree, each in figures[key].items()],
            )
    yield Table(
        f"{model}: joints of people who were found",
        ["joint", "joints", "PCK"],
        [[name, str(each["joints"]), _share(each["pck"])] for name, each in figures["by_keypoint"].items()],
    )
    yield _threshold_table(figures, has_nobody)
    yield _calibration_table(figures)


def _threshold_table(figures: Figures, has_nobody: bool) -> Table:
    words = {score: name for name, score in MIN_SCORES.items()}
    columns = ["least score", "people.sensitivity", "people found"]
    columns += ["false poses a photo", "photos with one"] if has_nobody else []
    rows = []
    for each in figures["thresholds"]:
        if each["score"] in _SHOWN_THRESHOLDS:
            row = [f"{each['score']:.2f}", words.get(each["score"], ""), _share(each["recall"])]
            if has_nobody:
                row += [f"{each['false_poses']:.2f}", _share(each["photos_with_false_poses"])]
            rows.append(row)
    return Table(f"{figures['model']}: least score of a pose", columns, rows)


def _calibration_table(figures: Figures) -> Table:
    joints, poses = (figures["calibration"][kind] for kind in ("joints", "poses"))
    rows = [
        [f"{joint['low']:.1f} to {joint['high']:.1f}", *_bin(joint), *_bin(pose)]
        for joint, pose in zip(joints["curve"], poses["curve"], strict=True)
    ]
    rows.append(
        [
            "calibration error",
            str(joints["number"]),
            _number(joints["ece"]),
            str(poses["number"]),
            _number(poses["ece"]),
        ]
    )
    columns = ["score", "joints", "right", "poses", "somebody's"]
    return Table(f"{figures['model']}: scores, and what is right", columns, rows)


def _bin(values: Figures) -> list[str]:
    return [str(values["number"]), _share(values["right"])]


def _group(figures: Figures) -> list[str]:
    return [str(figures["people"]), _share(figures["found"]), _share(figures["pck"])]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _interval(ends: Any) -> str:
    return "-" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"
