// Places on the picture: always drawn, and editable by mouse, touch or keyboard while editing is switched on.
import { figure, lay } from "./figures.js";
import { inFrameOf } from "./floor.js";
import { put } from "./svg.js";

const STEP = 0.01;
const STRIDE = 0.05;
const DRAWN_FROM = 0.02; // fraction of the frame; a shorter drag is a click
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FIRST = [[0.35, 0.35], [0.65, 0.65]];

export class Editor {
  // stage: the SVG. group: its <g> for places. added(): called for a new place, full(): where there are too many for one,
  // changed(): for any other change.
  constructor(stage, group, { changed, added, full }) {
    this.stage = stage;
    this.group = group;
    this.changed = changed;
    this.added = added;
    this.full = full;
    this.places = null;
    this.floor = null;
    this.editing = false;
    this.kind = "zone";
    this.grip = null;
    this.last = null;
    stage.addEventListener("pointerdown", event => this.grab(event));
    stage.addEventListener("pointermove", event => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => this.drop());
    // Chromium gives the focus to an SVG element that listens for it, so the element around it listens.
    const around = stage.parentElement;
    around.addEventListener("keydown", event => this.press(event));
    around.addEventListener("focusin", event => { this.last = where(event.target); });
  }

  // floor: for places in metres, or null.
  show(places, floor) {
    if (places !== this.places) this.last = null;
    this.places = places;
    this.floor = floor;
    this.draw();
  }

  edit(on) {
    this.editing = on;
    this.stage.classList.toggle("editing", on);
    this.draw();
  }

  // Length of a pixel of the screen in the drawing.
  get pixel() {
    return 1 / (this.stage.getScreenCTM()?.a || 1);
  }

  // Redraws everything; focus: [shape, corner] to focus afterwards.
  draw(focus = where(document.activeElement)) {
    if (!this.places || this.grip) return;
    const { pixel } = this;
    put(this.stage.querySelector("#hatch"), "patternTransform", `rotate(45) scale(${pixel})`);
    this.group.replaceChildren(...this.places.list.map((shape, index) => {
      const handles = this.editing && this.places.isEditable(index) ? this.places.points(index).length : 0;
      return figure(shape, index, pixel, handles);
    }));
    for (const index of this.places.list.keys()) this.lay(index);
    if (focus) this.group.querySelector(`.corner[data-shape="${focus[0]}"][data-corner="${focus[1]}"]`)?.focus();
  }

  // Updates the position of place `index`, without creating elements.
  lay(index) {
    const { width, height } = this.stage.viewBox.baseVal;
    const shape = this.places.list[index];
    let points = this.places.points(index);
    if (shape.unit === "metres") points = this.floor ? inFrameOf(this.floor, points, shape.kind !== "line") : [];
    const pixels = points.map(([x, y]) => [x * width, y * height]);
    lay(this.group.children[index], shape, pixels, this.pixel, Boolean(this.places.problem(index)), { width, height });
  }

  grab(event) {
    if (!this.editing || event.button !== 0) return;
    event.preventDefault();
    const held = where(event.target);
    const point = this.point(event);
    if (held && event.target.matches(".middle")) {
      if (!this.places.insertCorner(held[0], held[1] + 1, point)) return;
      this.draw([held[0], held[1] + 1]);
      this.grip = { shape: held[0], corner: held[1] + 1 };
    } else if (held) {
      event.target.focus();
      this.grip = { shape: held[0], corner: held[1] };
    } else {
      this.grip = { start: point };
    }
    this.stage.setPointerCapture(event.pointerId);
  }

  drag(event) {
    if (!this.grip) return;
    const point = this.point(event);
    if (this.grip.start) {
      this.stretch(point);
    } else {
      this.places.move(this.grip.shape, this.grip.corner, point);
      this.lay(this.grip.shape);
      this.changed();
    }
  }

  // A new place between the start of the drag and the pointer: a rectangle, or a line.
  stretch(point) {
    const { start } = this.grip;
    const points = this.between(start, point);
    if (this.grip.shape === undefined) {
      const [across, down] = [0, 1].map(axis => Math.abs(point[axis] - start[axis]));
      const least = this.kind === "line" ? Math.max(across, down) : Math.min(across, down);
      if (least < DRAWN_FROM) return;
      const shape = this.add(points);
      this.grip = shape < 0 ? null : { start, shape };
      if (shape < 0) return;
    }
    points.forEach((corner, number) => this.places.move(this.grip.shape, number, corner));
    this.lay(this.grip.shape);
    this.changed();
  }

  drop() {
    this.grip = null;
  }

  add(points = this.between(...FIRST)) {
    this.grip = null;
    const index = this.places.add(this.kind, points);
    if (index >= 0) {
      this.draw([index, 0]);
      this.added();
    } else {
      this.full();
    }
    return index;
  }

  between(start, end) {
    return this.kind === "line" ? [start, end] : [start, [end[0], start[1]], end, [start[0], end[1]]];
  }

  press(event) {
    const held = where(event.target);
    if (!held || !this.editing) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.shiftKey ? STRIDE : STEP;
      const [x, y] = this.places.points(held[0])[held[1]];
      this.places.move(...held, [x + step * arrow[0], y + step * arrow[1]]);
      this.lay(held[0]);
      this.changed();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.removeCorner();
    } else {
      return;
    }
    event.preventDefault();
  }

  // The corner that had the focus last.
  removeCorner() {
    if (!this.last || !this.places.removeCorner(...this.last)) return;
    this.draw([this.last[0], Math.max(0, this.last[1] - 1)]);
    this.changed();
  }

  // Position of the pointer in fractions of the frame.
  point(event) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.stage.getScreenCTM().inverse());
    const { width, height } = this.stage.viewBox.baseVal;
    return [x / width, y / height];
  }
}

function where(element) {
  return element?.dataset?.corner === undefined ? null : [Number(element.dataset.shape), Number(element.dataset.corner)];
}
