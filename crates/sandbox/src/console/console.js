// Console: shows the state of the sandbox, and has a control for every control route.
// biome-ignore lint/suspicious/noRedundantUseStrict: The page loads this file as a classic script.
"use strict";

const POLL_INTERVAL_MS = 1000;

const byId = (id) => document.getElementById(id);
const given = (name) => JSON.parse(document.querySelector(`meta[name="${name}"]`).content);
const time = (text) => (text ? text.replace("T", " ").replace(/\.\d+Z$/, " UTC") : "");

const USERS = given("users");
const SWITCHES = given("switches");
const STATUSES = [
  "CREATED",
  "INITIALIZING",
  "READY",
  "CONNECTED",
  "LOADING_TREE",
  "RUNNING",
  "AWAITING_USER",
  "COLLECTING_DATA",
  "VERIFYING",
  "COMPLETED",
  "PARTIAL_COMPLETE",
  "ERROR",
  "CANCELLED",
  "TERMINATED",
  "SOMETHING_NEW",
];
const KINDS_OF_STATUS = {
  COMPLETED: "good",
  PARTIAL_COMPLETE: "attention",
  ERROR: "bad",
  CANCELLED: "plain",
  TERMINATED: "plain",
  AWAITING_USER: "attention",
  READY: "attention",
};
const TARGETS = ["any", "platforms", "create", "get", "list", "page", "stream", "webhook"];
// Parameter of each kind of fault: its name and an initial value.
const FAULTS = {
  status: ["status", 503],
  rateLimited: ["retryAfter", ""],
  delay: ["millis", 3000],
  cut: ["bytes", ""],
  malformed: [],
  unknownStatus: ["status", "RECONCILING"],
  unknownField: [],
  missingField: ["name", ""],
  clockSkew: ["secs", 600],
  progress: ["value", 250],
  lose: [],
  duplicate: ["copies", 1],
  reorder: [],
};

let faults = [];

function notify(text, kind = "") {
  byId("said").textContent = text;
  byId("said").dataset.kind = kind;
}

async function request(path, body) {
  const options = { cache: "no-store" };
  if (body !== undefined) {
    options.method = "POST";
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(`/sandbox/${path}`, options);
  const result = await response.json();
  if (!response.ok) throw new Error([result.message].flat().join("; "));
  return result;
}

// Posts to a control route and shows `done` or the error; returns undefined on an error.
async function command(path, body, done) {
  try {
    const result = await request(path, body);
    notify(done);
    // A failure here is ignored: the command succeeded, and the view is refreshed every second.
    refresh().catch(() => undefined);
    return result;
  } catch (error) {
    notify(error.message, "bad");
    return undefined;
  }
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function choices(select, values, label = (value) => value) {
  select.replaceChildren(...values.map((value) => make("option", { value, textContent: label(value) })));
  return select;
}

// Reuses the child of each known item, so that a change loses neither the focus nor an open select list.
function keyed(parent, items, key, create) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, at) => {
    const id = String(key(item));
    let child = known.get(id);
    known.delete(id);
    if (!child) {
      child = create(item);
      child.dataset.key = id;
    }
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] || null);
    if (child.update) child.update(item);
  });
  for (const child of known.values()) child.remove();
}

function cell(...children) {
  return make("td", {}, ...children);
}

function sessionRow({ sessionId: id }) {
  const [status, progress, expires] = [make("span", { className: "status" }), make("span"), make("time")];
  const user = choices(
    make("select", { ariaLabel: `Test user of ${id}` }),
    USERS.map(({ name }) => name),
  );
  user.addEventListener("change", () =>
    command(`sessions/${id}/user`, { name: user.value }, `Now follows ${user.value}.`),
  );
  const force = choices(
    make("select", { ariaLabel: `Force a status of ${id}` }),
    ["", ...STATUSES, "resume"],
    (value) => value || "Status…",
  );
  force.addEventListener("change", () => {
    const wanted = force.value === "resume" ? null : force.value;
    force.value = "";
    if (wanted !== "") command(`sessions/${id}/status`, { status: wanted }, wanted ? `Now ${wanted}.` : "Resumed.");
  });
  const button = (text, path, done) => {
    const made = make("button", { type: "button", textContent: text });
    made.addEventListener("click", () => command(`sessions/${id}/${path}`, {}, done));
    return made;
  };
  const live = [
    force,
    button("Cut stream", "cut", "The stream was cut."),
    button("Terminate", "terminate", "Terminated."),
  ];
  const again = button("Send webhook again", "announce", "The webhook is queued.");
  const row = make(
    "tr",
    {},
    cell(make("code", { textContent: id })),
    cell(status),
    cell(progress),
    cell(user),
    cell(expires),
    cell(make("div", { className: "do" }, ...live, again)),
  );
  row.update = (session) => {
    const ended = session.completedAt !== null;
    status.textContent = session.status;
    status.dataset.kind = KINDS_OF_STATUS[session.status] || "";
    progress.textContent = `${session.progress} %`;
    expires.textContent = ended ? `ended ${time(session.completedAt)}` : time(session.expiresAt);
    if (document.activeElement !== user) user.value = session.user;
    user.disabled = ended;
    for (const control of live) control.hidden = ended;
    again.hidden = !ended || !session.hasWebhook;
  };
  return row;
}

function table(id, items, key, create) {
  byId(id).hidden = items.length === 0;
  byId(`no-${id}`).hidden = items.length > 0;
  keyed(byId(id).tBodies[0], items, key, create);
}

function webhookRow(line) {
  return make(
    "tr",
    {},
    cell(String(line.id)),
    cell(make("code", { textContent: line.sessionId })),
    cell(String(line.attempt)),
    cell(line.result),
    cell(make("time", { textContent: time(line.at) })),
  );
}

function keyItem({ id }) {
  const about = make("span");
  const rotate = make("button", { type: "button", textContent: "Rotate" });
  rotate.addEventListener("click", async () =>
    showKey(await command(`keys/${id}/rotate`, {}, "The old key is no longer accepted.")),
  );
  const item = make("li", {}, about, rotate);
  item.update = (key) => {
    const expires = key.expiresAt ? `, expires ${time(key.expiresAt)}` : "";
    const rotated = key.rotations ? `, rotations: ${key.rotations}` : "";
    about.textContent = `${key.id}, ${key.environment}${expires}${rotated}`;
  };
  return item;
}

function showKey(created) {
  if (!created) return;
  byId("new-key").hidden = false;
  byId("new-key").textContent = `${created.id}, shown once: ${created.apiKey}`;
}

// Describes a fault, such as "status 503 on get, probability 0.5, 3 times more".
function describe(fault) {
  const [name] = FAULTS[fault.kind];
  const value = name && fault[name] !== undefined ? ` ${fault[name]}` : "";
  const chance = fault.probability < 1 ? `, probability ${fault.probability}` : "";
  const skip = fault.skip ? `, after skipping ${fault.skip}` : "";
  const times = fault.times === null ? "" : `, ${fault.times} times more`;
  return `${fault.kind}${value} on ${fault.on}${chance}${skip}${times}`;
}

function faultItem(fault, at) {
  const remove = make("button", { type: "button", textContent: "Remove" });
  remove.addEventListener("click", () =>
    command(
      "faults",
      faults.filter((_, other) => other !== at),
      "Removed.",
    ),
  );
  return make("li", {}, make("span", { textContent: describe(fault) }), remove);
}

function showFaults(list) {
  if (JSON.stringify(list) === JSON.stringify(faults)) return;
  faults = list;
  byId("faults").replaceChildren(...list.map(faultItem));
  byId("no-faults").hidden = list.length > 0;
}

function show(overview) {
  byId("now").textContent = time(overview.now);
  byId("now").dateTime = overview.now;
  byId("session-count").textContent = overview.sessions.length || "";
  table("sessions", overview.sessions, (session) => session.sessionId, sessionRow);
  table("webhooks", overview.webhooks, (line) => `${line.id}/${line.attempt}`, webhookRow);
  keyed(byId("keys"), overview.keys, (key) => key.id, keyItem);
  showFaults(overview.faults);
  for (const select of byId("switches").querySelectorAll("select")) {
    const value = JSON.stringify(overview.switches[select.name]);
    if (![...select.options].some((option) => option.value === value)) {
      select.append(make("option", { value, textContent: value }));
    }
    if (document.activeElement !== select) select.value = value;
    select.parentElement.toggleAttribute("data-changed", value !== select.options[0].value);
  }
  if (document.activeElement !== byId("next-user")) byId("next-user").value = overview.settings.user;
  if (document.activeElement !== byId("rate-limit")) byId("rate-limit").value = overview.settings.rateLimit;
}

async function refresh() {
  show(await request("overview"));
}

async function poll() {
  try {
    await refresh();
    if (byId("said").textContent.startsWith("No response")) notify("");
  } catch {
    notify("No response from the sandbox. Retrying.", "bad");
  }
  setTimeout(poll, POLL_INTERVAL_MS);
}

function buildSwitches() {
  byId("switches").append(
    ...SWITCHES.map(({ name, question, section, values }) => {
      const select = make("select", { name });
      choices(
        select,
        values.map((value) => JSON.stringify(value)),
        (value) => value.replaceAll('"', ""),
      );
      select.addEventListener("change", () => {
        command("switches", { [name]: JSON.parse(select.value) }, `${name} is ${select.value}.`);
      });
      const text = make("span", {}, question, make("small", { textContent: `${name}, section ${section}` }));
      return make("label", {}, text, select);
    }),
  );
}

function buildUsers() {
  const challenges = ({ code, question, accounts }) =>
    [code && `code ${code}`, question && `answer ${question.answer}`, accounts && "an account"]
      .filter(Boolean)
      .join(", ");
  byId("users").tBodies[0].append(
    ...USERS.map((user) =>
      make("tr", {}, cell(make("code", { textContent: user.name })), cell(challenges(user)), cell(user.summary)),
    ),
  );
  choices(
    byId("next-user"),
    USERS.map(({ name }) => name),
  );
  byId("next-user").addEventListener("change", () => {
    const user = byId("next-user").value;
    command("settings", { user }, `New sessions follow ${user}.`);
  });
}

function buildFaults() {
  choices(byId("fault-on"), TARGETS);
  choices(byId("fault-kind"), Object.keys(FAULTS));
  const chosen = () => {
    const [name, value] = FAULTS[byId("fault-kind").value];
    byId("fault-value").value = value ?? "";
    byId("fault-value").placeholder = name || "none";
    byId("fault-value").disabled = !name;
  };
  byId("fault-kind").addEventListener("change", chosen);
  chosen();
  byId("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = byId("fault-kind").value;
    const [name] = FAULTS[kind];
    const value = byId("fault-value").value;
    const fault = { on: byId("fault-on").value, kind, probability: Number(byId("fault-probability").value) };
    if (name && value !== "") fault[name] = Number.isNaN(Number(value)) ? value : Number(value);
    for (const more of ["times", "skip", "seed"]) {
      if (byId(`fault-${more}`).value) fault[more] = Number(byId(`fault-${more}`).value);
    }
    command("faults", [...faults, fault], "Added.");
  });
}

for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => {
    command("clock", { advanceSecs: Number(button.dataset.advance) }, `Clock advanced: ${button.textContent}.`);
  });
}
for (const button of document.querySelectorAll("[data-restart]")) {
  button.addEventListener("click", () => {
    const downMillis = Math.round(Number(byId("down").value) * 1000);
    command("restart", { memory: button.dataset.restart === "true", downMillis }, "The sandbox is restarting.");
  });
}
byId("rate-limit-form").addEventListener("submit", (event) => {
  event.preventDefault();
  command("settings", { rateLimit: Number(byId("rate-limit").value) }, "Set.");
});
byId("key-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const days = Number(byId("key-days").value);
  const wanted = { environment: byId("key-environment").value, expiresInSecs: days ? days * 86400 : null };
  showKey(await command("keys", wanted, "Added."));
});

buildSwitches();
buildUsers();
buildFaults();
poll();
