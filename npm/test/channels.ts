import { after } from "node:test";

import { setGlobal } from "./support.js";

/**
 * Closes every message channel when the tests are over. React opens some and leaves them to a page that will go away; a
 * Node process would stay for them. For use before React is loaded.
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
  after(() => channels.forEach((channel) => channel.port1.close()));
}
