// Draws people: a line for each bone and a dot for each joint, with the score as opacity.
import { put, svg } from "./svg.js";

const COLOURS = 8;

export class Skeletons {
  // group: an SVG <g>. parts: names of the joints. bones: pairs of their indices.
  constructor(group, parts, bones) {
    this.group = group;
    this.parts = parts;
    this.bones = bones;
    this.drawn = new Map();
  }

  // people: [{id, joints: [[x, y, score] or null]}] in fractions of a frame of width by height.
  draw(people, width, height, label) {
    const unit = Math.max(width, height) / 640;
    const ids = new Set(people.map(person => person.id));
    for (const [id, figure] of this.drawn) {
      if (!ids.has(id)) {
        figure.group.remove();
        this.drawn.delete(id);
      }
    }
    for (const person of people) {
      if (!this.drawn.has(person.id)) this.drawn.set(person.id, this.figure(person.id, unit));
      this.place(this.drawn.get(person.id), person.joints, width, height, label(person), unit);
    }
  }

  figure(id, unit) {
    const lines = this.bones.map(() => svg("line", { "stroke-width": 4 * unit }));
    const dots = this.parts.map(part => svg("circle", { "data-part": part, r: 4 * unit }));
    const text = svg("text", { "font-size": 17 * unit, "text-anchor": "middle" });
    const group = svg("g", { class: `person colour-${id % COLOURS}`, "data-id": id }, ...lines, ...dots, text);
    this.group.append(group);
    return { group, lines, dots, text };
  }

  place({ lines, dots, text }, joints, width, height, label, unit) {
    const at = joints.map(joint => joint && [round(joint[0] * width), round(joint[1] * height), joint[2]]);
    dots.forEach((dot, index) => {
      const joint = at[index];
      put(dot, "opacity", joint ? joint[2] : 0);
      if (!joint) return;
      put(dot, "cx", joint[0]);
      put(dot, "cy", joint[1]);
    });
    lines.forEach((line, index) => {
      const [from, to] = this.bones[index].map(end => at[end]);
      put(line, "opacity", from && to ? Math.min(from[2], to[2]) : 0);
      if (!from || !to) return;
      put(line, "x1", from[0]);
      put(line, "y1", from[1]);
      put(line, "x2", to[0]);
      put(line, "y2", to[1]);
    });
    const sure = at.filter(joint => joint && joint[2] >= 0.2);
    const top = sure.reduce((best, joint) => (joint[1] < best[1] ? joint : best), [width / 2, Infinity]);
    if (text.textContent !== label) {
      text.textContent = label;
      text.half = text.getComputedTextLength() / 2 + 4 * unit;
    }
    put(text, "opacity", sure.length ? 1 : 0);
    if (!sure.length) return;
    put(text, "x", Math.min(Math.max(top[0], text.half), width - text.half));
    put(text, "y", Math.max(top[1] - 14 * unit, 18 * unit));
  }
}

function round(value) {
  return Math.round(value * 10) / 10;
}
