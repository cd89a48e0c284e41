// Overview of all sensors: a tile for each, which leads to it.
import { html, put, say } from "./svg.js";

export class Tiles {
  constructor(list) {
    this.list = list;
    this.tiles = new Map();
  }

  // titles: [device, title], in order. summaryOf(device): its summary, or undefined while nothing is known.
  show(titles, summaryOf) {
    const devices = titles.map(([device]) => device);
    for (const [device, tile] of this.tiles) {
      if (!devices.includes(device)) {
        tile.item.remove();
        this.tiles.delete(device);
      }
    }
    titles.forEach(([device, title], index) => {
      if (!this.tiles.has(device)) this.tiles.set(device, make(device));
      const tile = this.tiles.get(device);
      // What stays where it is keeps the focus.
      if (this.list.children[index] !== tile.item) this.list.insertBefore(tile.item, this.list.children[index] ?? null);
      fill(tile, title, summaryOf(device));
    });
  }

  focus(device) {
    this.tiles.get(device)?.link.focus();
  }
}

function make(device) {
  const [name, alarm, headline, status] = ["h3", "p", "p", "p"].map((tag, index) =>
    html(tag, { class: ["name", "alarm", "headline", "quiet"][index], dir: "auto" }));
  const link = html("a", { class: "tile card", href: `#${encodeURIComponent(device)}` }, name, alarm, headline, status);
  return { item: html("li", {}, link), link, name, alarm, headline, status };
}

function fill({ link, name, alarm, headline, status }, title, summary) {
  put(link, "data-room", summary?.room ?? "unknown");
  link.classList.toggle("fallen", Boolean(summary?.alarm));
  say(name, title);
  say(alarm, summary?.alarm ?? "");
  say(headline, summary?.headline ?? "Nothing is known of the room");
  const [, words, bad] = summary?.rows[0] ?? [];
  say(status, summary?.trouble && summary.room !== "offline" ? summary.trouble : words ?? "");
  status.classList.toggle("bad", Boolean(bad || summary?.trouble));
}
