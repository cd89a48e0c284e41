// A faint grid on the floor with a line for each metre.
import { inFrameOf } from "./floor.js";
import { svg } from "./svg.js";

const REACH = 12; // metres from the nearest line to the farthest
const SAMPLES = 12;
const CROWDED = 22; // pixels from one label to the next

// group: an SVG <g>. pixel: length of a pixel of the screen in the drawing.
export function drawGrid(group, floor, width, height, pixel) {
  if (!floor) return group.replaceChildren();
  const [columns, rows] = extent(floor);
  const at = ([x, y]) => [x * width, y * height];
  const stretch = (start, end) => inFrameOf(floor, [start, end], false).map(at);
  const lines = [
    ...range(columns).map(x => stretch([x, rows[0]], [x, rows[1]])),
    ...range(rows).map(y => stretch([columns[0], y], [columns[1], y])),
  ].filter(line => line.length === 2);
  const middle = Math.round((columns[0] + columns[1]) / 2);
  const labels = [
    ...range(rows).map(y => [[middle, y], y]),
    ...range(columns).map(x => [[x, rows[0] + 1], x]),
  ].map(([point, metres]) => [inFrameOf(floor, [point], false).map(at)[0], `${metres} m`])
    .filter(([point, text]) => point && point[0] > 0 && point[1] > 14 * pixel && point[1] < height
      && point[0] + 7 * pixel * text.length < width);
  group.replaceChildren(
    ...lines.map(([[x1, y1], [x2, y2]]) => svg("line", { x1, y1, x2, y2 })),
    ...apart(labels, CROWDED * pixel).map(([[x, y], text]) =>
      svg("text", { x: x + 3 * pixel, y: y - 3 * pixel, "font-size": 11 * pixel }, text)),
  );
  return group;
}

// Whole metres around the visible part of the floor, as [from, to] across and away.
function extent(floor) {
  const steps = Array.from({ length: SAMPLES + 1 }, (_, index) => index / SAMPLES);
  const places = steps.flatMap(y => steps.map(x => floor.toMetres([x, y])))
    .filter(([x, y, divisor]) => divisor > 0 && Math.max(Math.abs(x), Math.abs(y)) < 100 * divisor)
    .map(([x, y, divisor]) => [x / divisor, y / divisor]);
  const nearest = places.at(-Math.ceil((SAMPLES + 1) / 2)) ?? [0, 0]; // in the middle of the lower edge
  return [0, 1].map(axis => {
    const values = places.map(place => place[axis]).filter(value => Math.abs(value - nearest[axis]) <= REACH);
    return [Math.floor(Math.min(...values, nearest[axis])), Math.ceil(Math.max(...values, nearest[axis]))];
  });
}

function range([from, to]) {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function apart(labels, distance) {
  const kept = [];
  for (const label of labels) {
    const [x, y] = label[0];
    if (kept.every(([other]) => Math.hypot(other[0] - x, other[1] - y) >= distance)) kept.push(label);
  }
  return kept;
}
