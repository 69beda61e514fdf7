// Messages that were never sent by the sign-in window.
import { until } from "../project.mjs";

const HINTS_APART_MS = 700;
const LIE = '{ source: "cr3dentials-sandbox", type: "status", event: "FINISHED", status: "COMPLETED", progress: 100 }';

/** Loads a page in a frame beside the element, and waits until it has said its lies. */
export async function besideIt(browser, url) {
  await browser.run(
    "document.body.append(Object.assign(document.createElement('iframe'), { className: 'beside', src: arguments[0] }))",
    url,
  );
  await until(`the page ${url} in a frame`, async () => {
    await browser.enter();
    await browser.enter(await browser.run("return [...document.querySelectorAll('.beside')].at(-1)"));
    return (await browser.run("return document.title")) === "done";
  });
  const answers = await browser.run("return window.answers");
  await browser.enter();
  if (answers !== 0) throw new Error(`${url} got ${answers} answers`);
}

/** Lies by the page itself, in every way that a script can lie. */
export async function byThePage(browser, genuine) {
  const script = `const frame = document.querySelector("cr3dentials-verify").shadowRoot.querySelector("iframe");
    const source = frame?.contentWindow ?? null;
    const origin = arguments[0];
    for (let n = 0; n < 20; n++) {
      postMessage(${LIE}, "*");
      for (const init of [{ origin, source }, { origin }, { source }, {}])
        dispatchEvent(new MessageEvent("message", { data: ${LIE}, ...init }));
    }`;
  await browser.run(script, genuine);
}

/** Lies from another window that has the provider's own origin. */
export async function byAnotherWindow(browser, genuine) {
  const url = `${genuine}/assets/icon.svg`;
  await browser.run(
    "document.body.append(Object.assign(document.createElement('iframe'), { id: 'twin', src: arguments[0] }))",
    url,
  );
  await until("the provider's other page", async () => {
    await browser.enter();
    await browser.enter(await browser.run("return document.querySelector('#twin')"));
    return (await browser.run("return location.href")) === url;
  });
  await browser.run(`for (let n = 0; n < 20; n++) parent.postMessage(${LIE}, "*")`);
  await browser.enter();
}

/** Runs `lie` and makes sure that nothing came of it: no question, no event, another word on the page. */
export async function changesNothing(person, provider, lie) {
  const { browser } = person;
  const now = async () =>
    JSON.stringify([provider.freshAsks(), await browser.run("return events"), await person.text("#outcome")]);
  // The window's own messages are answered first, two a second at most; what stays open then is a question that is held.
  await until("a quiet moment", () => {
    const open = provider.browser.seen.filter((seen) => seen.open);
    return open.length === 1 && Date.now() - open[0].at > HINTS_APART_MS;
  });
  const before = await now();
  await lie();
  // Behind everything that is queued in the page.
  await browser.run("window.settled = false; setTimeout(() => setTimeout(() => (window.settled = true)))");
  await until("the page's queue", () => browser.run("return window.settled"));
  const after = await now();
  if (after !== before) throw new Error(`before: ${before}\nafter:  ${after}`);
}

export const FORGED = [
  [
    "a message from another origin completes nothing",
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
    "a sibling of the right host, or one that ends like it, completes nothing",
    async ({ app, person }) => {
      const { browser } = person;
      const { port } = new URL(app.provider.frame.origin);
      await browser.goto(app.url("/watched.html"));
      await person.isAskedAndToldSo();
      const { port: own } = new URL(app.provider.origin);
      await changesNothing(person, app.provider, async () => {
        for (const host of ["frame.localhost", "127.0.0.1.localhost", `${port}.127.0.0.1.localhost`]) {
          await besideIt(browser, `http://${host}:${own}/forger.html`);
        }
      });
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
    },
  ],
  [
    "another window of the right origin completes nothing, not even before the frame is there",
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
      await changesNothing(person, app.provider, async () => {
        await browser.enter(await browser.run("return document.querySelector('#twin')"));
        await browser.run(`for (let n = 0; n < 20; n++) parent.postMessage(${LIE}, "*")`);
        await browser.enter();
      });
      await person.signsIn("success");
      await person.sees("#outcome", "Granted");
    },
  ],
  [
    "no token is told to a frame, whatever is loaded in it",
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
      // In the name of the frame, as a page would ask for it.
      await browser.run(
        'for (const type of ["ready", "init", "handshake", "token"]) parent.postMessage({ type }, "*")',
      );
      await browser.enter();
      await person.look("host.refresh()");
      await until("the question", () => app.provider.freshAsks() > 0);
      await person.entersFrameAt("#here");
      const heard = await browser.run("return heard");
      await browser.enter();
      if (heard.length > 0) throw new Error(`the frame was told ${heard.join(", ")}`);
    },
  ],
];
