// Elements of a place on the picture: created once, and updated while it is dragged.
import { between } from "./polygon.js";
import { called, SPOKEN } from "./places.js";
import { put, svg } from "./svg.js";

const ARROW = 22; // screen pixels
const LONGEST = 32; // letters of a title on the picture, as an emoji counts as one

// pixel: length of a pixel of the screen in the drawing. handles: number of corners that can be dragged.
export function figure(shape, index, pixel, handles) {
  const isLine = shape.kind === "line";
  const outline = svg(isLine ? "polyline" : "polygon", shape.kind === "ignore" ? { fill: "url(#hatch)" } : {});
  const parts = [outline, svg("text", { class: "name", "font-size": 13 * pixel, "aria-hidden": true }, short(called(shape)))];
  if (isLine) {
    parts.push(svg("path", { class: "arrow" }), svg("text", { class: "way", "font-size": 12 * pixel, "aria-hidden": true }, "in"));
  }
  for (let corner = 0; corner < handles; corner += 1) {
    const at = { "data-shape": index, "data-corner": corner };
    if (!isLine) parts.push(svg("circle", { class: "middle", r: 5 * pixel, ...at }));
    parts.push(svg("circle", { class: "corner", r: 8 * pixel, tabindex: 0, role: "button", "aria-roledescription": isLine ? "end" : "corner", ...at }));
  }
  return svg("g", { role: "group", "aria-label": spoken(shape) }, ...parts);
}

// points: corners in the drawing's pixels; none if the place is behind the camera.
// size: width and height of the drawing, beyond which no name goes.
export function lay(element, shape, points, pixel, isWrong, size) {
  put(element, "class", ["place", shape.kind, shape.unit === "metres" && "metres", isWrong && "wrong"].filter(Boolean).join(" "));
  put(element, "visibility", points.length < 2 ? "hidden" : "visible");
  if (points.length < 2) return;
  put(element.firstChild, "points", points.map(point => point.join(",")).join(" "));
  const name = element.querySelector(".name");
  const corner = shape.kind === "line" ? points[0] : points.reduce((best, point) => (point[0] + point[1] < best[0] + best[1] ? point : best));
  keepInside(name, corner[0] + 8 * pixel, corner[1] + 18 * pixel, size, pixel);
  if (shape.kind === "line") layArrow(element, points, pixel, size);
  for (const circle of element.querySelectorAll("circle")) {
    const number = Number(circle.dataset.corner);
    const isCorner = circle.matches(".corner");
    const [cx, cy] = isCorner ? points[number] : between(points[number], points[(number + 1) % points.length]);
    put(circle, "cx", cx);
    put(circle, "cy", cy);
    if (isCorner) put(circle, "aria-label", spokenCorner(shape, number));
  }
}

// Arrow to the right of the line, seen from its start to its end: the direction `in`.
function layArrow(element, [start, end], pixel, size) {
  const length = Math.hypot(end[0] - start[0], end[1] - start[1]) || 1;
  const [ahead, right] = [[end[0] - start[0], end[1] - start[1]], [start[1] - end[1], end[0] - start[0]]]
    .map(([x, y]) => [x * pixel / length, y * pixel / length]);
  const middle = between(start, end);
  const at = (across, along) => [0, 1].map(axis => middle[axis] + across * right[axis] + along * ahead[axis]);
  const [tip, one, other] = [at(ARROW, 0), at(ARROW - 8, 6), at(ARROW - 8, -6)];
  put(element.querySelector(".arrow"), "d", `M${middle} L${tip} M${one} L${tip} L${other}`);
  const [x, y] = at(ARROW + 12, 0);
  const way = element.querySelector(".way");
  keepInside(way, x - way.getComputedTextLength() / 2, y + 4 * pixel, size, pixel);
}

// Puts a text whose left end would be at x where all of it is in the drawing.
function keepInside(text, x, y, { width, height }, pixel) {
  const margin = 4 * pixel;
  put(text, "x", Math.max(margin, Math.min(x, width - text.getComputedTextLength() - margin)));
  put(text, "y", Math.max(14 * pixel, Math.min(y, height - margin)));
}

function short(title) {
  const letters = [...new Intl.Segmenter().segment(title)].map(({ segment }) => segment);
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join("")}…` : title;
}

function spoken(shape) {
  const { kind, unit } = shape;
  const direction = kind === "line" ? ", in is from left to right as one looks from its start to its end" : "";
  return `${SPOKEN[kind]} ${called(shape)}${unit === "metres" ? ", in metres on the floor" : ""}${direction}`;
}

function spokenCorner(shape, number) {
  const isLine = shape.kind === "line";
  const corners = isLine ? [shape.start, shape.end] : shape.polygon;
  const [x, y] = corners[number].map(value => Math.round(value * 100));
  const which = isLine ? ["start", "end"][number] : `corner ${number + 1} of ${corners.length}`;
  return `${which}, ${x} % from the left, ${y} % from the top`;
}
