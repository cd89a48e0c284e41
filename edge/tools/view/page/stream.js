// Messages from the server. The browser reconnects by itself when the connection is lost.
import { now } from "./svg.js";

const QUIET = 15; // seconds without a message, three times as long as the server lets pass, after which it is lost

export class Stream {
  // heard(message): {device, kind, age, data}. linked(state): "open", "lost" or "refused".
  constructor(heard, linked) {
    this.heard = heard;
    this.linked = linked;
    this.source = null;
    this.heardAt = now();
  }

  // The server sends poses of this device only, and all other messages of all devices.
  open(device) {
    this.source?.close();
    const source = new EventSource(`stream?device=${encodeURIComponent(device)}`);
    source.onopen = () => {
      this.heardAt = now();
      this.linked("open");
    };
    source.onmessage = event => {
      this.heardAt = now();
      const message = JSON.parse(event.data);
      if (message.kind !== "alive") this.heard(message);
    };
    source.onerror = () => this.linked(source.readyState === EventSource.CLOSED ? "refused" : "lost");
    this.source = source;
  }

  // Whether nothing came for so long that the connection must be lost without anybody having said so.
  isQuiet() {
    return now() - this.heardAt > QUIET;
  }
}
