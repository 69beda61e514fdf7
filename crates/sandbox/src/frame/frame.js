// The frame page: shows the step that the sandbox is at, sends what the user does, and hints to the page around it.
// A hint says that something happened, never that it is so: the partner's page asks its own server.
'use strict';

const POLL_MS = 400;
const ASK_WITHIN_MS = 8000;
const SOURCE = 'cr3dentials-sandbox';

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
const byId = (id) => document.getElementById(id);

const sessionId = meta('session');
const frameKey = meta('frame-key');
const platform = document.querySelector('.brand span').textContent;

const WAITS = {
  starting: ['Starting a secure browser…', 'This takes a few seconds.'],
  opening: [`Opening ${platform}…`, 'This takes a few seconds.'],
  checking: ['Signing you in…', `${platform} is checking what you typed.`],
  reading: ['Reading your account details…', 'There is nothing for you to do now.'],
  verifying: ['Making sure that the details are genuine…', 'Nearly done.'],
};

const ENDS = {
  completed: ['good', 'All done', 'Your account details were read and checked.'],
  partial: ['attention', 'Partly done', 'Some of your account details could be read.'],
  failed: ['bad', `${platform} did not let us in`, 'This account is locked. Nothing was read from it.'],
  cancelled: ['plain', 'Cancelled', 'Nothing more will be read from your account.'],
  terminated: ['plain', 'This verification has ended', 'Go back to the page that you came from to start again.'],
  replaced: ['plain', 'Open somewhere else', 'This verification was opened again in another place. Carry on there.'],
  gone: ['plain', 'This verification is no longer there', 'Go back to the page that you came from and start again.'],
};

let shown = '';
let hinted = '';
let over = false;
let sending = false;
// Counts what the user did: a poll that began before it must not undo what it showed.
let actions = 0;

// Only the page that really is around this one, where the browser tells; each possible one where it does not.
function parents() {
  const listed = JSON.parse(meta('parent-origins'));
  const around = window.location.ancestorOrigins;
  return around && around.length ? listed.filter((origin) => origin === around[0]) : listed;
}

function hint(type, more) {
  if (window.parent === window) return;
  for (const origin of parents()) {
    window.parent.postMessage({ source: SOURCE, type, sessionId, ...more }, origin);
  }
}

function view(name) {
  for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== `view-${name}`;
  return byId(`view-${name}`).querySelector('h1');
}

// Says the new step once, and moves a keyboard user there; never takes the focus from the page around this one.
function arrive(heading) {
  byId('said').textContent = heading.textContent;
  document.title = heading.textContent;
  if (document.hasFocus()) heading.focus({ preventScroll: true });
}

function showEnd(name) {
  const [kind, title, line] = ENDS[name];
  over = true;
  byId('end-mark').dataset.kind = kind;
  byId('end-title').textContent = title;
  byId('end-line').textContent = line;
  byId('cancel').hidden = true;
  byId('loading').hidden = true;
  byId('offline').hidden = true;
  arrive(view('end'));
}

function showWait(step) {
  const [title, line] = WAITS[step];
  byId('wait-title').textContent = title;
  byId('wait-line').textContent = line;
  return view('wait');
}

function show(state) {
  if (state.status !== hinted) {
    hinted = state.status;
    hint('status', { status: state.status, progress: state.progress });
  }
  if (state.step === shown) return;
  shown = state.step;
  byId('offline').hidden = true;
  byId('loading').hidden = !(state.step in WAITS);
  if (state.step in ENDS) showEnd(state.step);
  else if (state.step in WAITS) arrive(showWait(state.step));
  else arrive(view(state.step === 'code' ? 'code' : 'sign-in'));
}

function problem(form, input, text) {
  byId(`${form}-problem`).textContent = text;
  for (const field of input) {
    field.setAttribute('aria-invalid', String(text !== ''));
    if (text) field.setAttribute('aria-describedby', `${form}-problem`);
    else field.removeAttribute('aria-describedby');
  }
}

async function ask(path, body) {
  const options = { headers: { 'Frame-Key': frameKey }, cache: 'no-store', signal: AbortSignal.timeout(ASK_WITHIN_MS) };
  if (body) {
    options.method = 'POST';
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const response = await fetch(`/frame/${sessionId}/${path}`, options);
  if (response.status === 403) showEnd('replaced');
  if (response.status === 404) showEnd('gone');
  if (response.status >= 500) throw new Error('the sandbox is not well');
  return response.ok ? response.json() : null;
}

// Sends an action; null when it came too late or did not arrive.
async function act(body) {
  actions += 1;
  try {
    const state = await ask('actions', body);
    if (state) show(state);
    byId('offline').hidden = true;
    return state;
  } catch {
    byId('offline').hidden = false;
    return null;
  }
}

function onSubmit(form, button, fields, missing, refused, action) {
  byId(`${form}-form`).addEventListener('submit', async (event) => {
    event.preventDefault();
    const empty = fields.filter((field) => field.value.trim() === '');
    problem(form, fields, '');
    if (empty.length) {
      problem(form, empty, missing);
      return empty[0].focus();
    }
    if (sending) return undefined;
    sending = true;
    button.setAttribute('aria-disabled', 'true');
    const state = await act(action());
    sending = false;
    button.removeAttribute('aria-disabled');
    if (state && state.refused) {
      const last = fields.at(-1);
      problem(form, fields, refused);
      last.value = '';
      last.focus();
    } else if (state) {
      for (const field of fields) field.value = '';
    }
    return undefined;
  });
}

async function poll() {
  const before = actions;
  try {
    const state = await ask('state');
    if (state && !sending && before === actions) show(state);
    byId('offline').hidden = true;
  } catch {
    byId('offline').hidden = over;
  }
  if (!over) setTimeout(poll, POLL_MS);
}

onSubmit(
  'sign-in', byId('sign-in'), [byId('username'), byId('password')],
  'Enter your user name and your password.', 'Wrong user name or password.',
  () => ({ type: 'signIn', username: byId('username').value, password: byId('password').value }),
);
onSubmit(
  'code', byId('submit-code'), [byId('code')],
  'Enter the code.', 'That code is not right. Try again.',
  () => ({ type: 'code', code: byId('code').value }),
);
byId('cancel').addEventListener('click', async () => {
  const state = await act({ type: 'cancel' });
  if (state) hint('cancel', {});
});

hint('ready', {});
poll();
