"""The report of ``explain``, in Markdown: what each step gave, and what the network costs, layer by layer."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edge.config.settings import DecodeSettings
from edge.pose import KEYPOINT_COUNT, KEYPOINT_NAMES, SURE, Pose
from edge.sense.camera.error_text import quoted
from edge.sense.camera.rotate import Pixels
from edge.sense.inference.heads import Heads, ModelSpec
from edge.sense.inference.letterbox import Undo
from edge.tools.explain.network import Layer, Pair, Variants, describe, separable, variants
from edge.tools.explain.tflite_file import CONV, DEPTHWISE, Graph
from edge.tools.explain.walk import Point, Walk
from edge.tools.table import Table
from edge.tools.table import as_markdown as table_as_markdown

REPORT = "explain.md"
"""Name of the file."""


class Explained(NamedTuple):
    """Results of each step for one photo. Poses are in px of the model input."""

    name: str
    """Name of the photo."""
    photo: Pixels
    model: str
    """Name of the model."""
    picture: Pixels
    """The model input, RGB 0..255."""
    spec: ModelSpec
    decode: DecodeSettings
    heads: Heads
    undo: Undo
    """From px of the model input to px of the photo."""
    graph: Graph
    walk: Walk | None
    """None where no pose starts."""
    poses: list[Pose]
    """As the settings have them decoded."""
    single: Pose
    """By single-pose decoding."""
    bodies: list[Pose]
    """By multi-pose decoding (tfjs), those that the tracker takes for bodies."""


def as_markdown(explained: Explained, pictures: Sequence[str]) -> str:
    """Write the report.

    Args:
        explained: What each step gave.
        pictures: Names of the pictures in the same folder; each begins with its number.

    Returns:
        Markdown.
    """
    by_number = {int(name.partition("-")[0]): f"![{name}]({name})" for name in pictures}
    parts = [
        "# How pixels become poses",
        f"Photo {_code(explained.name)}, model {_code(explained.model)}, settings {_settings(explained.decode)}. One "
        "look at the whole photo, without second looks and without a tracker. **The pictures show the photo**; the "
        "sensor "
        "itself never writes a picture.",
        *_input(explained, by_number[1]),
        *_heads(explained),
        *_heatmaps(explained, by_number[2], by_number[3]),
        *_offsets(explained, by_number[4]),
        *_walk(explained, by_number.get(5)),
        *_poses(explained, by_number[6]),
        *_single_and_multi(explained, by_number.get(7)),
        *_network(explained),
    ]
    return "\n\n".join(parts) + "\n"


def _input(explained: Explained, picture: str) -> Iterator[str]:
    spec, undo = explained.spec, explained.undo
    rows, columns = explained.photo.shape[:2]
    inner = (round(columns / undo.scale_x), round(rows / undo.scale_y))
    yield "## 1. The model input"
    yield (
        f"The photo of {columns} x {rows} px is scaled to {inner[0]} x {inner[1]} px and centred on grey, "
        f"{spec.width} x {spec.height} px in all (letterbox): {undo.left} px to the left of it, {undo.top} px above. "
        f"The tensor is {spec.quantization}. One px of the input is {undo.scale_x:.3f} px of the photo."
    )
    yield picture
    cells = explained.heads.scores.shape[:2]
    yield "## 2. The grid"
    yield "The heads have one cell for each `stride` px: resolution = ((size - 1) / stride) + 1."
    stride = spec.output_stride
    yield "\n".join(
        f"- {side}: (({size} - 1) / {stride}) + 1 = {(size - 1) // stride + 1}; the heads of the file have {count}"
        for side, size, count in (("rows", spec.height, cells[0]), ("columns", spec.width, cells[1]))
    )
    yield "Cell (row, column) lies at pixel (y, x) = (row * stride, column * stride); y comes before x everywhere here."


def _heads(explained: Explained) -> Iterator[str]:
    heads = explained.heads
    named = (
        ("heatmaps", heads.scores, "score of each keypoint, after the sigmoid"),
        ("offsets", heads.offsets, "px from the cell to the keypoint: 17 y, then 17 x"),
        ("displacement_fwd", heads.displacement_fwd, "px from parent to child of each edge: 16 y, then 16 x"),
        ("displacement_bwd", heads.displacement_bwd, "px from child to parent"),
    )
    rows = [
        (f"{name}: {meaning}", f"{values.shape[2]}", f"{values.min():.3f}", f"{values.max():.3f}")
        for name, values, meaning in named
    ]
    yield "## 3. The heads"
    yield _table("Values for this photo", ("head", "channels", "least", "greatest"), rows)
    stored = [
        (tensor.name, f"{tensor.scales[0]:.6f}", f"{tensor.zero_points[0]}")
        for tensor in (explained.graph.tensors[number] for number in explained.graph.outputs)
        if tensor.scales and tensor.zero_points
    ]
    if stored:
        yield "The file stores integers: real = scale * (stored - zero point). Heatmaps are logits before the sigmoid."
        yield _table("Dequantization", ("output", "scale", "zero point"), stored)


def _heatmaps(explained: Explained, sheet: str, maximum: str) -> Iterator[str]:
    heads, single = explained.heads, explained.single
    rows = []
    for number, name in enumerate(KEYPOINT_NAMES):
        scores = heads.scores[..., number]
        row, column = divmod(int(scores.argmax()), scores.shape[1])
        y, x = heads.offsets[row, column, [number, number + KEYPOINT_COUNT]].tolist()
        keypoint = single.keypoints[number]
        rows.append((name, f"{scores.max():.3f}", f"{row}, {column}", _point((y, x)), _point((keypoint.y, keypoint.x))))
    yield "## 4. Heatmaps"
    yield (
        "Each pixel is coloured by the score of the cell nearest to it; the ring is at the best cell. That cell's "
        "position plus its offset is where **single-pose decoding** puts the keypoint, each keypoint for itself."
    )
    yield sheet
    yield maximum
    yield _table(
        "The best cell of each keypoint", ("keypoint", "score", "row, column", "offset y, x", "position y, x"), rows
    )


def _offsets(explained: Explained, picture: str) -> Iterator[str]:
    threshold = explained.decode.score_threshold
    votes = explained.heads.scores >= threshold
    yield "## 5. Short offsets"
    yield (
        f"An arrow for each cell and keypoint with a score of {threshold:g} or more ({int(votes.sum())} of "
        f"{votes.size}), from the cell to where it puts the keypoint; a colour for each keypoint. Cells around a "
        "joint agree on its place."
    )
    yield picture


def _walk(explained: Explained, picture: str | None) -> Iterator[str]:
    walk, decode = explained.walk, explained.decode
    yield "## 6. The walk over one pose"
    if walk is None or picture is None:
        yield (
            f"No pose starts: the highest score is {float(explained.heads.scores.max()):.3f}, and "
            f"decode.score_threshold is {decode.score_threshold:g}."
        )
        return
    if decode.mode == "single":
        yield "Single-pose decoding, which the settings choose, does not walk; this is how multi-pose decoding does."
    yield (
        f"Multi-pose decoding starts at the highest peak of all heatmaps: {KEYPOINT_NAMES[walk.root]}, score "
        f"{walk.score:.3f}, cell {walk.cell[0]}, {walk.cell[1]}, with its offset at ({_point(walk.start)}). At each "
        "step the cell nearest to a known keypoint holds the displacement to its neighbour in the pose tree. It is "
        "long and inexact, so the offset of the cell at its end corrects it, and again if that led to another cell. "
        "Edges are taken backward up to the nose, then forward."
    )
    yield picture
    yield "Yellow: displacements. Blue: offsets of the cells at their ends. Green: keypoints, with the step's number."
    rows = []
    for number, step in enumerate(walk.steps, 1):
        arrow = f"{KEYPOINT_NAMES[step.source]} to {KEYPOINT_NAMES[step.target]}"
        cells = "; ".join(f"{row}, {column}" for (row, column), _ in step.refined)
        rows.append(
            (
                f"{number}. {arrow}",
                "forward" if step.is_forward else "backward",
                f"{step.cell[0]}, {step.cell[1]}",
                _point((step.landing[0] - step.start[0], step.landing[1] - step.start[1])),
                _point(step.landing),
                cells,
                _point(step.end),
                f"{math.dist(step.landing, step.end):.1f}",
                f"{step.score:.3f}",
            )
        )
    columns = (
        "step", "direction", "cell", "displacement y, x", "leads to y, x", "offset of cell", "keypoint y, x",
        "corrected px", "score",
    )  # fmt: skip
    yield _table("Steps, px of the model input", columns, rows)
    if decode.method == "fine" and decode.mode == "multi":
        yield (
            "With decode.method = fine each keypoint is then moved to the mean of the votes of the cells around it "
            "(docs/decoding.md); the poses below are those."
        )


def _poses(explained: Explained, picture: str) -> Iterator[str]:
    yield "## 7. The poses"
    yield (
        "Mapped back to px of the photo, numbered as below. Dots are keypoints with a score of "
        f"{SURE:g} or more, rings are the others, whose place is a guess."
    )
    yield picture
    rows = []
    for number, pose in enumerate((explained.undo(each) for each in explained.poses), 1):
        sure = [keypoint for keypoint in pose.keypoints if keypoint.score >= SURE]
        box = "none"
        if sure:
            xs, ys = [each.x for each in sure], [each.y for each in sure]
            box = f"{min(xs):.0f}, {min(ys):.0f} to {max(xs):.0f}, {max(ys):.0f}"
        rows.append((f"{number}", f"{pose.score:.3f}", f"{len(sure)}", box))
    if not rows:
        yield "There are none."
        return
    yield _table("Poses", ("pose", "score", "sure keypoints", "they span x, y"), rows)


def _single_and_multi(explained: Explained, picture: str | None) -> Iterator[str]:
    yield "## 8. Single-pose beside multi-pose decoding"
    bodies = explained.bodies
    if picture is None:
        found = "one person" if bodies else "nobody"
        yield f"Needs two people: multi-pose decoding finds {found} here, so there is nothing to keep apart."
        return
    radius = explained.decode.nms_radius
    shares = share_keypoints(explained.single, bodies, radius)
    told = [f"{len(share)} of person {number} ({', '.join(share)})" for number, share in enumerate(shares, 1) if share]
    yield (
        f"Multi-pose decoding finds {len(bodies)} people. Single-pose decoding makes one pose of the best cell of each "
        f"keypoint. Of its keypoints with a score of {SURE:g} or more, those within {radius:g} px of the same "
        f"keypoint of a person: {'; '.join(told) or 'none'}."
    )
    merged = sum(map(bool, shares)) > 1
    yield "**It merges people.**" if merged else "All of them are one person's: on this photo it merges nobody."
    yield picture


def share_keypoints(single: Pose, bodies: Sequence[Pose], radius: float) -> list[list[str]]:
    """Tell which keypoints of a single pose are whose.

    Args:
        single: Decoded as one pose.
        bodies: Decoded as several, px of the same image.
        radius: Greatest distance of the same keypoint of two poses that counts as one, px.

    Returns:
        For each body the names of the sure keypoints of ``single`` that are nearest to it, and within ``radius``.
    """
    shares: list[list[str]] = [[] for _ in bodies]
    for number, keypoint in enumerate(single.keypoints):
        distances = [math.dist(keypoint[:2], body.keypoints[number][:2]) for body in bodies]
        if keypoint.score >= SURE and min(distances, default=math.inf) <= radius:
            shares[distances.index(min(distances))].append(KEYPOINT_NAMES[number])
    return shares


def _network(explained: Explained) -> Iterator[str]:
    layers = describe(explained.graph)
    parameters, macs = sum(layer.parameters for layer in layers), sum(layer.macs for layer in layers)
    yield "## 9. The network, layer by layer"
    yield (
        f"Read from the graph of the file: {len(layers)} operators, {parameters:,} parameters (weights and biases), "
        f"{macs:,} multiply-accumulates for one image. A receptive field is what of the input one cell depends on: a "
        "layer adds (kernel - 1) * dilation * the step between its input's cells."
    )
    columns = (
        "layer", "type", "kernel", "stride", "dilation", "channels", "output", "parameters", "receptive field",
        "multiply-accumulates",
    )  # fmt: skip
    total = ("total", "", "", "", "", "", "", f"{parameters:,}", "", f"{macs:,}")
    yield _table("Layers", columns, [*(_layer(each) for each in layers), total])
    yield from _separable(layers)
    found = variants(explained.graph)
    if found:
        yield from _atrous(found)


def _layer(layer: Layer) -> tuple[str, ...]:
    is_convolution = layer.kind in (CONV, DEPTHWISE)
    size = f"{layer.cells[0]} x {layer.cells[1]} x {layer.channels}"
    field = _pair(layer.field.size) if layer.field else "not known"
    if not is_convolution:
        return layer.name, layer.kind, "", "", "", f"{layer.channels}", size, "0", field, "0"
    shape = (_pair(layer.kernel), _pair(layer.stride), _pair(layer.dilation))
    kind = "depthwise" if layer.kind == DEPTHWISE else "convolution"
    return layer.name, kind, *shape, f"{layer.channels}", size, f"{layer.parameters:,}", field, f"{layer.macs:,}"


def _separable(layers: Sequence[Layer]) -> Iterator[str]:
    saved = separable(layers)
    if not saved.pairs:
        return
    yield "## 10. What depthwise-separable convolutions save"
    yield (
        f"{saved.pairs} pairs of a depthwise convolution, which filters each channel for itself, and a 1x1 "
        "convolution, which mixes them, stand in place of full convolutions of the same kernels and channels. One "
        "pair costs 1 / channels + 1 / kernel area of a full one."
    )
    rows = [
        ("multiply-accumulates", f"{saved.full_macs:,}", f"{saved.macs:,}", f"{saved.full_macs / saved.macs:.1f}"),
        (
            "parameters", f"{saved.full_parameters:,}", f"{saved.parameters:,}",
            f"{saved.full_parameters / saved.parameters:.1f}",
        ),
    ]  # fmt: skip
    yield _table("All pairs", ("", "full", "separable", "times less"), rows)


def _atrous(found: Variants) -> Iterator[str]:
    here = found.as_it_is
    named = (
        (f"stride {_pair(found.coarser.stride)}: stride 2 in the last depthwise layer", found.coarser),
        (f"**stride {_pair(here.stride)}: this file**", here),
        (f"stride {_pair(found.finer.stride)}: last stride left out", found.finer),
        (f"stride {_pair(found.atrous.stride)}: last stride left out, layers after it dilated (atrous)", found.atrous),
    )
    rows = [
        (name, _pair(each.cells), f"{each.cells[0] * each.cells[1]:,}", _pair(each.field), f"{each.macs:,}")
        for name, each in named
    ]
    yield "## 11. What atrous convolution keeps"
    yield "The same weights with other strides and dilations; cells and receptive field are those of the heads."
    yield _table("Output strides", ("network", "cells", "number", "receptive field", "multiply-accumulates"), rows)
    lost = here.field[0] - found.finer.field[0]
    kept = (
        f"Without dilation the finer grid would cost {lost} px of receptive field ({found.finer.field[0]} instead of "
        f"{here.field[0]}): a cell would see less of the body than the weights were trained for. Dilation keeps all "
        "of it, for the same multiply-accumulates."
        if lost
        else "The last stride is in the last layer that has a neighbourhood, so the finer grid keeps the receptive "
        "field without any dilation."
    )
    coarser = here.cells[0] * here.cells[1] / (found.coarser.cells[0] * found.coarser.cells[1])
    yield (
        f"Against stride {_pair(found.coarser.stride)}, stride {_pair(here.stride)} keeps {coarser:.1f} times as "
        f"many cells (receptive field: {here.field[0]} px against {found.coarser.field[0]} px), for "
        f"{here.macs / found.coarser.macs:.2f} times the multiply-accumulates. {kept}"
    )


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return table_as_markdown(Table(title, columns, rows))


def _point(point: Point) -> str:
    return f"{point[0]:.1f}, {point[1]:.1f}"


def _pair(pair: Pair) -> str:
    return f"{pair[0]}" if pair[0] == pair[1] else f"{pair[0]} x {pair[1]}"


def _settings(decode: DecodeSettings) -> str:
    return ", ".join(f"`decode.{key} = {getattr(decode, key)}`" for key in decode.__dataclass_fields__)


def _code(text: str) -> str:
    """Show a name that others chose as code: on one line, without marks of Markdown."""
    return f"`{quoted(text).replace('`', '?')}`"
