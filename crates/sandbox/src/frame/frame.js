// Frame page: shows the step received on the sandbox's stream, sends the user's actions, and posts hints to the parent
// page. A hint is a reason to poll, never evidence of a status: the partner's page polls its own server.
// biome-ignore lint/suspicious/noRedundantUseStrict: The page loads this file as a classic script.
"use strict";

const RECONNECT_FIRST_MS = 200;
const RECONNECT_MAX_MS = 5000;
const REPLY_TIMEOUT_MS = 8000;
const PROGRESS_INTERVAL_MS = 2000;
const REPLACED = 4403;
const GONE = 4404;
const SOURCE = "cr3dentials-sandbox";

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
const byId = (id) => document.getElementById(id);

const sessionId = meta("session");
const frameKey = meta("frame-key");
const platform = document.querySelector(".brand span").textContent;

const WAITS = {
  starting: ["Starting a secure browser…", "This takes a few seconds."],
  opening: [`Opening ${platform}…`, "This takes a few seconds."],
  checking: ["Signing you in…", `${platform} is checking what you typed.`],
  reading: ["Reading your account details…", "There is nothing for you to do now."],
  verifying: ["Making sure that the details are genuine…", "Nearly done."],
};

const ENDS = {
  completed: ["good", "All done", "Your account details were read and checked."],
  partial: ["attention", "Partly done", "Some of your account details could be read."],
  failed: ["bad", "It did not work out", `Your account with ${platform} could not be read.`],
  cancelled: ["plain", "Cancelled", "Nothing more will be read from your account."],
  terminated: ["plain", "This verification has ended", "Go back to the page that you came from to start again."],
  replaced: ["plain", "Open somewhere else", "This verification was opened again in another place. Carry on there."],
  gone: ["plain", "This verification is no longer there", "Go back to the page that you came from and start again."],
};

const FORMS = { signIn: "sign-in", code: "code", question: "question", account: "account" };

let shown = "";
let hinted = { status: "", progress: -1, at: 0 };
let ended = false;
let sending = false;
let socket = null;
let cuts = 0;
let messages = 0;
// Callbacks of actions that wait for a reply, by message number.
const waiting = new Map();

// Returns the actual parent's origin if the browser reveals it (ancestorOrigins), else every configured one.
function parents() {
  const listed = JSON.parse(meta("parent-origins"));
  const ancestors = window.location.ancestorOrigins;
  return ancestors?.length ? listed.filter((origin) => origin === ancestors[0]) : listed;
}

function hint(type, more) {
  if (window.parent === window) return;
  for (const origin of parents()) {
    window.parent.postMessage({ source: SOURCE, type, sessionId, ...more }, origin);
  }
}

// Posts each status at once, and progress within a status at intervals.
function hintOf({ status, progress }) {
  const moved = progress !== hinted.progress && Date.now() - hinted.at >= PROGRESS_INTERVAL_MS;
  if (status === hinted.status && !moved) return;
  if (status !== hinted.status) hint("status", { status, progress });
  else hint("progress", { progress });
  hinted = { status, progress, at: Date.now() };
}

function view(name) {
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== `view-${name}`;
  return byId(`view-${name}`).querySelector("h1");
}

// Announces the new step and moves the keyboard focus to it, unless the focus is outside this page.
function arrive(heading) {
  byId("said").textContent = heading.textContent;
  document.title = heading.textContent;
  if (document.hasFocus()) heading.focus({ preventScroll: true });
}

function showEnd(name) {
  const [kind, title, line] = ENDS[name];
  ended = true;
  byId("end-mark").dataset.kind = kind;
  byId("end-title").textContent = title;
  byId("end-line").textContent = line;
  byId("cancel").hidden = true;
  byId("loading").hidden = true;
  byId("offline").hidden = true;
  arrive(view("end"));
}

function showWait(step) {
  const [title, line] = WAITS[step];
  byId("wait-title").textContent = title;
  byId("wait-line").textContent = line;
  return view("wait");
}

function showAccounts(names) {
  byId("accounts").replaceChildren(
    ...names.map((name, account) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "account";
      button.textContent = name;
      button.addEventListener("click", () => sending || act({ type: "account", account }));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

function show(state) {
  hintOf(state);
  if (state.step === shown) return;
  shown = state.step;
  byId("loading").hidden = !(state.step in WAITS);
  if (state.question) byId("question-text").textContent = state.question;
  if (state.accounts) showAccounts(state.accounts);
  if (state.step in ENDS) showEnd(state.step);
  else if (state.step in WAITS) arrive(showWait(state.step));
  else arrive(view(FORMS[state.step]));
}

function problem(form, input, text) {
  byId(`${form}-problem`).textContent = text;
  for (const field of input) {
    field.setAttribute("aria-invalid", String(text !== ""));
    if (text) field.setAttribute("aria-describedby", `${form}-problem`);
    else field.removeAttribute("aria-describedby");
  }
}

function connect() {
  socket = new WebSocket(meta("stream"));
  const mine = socket;
  socket.addEventListener("open", () => mine.send(JSON.stringify({ key: frameKey })));
  socket.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    cuts = 0;
    byId("offline").hidden = true;
    if (message.state && !ended) show(message.state);
    const done = waiting.get(message.re);
    if (done) done(message);
  });
  socket.addEventListener("close", (event) => {
    for (const done of waiting.values()) done(null);
    if (event.code === REPLACED) showEnd("replaced");
    if (event.code === GONE && !ended) showEnd("gone");
    if (ended) return;
    cuts += 1;
    byId("offline").hidden = cuts < 3;
    const wait = Math.min(RECONNECT_FIRST_MS * 2 ** (cuts - 1), RECONNECT_MAX_MS);
    setTimeout(connect, wait * (0.5 + Math.random() / 2));
  });
}

// Sends an action and returns the new state; null if there was no reply in time, or an error.
async function act(action) {
  if (!socket || socket.readyState !== WebSocket.OPEN) {
    byId("offline").hidden = false;
    return null;
  }
  messages += 1;
  const id = messages;
  const reply = await new Promise((resolve) => {
    waiting.set(id, resolve);
    setTimeout(resolve, REPLY_TIMEOUT_MS, null);
    socket.send(JSON.stringify({ id, ...action }));
  });
  waiting.delete(id);
  byId("offline").hidden = reply !== null;
  return reply?.state || null;
}

function onSubmit(form, button, fields, missing, refused, action) {
  byId(`${form}-form`).addEventListener("submit", async (event) => {
    event.preventDefault();
    const empty = fields.filter((field) => field.value.trim() === "");
    problem(form, fields, "");
    if (empty.length) {
      problem(form, empty, missing);
      return empty[0].focus();
    }
    if (sending) return undefined;
    sending = true;
    button.setAttribute("aria-disabled", "true");
    const state = await act(action());
    sending = false;
    button.removeAttribute("aria-disabled");
    if (state?.refused) {
      const last = fields.at(-1);
      problem(form, fields, refused);
      last.value = "";
      last.focus();
    } else if (state) {
      for (const field of fields) field.value = "";
    }
    return undefined;
  });
}

onSubmit(
  "sign-in",
  byId("sign-in"),
  [byId("username"), byId("password")],
  "Enter your user name and your password.",
  "Wrong user name or password.",
  () => ({ type: "signIn", username: byId("username").value, password: byId("password").value }),
);
onSubmit("code", byId("submit-code"), [byId("code")], "Enter the code.", "That code is not right. Try again.", () => ({
  type: "code",
  code: byId("code").value,
}));
onSubmit(
  "question",
  byId("submit-answer"),
  [byId("answer")],
  "Enter your answer.",
  "That is not the answer. Try again.",
  () => ({ type: "answer", answer: byId("answer").value }),
);
byId("cancel").addEventListener("click", () => {
  // Sent first: once the session is canceled, the parent page may remove the frame.
  hint("cancel", {});
  act({ type: "cancel" });
});

// Reports the height that the content needs, not the height of the window.
new ResizeObserver(() => {
  const parts = ["header", "main", "footer"].map((name) => document.querySelector(name));
  const margins = parseFloat(getComputedStyle(parts[1]).marginTop) * 2;
  hint("resize", { height: Math.ceil(parts.reduce((sum, part) => sum + part.offsetHeight, margins)) });
}).observe(document.querySelector("main"));
hint("ready", {});
connect();
