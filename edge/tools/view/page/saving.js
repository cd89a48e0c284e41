// What was edited, out of this browser: as TOML to copy, or where the view may, as a command to the sensor.
import { isUsed } from "./places.js";

const PATIENCE = 5; // seconds for which the sensor may take to answer
const SILENT = `not answered within ${PATIENCE} s: does it have [command] enabled = true, and may this user write there?`;

const find = id => document.getElementById(id);

export class Saving {
  // commands: whether anything may be sent. taken(): told when the sensor uses what was sent.
  constructor(commands, taken) {
    this.commands = commands;
    this.taken = taken;
    this.waiting = null;
    find("close").addEventListener("click", () => find("saving").close());
    find("copy").addEventListener("click", () => this.copy());
    find("send").addEventListener("click", () => this.ask(this.places.asked()));
    find("settings").addEventListener("click", () => this.ask(null));
  }

  open(device, places) {
    this.device = device;
    this.places = places;
    const wrong = places.wrong();
    find("toml").value = wrong ? `# ${wrong}; correct that first\n` : places.toml();
    find("send").hidden = find("rights").hidden = !this.commands;
    find("send").disabled = Boolean(wrong);
    find("settings").hidden = !(this.commands && places.said?.source === "command");
    this.say("");
    find("saving").showModal();
  }

  hear(device, told) {
    if (this.waiting?.device === device && this.waiting.isAnswer(told)) this.waiting.answered(true);
  }

  // asked: what is to be used from now on, or null: the settings.
  async ask(asked) {
    const { device, places } = this;
    const isAnswer = told => (asked ? told.source === "command" && isUsed(asked, told) : told.source === "settings");
    const answer = new Promise(answered => {
      this.waiting = { device, isAnswer, answered };
      setTimeout(answered, 1000 * PATIENCE, false);
    });
    this.say("asking …");
    const refused = await post(`places?device=${encodeURIComponent(device)}`, asked ? JSON.stringify(asked) : "");
    if (refused) return this.say(refused);
    if (!await answer) return this.say(SILENT);
    this.say(asked ? "the sensor uses this now" : "the sensor uses its settings again");
    find("settings").hidden = !asked;
    return this.taken(places);
  }

  async copy() {
    find("toml").select();
    // Browsers have navigator.clipboard only with TLS or on loopback; the older way works everywhere.
    const done = navigator.clipboard ? await navigator.clipboard.writeText(find("toml").value).then(() => true, () => false)
      : document.execCommand("copy");
    this.say(done ? "copied" : "press Ctrl-C to copy");
  }

  say(text) {
    find("said").textContent = text;
  }
}

// Why it was refused; empty: it was not.
async function post(address, body) {
  try {
    const response = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return response.ok ? "" : await response.text();
  } catch {
    return "the view does not answer";
  }
}
