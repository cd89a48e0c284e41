"""Write the results into a folder: a report in Markdown with charts in SVG. No photo is in it, nor any name of one."""

import re
from collections.abc import Iterator
from pathlib import Path

from edge.errors import OutputFailed
from edge.sense.camera.error_text import quoted, reason
from edge.tools.evaluate.photos.chart import Axis, line_chart
from edge.tools.evaluate.photos.figures import Figures
from edge.tools.evaluate.photos.tables import NOTE, tables
from edge.tools.table import as_markdown

_REPORT = "report.md"


def write_report(folder: Path, results: Figures) -> None:
    """Write the report; files of the same names are replaced.

    Args:
        folder: Made if it is not there.
        results: As ``--json`` prints them.

    Raises:
        OutputFailed: It cannot be written.
    """
    charts = dict(_charts(results))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in charts.items():
            (folder / name).write_text(content, encoding="utf-8")
        (folder / _REPORT).write_text(_markdown(results, list(charts)), encoding="utf-8")
    except OSError as error:
        raise OutputFailed(f"{quoted(folder)}: the report cannot be written ({reason(error)})") from error


def summary(results: Figures) -> str:
    """Say in one line what was evaluated."""
    photos = results["photos"]
    home_like = "" if photos["home_like"] is None else f" ({photos['home_like']} like a home)"
    nobody = f", and {photos['nobody']} photos without people" if photos["nobody"] else ""
    left_out = f"; {len(results['unreadable'])} photos could not be read" if results["unreadable"] else ""
    return f"{photos['evaluated']} photos{home_like} with {photos['people']} people{nobody}{left_out}."


def _markdown(results: Figures, charts: list[str]) -> str:
    settings = ", ".join(f"`{key} = {value}`" for key, value in results["settings"].items())
    parts = ["# Accuracy on photos", summary(results), NOTE, f"Settings: {settings}. Keys and terms: docs/evaluate.md."]
    parts += [as_markdown(table) for table in tables(results)]
    parts += [f"![{name.removesuffix('.svg')}]({name})" for name in charts]
    return "\n\n".join(parts) + "\n"


def _charts(results: Figures) -> Iterator[tuple[str, str]]:
    """Draw the charts; yields the name of each file and its content."""
    models = results["models"]
    for number, figures in enumerate(models, 1):
        model = re.sub(r"[^A-Za-z0-9.-]+", "-", figures["model"])
        name = model if [each["model"] for each in models].count(figures["model"]) == 1 else f"{model}-{number}"
        kept = figures["thresholds"]
        series = {"people found": [(each["score"], each["recall"]) for each in kept if each["recall"] is not None]}
        if results["photos"]["nobody"]:
            title = "photos without people that have a false pose"
            series[title] = [(each["score"], each["photos_with_false_poses"]) for each in kept]
        yield (
            f"thresholds-{name}.svg",
            line_chart(figures["model"], Axis("least score of a pose"), Axis("share"), series),
        )
        curves = {
            title: [(each["score"], each["right"]) for each in figures["calibration"][kind]["curve"] if each["number"]]
            for kind, title in (("joints", "joints in the right place"), ("poses", "poses that are somebody's"))
        }
        right = {"score = share": [(0.0, 0.0), (1.0, 1.0)]}
        yield (
            f"calibration-{name}.svg",
            line_chart(figures["model"], Axis("score"), Axis("share that is right"), {**curves, **right}),
        )
        if "by_rotation" in figures:
            by_rotation = figures["by_rotation"].items()
            shares = {
                key: [(float(degrees), each[key]) for degrees, each in by_rotation if each[key] is not None]
                for key in ("ap", "found")
            }
            yield (
                f"rotation-{name}.svg",
                line_chart(figures["model"], Axis("degrees", 0, 90), Axis("AP, and share of people found"), shares),
            )
    if len(models) > 1:
        points = sorted((each["invoke_ms"], each["ap"]) for each in models if each["ap"] is not None)
        most = max((ms for ms, _ in points), default=1.0)
        yield (
            "accuracy-and-time.svg",
            line_chart("all models", Axis("ms for one run of the model", 0, 1.1 * most), Axis("AP"), {"AP": points}),
        )
