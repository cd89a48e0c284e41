// Zones on the picture: drawn always, and edited with mouse, finger or keyboard while that is switched on.
import { between } from "./polygon.js";
import { put, svg } from "./svg.js";

const STEP = 0.01;
const STRIDE = 0.05;
const DRAWN_FROM = 0.02; // of the frame: a shorter drag is a click
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Editor {
  // stage: the SVG. group: its <g> for zones. added(): told of a new zone. changed(): of any other change.
  constructor(stage, group, { changed, added }) {
    this.stage = stage;
    this.group = group;
    this.changed = changed;
    this.added = added;
    this.zones = null;
    this.editing = false;
    this.grip = null;
    this.last = null;
    stage.addEventListener("pointerdown", event => this.grab(event));
    stage.addEventListener("pointermove", event => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => this.drop());
    group.addEventListener("keydown", event => this.press(event));
    group.addEventListener("focusin", event => { this.last = where(event.target); });
    new ResizeObserver(() => this.draw()).observe(stage);
  }

  show(zones) {
    this.zones = zones;
    this.last = null;
    this.draw();
  }

  edit(on) {
    this.editing = on;
    this.stage.classList.toggle("editing", on);
    this.draw();
  }

  // Draws all anew; focus: [zone, corner] to be focused then.
  draw(focus = where(document.activeElement)) {
    if (!this.zones || this.grip) return;
    const { width, height } = this.stage.viewBox.baseVal;
    const pixel = 1 / (this.stage.getScreenCTM()?.a || 1);
    this.group.replaceChildren(...this.zones.list.map((zone, index) => this.figure(zone, index, pixel)));
    for (const index of this.zones.list.keys()) this.place(index, width, height);
    if (focus) this.find("corner", ...focus)?.focus();
  }

  figure(zone, index, pixel) {
    const handles = [];
    for (let corner = 0; this.editing && corner < zone.polygon.length; corner += 1) {
      const at = { "data-zone": index, "data-corner": corner };
      handles.push(
        svg("circle", { class: "middle", r: 5 * pixel, ...at }),
        svg("circle", { class: "corner", r: 8 * pixel, tabindex: 0, role: "button", "aria-roledescription": "corner", ...at }),
      );
    }
    const name = svg("text", { "font-size": 13 * pixel, "aria-hidden": true }, zone.name);
    return svg("g", { class: "zone", role: "group", "aria-label": `zone ${zone.name}` }, svg("polygon"), name, ...handles);
  }

  // Puts zone `index` where it is now, without making anything anew.
  place(index) {
    const { width, height } = this.stage.viewBox.baseVal;
    const { polygon } = this.zones.list[index];
    const figure = this.group.children[index];
    const pixels = polygon.map(([x, y]) => [x * width, y * height]);
    put(figure.querySelector("polygon"), "points", pixels.map(point => point.join(",")).join(" "));
    const [x, y] = pixels.reduce((best, point) => (point[0] + point[1] < best[0] + best[1] ? point : best));
    const text = figure.querySelector("text");
    put(text, "x", x + 0.6 * text.getAttribute("font-size"));
    put(text, "y", y + 1.4 * text.getAttribute("font-size"));
    for (const corner of figure.querySelectorAll("circle")) {
      const number = Number(corner.dataset.corner);
      const isCorner = corner.matches(".corner");
      const next = pixels[(number + 1) % pixels.length];
      const [cx, cy] = isCorner ? pixels[number] : between(pixels[number], next);
      put(corner, "cx", cx);
      put(corner, "cy", cy);
      if (isCorner) put(corner, "aria-label", spoken(number, polygon));
    }
    put(figure, "class", this.zones.problem(index) ? "zone wrong" : "zone");
  }

  grab(event) {
    if (!this.editing || event.button !== 0) return;
    event.preventDefault();
    const held = where(event.target);
    const point = this.point(event);
    if (held && event.target.matches(".middle")) {
      if (!this.zones.insertCorner(held[0], held[1] + 1, point)) return;
      this.draw([held[0], held[1] + 1]);
      this.grip = { zone: held[0], corner: held[1] + 1 };
    } else if (held) {
      event.target.focus();
      this.grip = { zone: held[0], corner: held[1] };
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
      this.zones.moveCorner(this.grip.zone, this.grip.corner, point);
      this.place(this.grip.zone);
      this.changed();
    }
  }

  // A new zone: a rectangle from where the pointer went down to where it is.
  stretch([x, y]) {
    const { start } = this.grip;
    const corners = [start, [x, start[1]], [x, y], [start[0], y]];
    if (this.grip.zone === undefined) {
      if (Math.abs(x - start[0]) < DRAWN_FROM || Math.abs(y - start[1]) < DRAWN_FROM) return;
      this.add(corners);
      this.grip = { start, zone: this.zones.list.length - 1 };
    }
    corners.forEach((corner, number) => this.zones.moveCorner(this.grip.zone, number, corner));
    this.place(this.grip.zone);
    this.changed();
  }

  drop() {
    this.grip = null;
  }

  add(corners) {
    this.grip = null;
    const index = this.zones.add(corners);
    this.draw([index, 0]);
    this.added();
  }

  press(event) {
    const held = where(event.target);
    if (!held || !this.editing) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = event.shiftKey ? STRIDE : STEP;
      const [x, y] = this.zones.list[held[0]].polygon[held[1]];
      this.zones.moveCorner(...held, [x + step * arrow[0], y + step * arrow[1]]);
      this.place(held[0]);
      this.changed();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.removeCorner();
    } else {
      return;
    }
    event.preventDefault();
  }

  // The corner that was focused last.
  removeCorner() {
    if (!this.last || !this.zones.removeCorner(...this.last)) return;
    this.draw([this.last[0], Math.max(0, this.last[1] - 1)]);
    this.changed();
  }

  find(kind, zone, corner) {
    return this.group.querySelector(`.${kind}[data-zone="${zone}"][data-corner="${corner}"]`);
  }

  // In fractions of the frame.
  point(event) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.stage.getScreenCTM().inverse());
    const { width, height } = this.stage.viewBox.baseVal;
    return [x / width, y / height];
  }
}

function where(element) {
  return element?.dataset?.corner === undefined ? null : [Number(element.dataset.zone), Number(element.dataset.corner)];
}

function spoken(number, polygon) {
  const [x, y] = polygon[number].map(value => Math.round(value * 100));
  return `corner ${number + 1} of ${polygon.length}, ${x} % from the left, ${y} % from the top`;
}
