// Places of an element: in a prerendered page, in and out of the page, in another document, in a page with one script.
import { until } from "../project.mjs";
import { User } from "../user.mjs";
import { equal, isCreate, openPage, settle, signInToTheEnd, waitForTurn } from "./page.mjs";
import { Inside } from "./restricted.mjs";

const creates = ({ app }) => app.provider.browser.requests.filter(isCreate).length;

/** Records, for each painted frame, a text that sends the user to a window that is not there. */
const WATCH_WORDS = `window.lies = [];
  const look = () => {
    for (const one of document.querySelectorAll("cr3dentials-verify")) {
      const text = one.shadowRoot.querySelector(".cr3d-view")?.innerText ?? "";
      if (/below/.test(text) && !one.shadowRoot.querySelector("iframe")) lies.push(text);
    }
    requestAnimationFrame(look);
  };
  look();`;

async function expectNoLies(browser) {
  equal(await browser.run("return [...new Set(lies)]"), [], "texts about a window that is not there");
}

/** Takes the element out of the page and puts it back, as routers that keep their pages do. */
function leaveAndReturn(leave, comeBack) {
  return async (it) => {
    const { app, user, browser } = it;
    await openPage(browser, app.url("/empty.html"));
    await browser.run("start()");
    await waitForTurn(browser);
    await browser.run(`${WATCH_WORDS} window.kept = document.querySelector("cr3dentials-verify")`);
    for (let times = 0; times < 3; times += 1) {
      await browser.run(leave);
      await settle(browser);
      await browser.run(comeBack);
      await until("the session again", () => browser.run("return kept.state.stage === 'live'"));
      await settle(browser);
    }
    await user.waitForPrompt();
    await expectNoLies(browser);
    equal(await browser.run("return [times('end'), frameCount.most]"), [0, 1], "the ends, and the frames at a time");
    await signInToTheEnd(it);
    equal(creates(it), 1, "the number of creates");
  };
}

const FAKE_PRERENDERING = `window.prepared = true;
  Object.defineProperty(document, "prerendering", { configurable: true, get: () => window.prepared });`;

/** The names of the package's scripts that the page has loaded. */
const SCRIPTS = `return performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname)
  .filter((path) => path.startsWith("/cr3dentials-embed/") && path.endsWith(".js")).map((path) => path.split("/").at(-1));`;

/** Besides its own file, the host needs only the view's, which it loads in parallel with the create. */
async function expectOneFile({ app, browser }) {
  await browser.goto(app.url("/watched.html"));
  await waitForTurn(browser);
  const scripts = await browser.run(SCRIPTS);
  equal(scripts.sort(), ["element.js", "view.js"], "the package's scripts");
}

/** Loads both files in this order and expects one class. */
async function expectOneClass({ app, user, browser }, files) {
  await browser.goto(app.url("/listener.html"));
  const same = await browser.run(
    `return (async () => {
      const classes = [];
      for (const file of arguments[0]) classes.push((await import("/cr3dentials-embed/" + file)).Cr3dentialsVerify);
      const { define } = await import("/cr3dentials-embed/index.js");
      define();
      classes.push(customElements.get("cr3dentials-verify"));
      document.body.innerHTML = "<cr3dentials-verify proxy-url='/api/verification' platform-id='1'></cr3dentials-verify>";
      return new Set(classes).size === 1;
    })()`,
    files,
  );
  equal(same, true, `one class for ${files.join(" and ")}`);
  await user.signIn("success");
  await user.waitForText(".cr3d-title", "Verified");
}

/** Moves the element into the document of a frame of the page, and goes on there. */
async function moveToAnotherDocument({ app, browser }) {
  await openPage(browser, app.url("/empty.html"));
  await browser.run(`document.body.insertAdjacentHTML("beforeend", "<iframe id=other width=900 height=900></iframe>");
    document.querySelector("#other").src = "/done.html"; start()`);
  await waitForTurn(browser);
  const inside = new Inside(browser, await browser.find("#other"));
  await until("the other document", () => inside.run("return window.defined"));
  await browser.enter();
  const user = new User(inside);
  const [url, radius] = await browser.run(`const element = document.querySelector("cr3dentials-verify");
    const { src } = element.shadowRoot.querySelector("iframe");
    const style = getComputedStyle(element.shadowRoot.querySelector(".cr3d"));
    document.querySelector("#other").contentDocument.body.append(element);
    return [src, style.borderTopLeftRadius]`);
  const fresh = await until("a fresh frame", async () => {
    const now = await user.evaluate('return deep("iframe")?.src');
    return now && now !== url && now;
  });
  const found = await user.evaluate('return getComputedStyle(deep(".cr3d")).borderTopLeftRadius');
  if (found === "0px") throw new Error(`the card has no styles, but had a radius of ${radius}`);
  await until("the fresh frame's page", () =>
    app.provider.loads().get(new URL(fresh).pathname + new URL(fresh).search),
  );
  // ChromeDriver cannot enter a frame in a shadow root from another document.
  await app.provider.force(await user.evaluate("return host.state.sessionId"), "COMPLETED");
  await user.waitForText(".cr3d-title", "Verified");
  equal(await user.evaluate("return times('end')"), 1, "the number of ends");
}

/** Cases for every engine. */
export const EVERYWHERE = [
  [
    "a page that is prerendered creates nothing before it is shown",
    async (it) => {
      const { app, browser } = it;
      await openPage(browser, app.url("/empty.html"));
      await browser.run(`${FAKE_PRERENDERING} start()`);
      await settle(browser);
      equal(
        [app.provider.browser.requests.length, await browser.run("return events.length")],
        [0, 0],
        "requests, events",
      );
      await browser.run("window.prepared = false; document.dispatchEvent(new Event('prerenderingchange'))");
      await signInToTheEnd(it);
      equal(creates(it), 1, "the number of creates");
    },
  ],
  [
    "an element that is removed and inserted three times keeps its word",
    leaveAndReturn("kept.remove()", "document.querySelector('main').append(kept)"),
  ],
  [
    "an element that is hidden and shown three times keeps its word",
    leaveAndReturn("kept.parentNode.style.display = 'none'", "kept.parentNode.style.display = ''"),
  ],
  [
    "a copy of the element beside it does not disturb the session",
    async (it) => {
      const { app, user, browser } = it;
      await openPage(browser, app.url("/empty.html"));
      await browser.run(`document.querySelector("main").innerHTML =
        "<cr3dentials-verify id='first' proxy-url='/api/verification' platform-id='1'></cr3dentials-verify>"`);
      await waitForTurn(browser);
      await browser.run(`${WATCH_WORDS} window.first = document.querySelector("#first");
        window.first.shadowRoot.querySelector("iframe").mark = "the same";
        const copy = window.first.cloneNode();
        copy.id = "copy";
        document.querySelector("main").append(copy);`);
      // True whichever shows the session: another tab, or an element beside it.
      await browser.run("window.which = '#copy'");
      await user.waitForText(".cr3d-title", "Already open elsewhere");
      await browser.run("window.which = '#first'");
      equal(await user.evaluate('return deep("iframe")?.mark'), "the same", "the first frame");
      await expectNoLies(browser);
      await user.signIn("success");
      await until("the end", () => browser.run("return times('end', 'first')"));
    },
  ],
  ["an element moved to another document goes on there", moveToAnotherDocument, { moves: true }],
  ["a page that loads the element by its URL loads one file", expectOneFile],
  ["element.js and then index.js have one class", (it) => expectOneClass(it, ["element.js", "index.js"])],
  ["index.js and then element.js have one class", (it) => expectOneClass(it, ["index.js", "element.js"])],
];

/** Moves the element into its own window, as pages do that keep something in view. */
async function moveToPictureInPicture({ app, user, browser }) {
  await openPage(browser, app.url("/empty.html"));
  await browser.run(`document.body.insertAdjacentHTML("afterbegin", "<button id=float>Keep in view</button>");
    document.querySelector("#float").onclick = async () => {
      window.small = await documentPictureInPicture.requestWindow({ width: 500, height: 700 });
      small.document.body.append(host);
    };
    window.host = document.querySelector("main").appendChild(document.createElement("cr3dentials-verify"));
    for (const name of ["ready", "end"]) host.addEventListener("cr3d-" + name, ({ detail }) => (window[name] = detail));
    Object.assign(host, { proxyUrl: "/api/verification", platformId: 1 });`);
  const { sessionId } = await until("the session", () => browser.run("return window.ready"));
  const url = await browser.run("return host.shadowRoot.querySelector('iframe').src");
  await user.click("#float");
  const fresh = await until("a fresh frame in the window", async () => {
    const now = await browser.run(
      "return window.small && host.ownerDocument === small.document && host.shadowRoot.querySelector('iframe')?.src",
    );
    return now && now !== url && now;
  });
  await until("the fresh frame's page", () =>
    app.provider.loads().get(new URL(fresh).pathname + new URL(fresh).search),
  );
  const radius = await browser.run(
    "return small.getComputedStyle(host.shadowRoot.querySelector('.cr3d')).borderTopLeftRadius",
  );
  if (radius === "0px") throw new Error("the card has no styles");
  await app.provider.force(sessionId, "COMPLETED");
  equal(await until("the end", () => browser.run("return window.end?.reason")), "completed", "the end");
  await browser.run("small.close()");
}

/** Cases for Chromium. */
export const PLACES = [
  ["an element moved to a picture-in-picture window goes on there", moveToPictureInPicture, { moves: true }],
  [
    "a page that Chromium prerenders creates nothing before it is shown",
    async (it) => {
      const { app, browser } = it;
      const others = await browser.tabs();
      const before = await browser.command("GET", "/window");
      const { handle } = await browser.command("POST", "/window/new", { type: "tab" });
      await browser.tab(handle);
      try {
        await openPage(browser, app.url("/done.html"));
        await browser.run(`delete localStorage.prerendered;
          const rules = document.createElement("script");
          rules.type = "speculationrules";
          rules.textContent = JSON.stringify({ prerender: [{ urls: ["/watched.html?later"], eagerness: "immediate" }] });
          document.head.append(rules)`);
        await until("a prerendered page", () => browser.run("return localStorage.prerendered === 'true'"));
        await settle(browser);
        equal(app.provider.browser.requests.length, 0, "the requests of the prerendered page");
        await browser.run("setTimeout(() => (location.href = '/watched.html?later'))");
        // For ChromeDriver it is another tab.
        await until("the page", async () => {
          const tabs = await browser.tabs();
          await browser.tab(tabs.find((tab) => !others.includes(tab)));
          return browser.run("return location.search === '?later' && !document.prerendering");
        });
        const activated = await browser.run("return performance.getEntriesByType('navigation')[0].activationStart > 0");
        equal(activated, true, "that the page was prerendered");
        await signInToTheEnd(it);
        equal(creates(it), 1, "the number of creates");
      } finally {
        for (const tab of await browser.tabs()) {
          await browser.tab(tab);
          if (!others.includes(tab)) await browser.command("DELETE", "/window");
        }
        await browser.tab(before);
      }
    },
  ],
];
