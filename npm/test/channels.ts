import { after } from "node:test";

import { setGlobal } from "./support.js";

/**
 * Closes every message channel after the tests. React opens some and never closes them, which would keep the Node
 * process alive. Call it before React is loaded.
 */
export function closeChannels(): void {
  const channels: MessageChannel[] = [];
  class Channel extends MessageChannel {
    constructor() {
      super();
      channels.push(this);
    }
  }
  setGlobal("MessageChannel", Channel);
  after(() => {
    for (const channel of channels) channel.port1.close();
  });
}
