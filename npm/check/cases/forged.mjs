// Messages that were not sent by the sign-in window.
import { until } from "../project.mjs";

const HINTS_APART_MS = 700;
/** Time for which a poll triggered by a message is protected from further messages: twice three seconds. */
const LEFT_ALONE_MS = 6_500;
const LIE = '{ source: "cr3dentials-sandbox", type: "status", event: "FINISHED", status: "COMPLETED", progress: 100 }';

/** Runs `tell`, which sends forged messages, and waits until the page has received the last one. Needs `watch.js`. */
async function hearOut(browser, tell) {
  const before = await browser.run("return liars");
  await tell();
  await browser.enter();
  await until("the last forged message", async () => (await browser.run("return liars")) > before);
}

/** Loads a page in a frame next to the element, and waits until it has sent its forged messages. */
export async function besideIt(browser, url) {
  await hearOut(browser, async () => {
    const insert = `const frame = document.createElement("iframe");
      document.body.append(Object.assign(frame, { className: "beside", src: arguments[0] }));`;
    await browser.run(insert, url);
    await until(`the page ${url} in a frame`, async () => {
      await browser.enter();
      await browser.enter(await browser.run("return [...document.querySelectorAll('.beside')].at(-1)"));
      return (await browser.run("return document.title")) === "done";
    });
    const answers = await browser.run("return window.answers");
    if (answers !== 0) throw new Error(`${url} received ${answers} responses`);
  });
}

/** Forges messages from a script of the page, in every possible way. */
export async function byThePage(browser, genuine) {
  const script = `const frame = document.querySelector("cr3dentials-verify").shadowRoot.querySelector("iframe");
    const source = frame?.contentWindow ?? null;
    const origin = arguments[0];
    for (let n = 0; n < 20; n++) {
      postMessage(${LIE}, "*");
      for (const init of [{ origin, source }, { origin }, { source }, {}])
        dispatchEvent(new MessageEvent("message", { data: ${LIE}, ...init }));
    }
    postMessage("that was all", "*");`;
  await hearOut(browser, () => browser.run(script, genuine));
}

/** Forges messages from a page in a frame. */
export async function inFrame(browser, frame) {
  await hearOut(browser, async () => {
    await browser.enter(frame);
    await browser.run(`for (let n = 0; n < 20; n++) parent.postMessage(${LIE}, "*");
      parent.postMessage("that was all", "*");`);
  });
}

/** Sends messages from another window of the provider's own origin. */
export async function byAnotherWindow(browser, genuine) {
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
  await byTwin(browser);
}

async function byTwin(browser) {
  await inFrame(browser, await browser.run("return document.querySelector('#twin')"));
}

/**
 * Runs `liar` and expects no effect: no poll, no event, no change on the page.
 *
 * @param held number of requests that stay open while nothing happens
 */
export async function changesNothing(person, provider, liar, { held = 1 } = {}) {
  const { browser } = person;
  const now = async () =>
    JSON.stringify([provider.freshAsks(), await browser.run("return events"), await person.text("#outcome")]);
  // The window's own messages are handled first, at most two a second. The request that stays open after that is a
  // long poll, which another message would cut short.
  await until("a quiet moment", () => {
    const { seen } = provider.browser;
    const last = seen.at(-1);
    const deaf = last.open && last.path.includes("fresh=1") ? LEFT_ALONE_MS : HINTS_APART_MS;
    return seen.filter(({ open }) => open).length === held && Date.now() - last.at > deaf;
  });
  const before = await now();
  await liar();
  // After everything that is queued in the page or on its way to the proxy.
  await browser.run(`window.settled = false;
    const ask = () => fetch("/api/verification/platforms", { cache: "no-store" }).then(() => (window.settled = true));
    setTimeout(() => setTimeout(ask));`);
  await until("the page's queue", () => browser.run("return window.settled"));
  const after = await now();
  if (after !== before) throw new Error(`before: ${before}\nafter:  ${after}`);
}

export const FORGED = [
  [
    "a message from another origin has no effect",
    async ({ app, person }) => {
      const { browser } = person;
      await browser.goto(app.url("/watched.html"));
      await person.isAskedAndToldSo();
      await changesNothing(person, app.provider, async () => {
        await besideIt(browser, `http://127.0.0.1:${new URL(app.provider.origin).port}/forger.html`);
        await byThePage(browser, app.provider.frame.origin);
      });
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
    },
  ],
  [
    "another window of the right origin has no effect, not even before the frame exists",
    async ({ app, person }) => {
      const { browser } = person;
      let letGo;
      const hold = new Promise((done) => (letGo = done));
      app.provider.browser.weather = ({ method }) => (method === "POST" ? { hold } : undefined);
      await browser.goto(app.url("/watched.html"));
      await until("the create", () => app.provider.browser.seen.some(({ method, open }) => method === "POST" && open));
      await changesNothing(person, app.provider, () => byAnotherWindow(browser, app.provider.frame.origin));
      letGo();
      await person.isAskedAndToldSo();
      await changesNothing(person, app.provider, () => byTwin(browser));
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
    },
  ],
  [
    "no token is sent to a frame, whatever page it loads",
    async ({ app, person }) => {
      const { browser } = person;
      const listener = `http://127.0.0.1:${new URL(app.provider.origin).port}/listener.html`;
      app.provider.browser.weather = ({ method }) =>
        method === "POST"
          ? { change: (answer) => ({ ...answer, data: { ...answer.data, embedUrl: listener } }) }
          : undefined;
      await browser.goto(app.url("/watched.html"));
      await until("the session", () => browser.run("return times('ready')"));
      await person.entersFrameAt("#here");
      // Messages from the frame, as a page that wants a token might send them.
      await browser.run(
        'for (const type of ["ready", "init", "handshake", "token"]) parent.postMessage({ type }, "*")',
      );
      await browser.enter();
      await person.look("host.refresh()");
      await until("the status poll", () => app.provider.freshAsks() > 0);
      await person.entersFrameAt("#here");
      const heard = await browser.run("return heard");
      await browser.enter();
      if (heard.length > 0) throw new Error(`the frame received ${heard.join(", ")}`);
    },
  ],
];
