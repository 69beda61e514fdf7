// Messages that were not sent by the sign-in window.
import { until } from "../project.mjs";

const HINTS_APART_MS = 700;
/** Time for which a poll triggered by a message is protected from further messages: twice three seconds. */
const PROTECTED_MS = 6_500;
const FORGED_MESSAGE =
  '{ source: "cr3dentials-sandbox", type: "status", event: "FINISHED", status: "COMPLETED", progress: 100 }';

/** Runs `forge`, which sends forged messages, and waits until the page has received the last one. Needs `watch.js`. */
async function untilReceived(browser, forge) {
  const before = await browser.run("return forgers");
  await forge();
  await browser.enter();
  await until("the last forged message", async () => (await browser.run("return forgers")) > before);
}

/** Loads a page in a frame next to the element, and waits until it has sent its forged messages. */
export async function forgeBesideElement(browser, url) {
  await untilReceived(browser, async () => {
    const insert = `const frame = document.createElement("iframe");
      document.body.append(Object.assign(frame, { className: "beside", src: arguments[0] }));`;
    await browser.run(insert, url);
    await until(`the page ${url} in a frame`, async () => {
      await browser.enter();
      await browser.enter(await browser.run("return [...document.querySelectorAll('.beside')].at(-1)"));
      return (await browser.run("return document.title")) === "done";
    });
    const responses = await browser.run("return window.responses");
    if (responses !== 0) throw new Error(`${url} received ${responses} responses`);
  });
}

/** Forges messages from a script of the page, in every possible way. */
export async function forgeInPage(browser, genuine) {
  const script = `const frame = document.querySelector("cr3dentials-verify").shadowRoot.querySelector("iframe");
    const source = frame?.contentWindow ?? null;
    const origin = arguments[0];
    for (let n = 0; n < 20; n++) {
      postMessage(${FORGED_MESSAGE}, "*");
      for (const init of [{ origin, source }, { origin }, { source }, {}])
        dispatchEvent(new MessageEvent("message", { data: ${FORGED_MESSAGE}, ...init }));
    }
    postMessage("that was all", "*");`;
  await untilReceived(browser, () => browser.run(script, genuine));
}

/** Forges messages from a page in a frame. */
export async function forgeInFrame(browser, frame) {
  await untilReceived(browser, async () => {
    await browser.enter(frame);
    await browser.run(`for (let n = 0; n < 20; n++) parent.postMessage(${FORGED_MESSAGE}, "*");
      parent.postMessage("that was all", "*");`);
  });
}

/** Sends messages from another window of the provider's own origin. */
export async function forgeInAnotherWindow(browser, genuine) {
  const url = `${genuine}/assets/icon.svg`;
  await browser.run(
    "document.body.append(Object.assign(document.createElement('iframe'), { id: 'twin', src: arguments[0] }))",
    url,
  );
  await until("another page of the provider", async () => {
    await browser.enter();
    await browser.enter(await browser.run("return document.querySelector('#twin')"));
    return (await browser.run("return location.href")) === url;
  });
  await browser.enter();
  await forgeInTwin(browser);
}

async function forgeInTwin(browser) {
  await forgeInFrame(browser, await browser.run("return document.querySelector('#twin')"));
}

/**
 * Runs `forge` and expects no effect: no poll, no event, no change on the page.
 *
 * @param held number of requests that stay open while nothing happens
 */
export async function expectNoEffect(user, provider, forge, { held = 1 } = {}) {
  const { browser } = user;
  const now = async () =>
    JSON.stringify([provider.freshPolls(), await browser.run("return events"), await user.text("#outcome")]);
  // The window's own messages are handled first, at most two a second. The request that stays open after that is a
  // long poll, which another message would cut short.
  await until("a quiet moment", () => {
    const { requests } = provider.browser;
    const last = requests.at(-1);
    const quietMs = last.open && last.path.includes("fresh=1") ? PROTECTED_MS : HINTS_APART_MS;
    return requests.filter(({ open }) => open).length === held && Date.now() - last.at > quietMs;
  });
  const before = await now();
  await forge();
  // After everything that is queued in the page or on its way to the proxy.
  await browser.run(`window.settled = false;
    const send = () => fetch("/api/verification/platforms", { cache: "no-store" }).then(() => (window.settled = true));
    setTimeout(() => setTimeout(send));`);
  await until("the page's queue", () => browser.run("return window.settled"));
  const after = await now();
  if (after !== before) throw new Error(`before: ${before}\nafter:  ${after}`);
}

export const FORGED = [
  [
    "a message from another origin has no effect",
    async ({ app, user }) => {
      const { browser } = user;
      await browser.goto(app.url("/watched.html"));
      await user.waitForPromptAndEvent();
      await expectNoEffect(user, app.provider, async () => {
        await forgeBesideElement(browser, `http://127.0.0.1:${new URL(app.provider.origin).port}/forger.html`);
        await forgeInPage(browser, app.provider.frame.origin);
      });
      await user.signIn("success");
      await user.waitForText("#outcome", "Granted");
    },
  ],
  [
    "another window of the right origin has no effect, not even before the frame exists",
    async ({ app, user }) => {
      const { browser } = user;
      let release;
      const hold = new Promise((done) => (release = done));
      app.provider.browser.fault = ({ method }) => (method === "POST" ? { hold } : undefined);
      await browser.goto(app.url("/watched.html"));
      await until("the create", () =>
        app.provider.browser.requests.some(({ method, open }) => method === "POST" && open),
      );
      await expectNoEffect(user, app.provider, () => forgeInAnotherWindow(browser, app.provider.frame.origin));
      release();
      await user.waitForPromptAndEvent();
      await expectNoEffect(user, app.provider, () => forgeInTwin(browser));
      await user.signIn("success");
      await user.waitForText("#outcome", "Granted");
    },
  ],
  [
    "no token is sent to a frame, whatever page it loads",
    async ({ app, user }) => {
      const { browser } = user;
      const listener = `http://127.0.0.1:${new URL(app.provider.origin).port}/listener.html`;
      app.provider.browser.fault = ({ method }) =>
        method === "POST" ? { change: (body) => ({ ...body, data: { ...body.data, embedUrl: listener } }) } : undefined;
      await browser.goto(app.url("/watched.html"));
      await until("the session", () => browser.run("return times('ready')"));
      await user.enterFrameAt("#here");
      // Messages from the frame, as a page that wants a token might send them.
      await browser.run(
        'for (const type of ["ready", "init", "handshake", "token"]) parent.postMessage({ type }, "*")',
      );
      await browser.enter();
      await user.evaluate("host.refresh()");
      await until("the status poll", () => app.provider.freshPolls() > 0);
      await user.enterFrameAt("#here");
      const received = await browser.run("return received");
      await browser.enter();
      if (received.length > 0) throw new Error(`the frame received ${received.join(", ")}`);
    },
  ],
];
