// A file of the workspace, what is wrong with it, and how its page would look. Saving writes it through the server, which
// refuses when somebody else has written it since.
import { ask, escaped, pane, parsed, showDrawing } from './pane.js';
import { say } from './words.js';

const state = document.querySelector('.bench-state');
const preview = document.querySelector('.preview');
const select = document.querySelector('select');
const saveButton = document.querySelector('[data-save]');
let path = '';
let revision = '';
let saved = '';
let isReadOnly = true;
// Whether saving was refused because somebody else has written the file; that stays told until it is opened again.
let isRefused = false;
// What is being saved: what the server tells meanwhile may be of that.
let saving = Promise.resolve();
let turn = 0;

const shown = (draft) => {
  editor.show(draft.problems);
  const page = parsed(draft.html || `<p class="muted">${escaped(say('no-page'))}</p>`);
  const article = page.querySelector('article') ?? page.body;
  // Links of the page are seen from where the page is.
  for (const link of article.querySelectorAll('[href]')) {
    const href = link.getAttribute('href');
    if (!href.startsWith('#')) link.setAttribute('href', new URL(href, new URL(draft.page || '', location.origin)).href);
  }
  showDrawing(preview, article.outerHTML);
};

const mark = () => {
  const isDirty = editor.area.value !== saved;
  saveButton.disabled = isReadOnly || !isDirty;
  document.title = `${isDirty ? '• ' : ''}${path}`;
  return isDirty;
};

const look = async (text) => {
  mark();
  turn += 1;
  const own = turn;
  const draft = await ask('POST', '/api/v1/preview', { path, text }).catch((error) => {
    state.textContent = error.message;
    return null;
  });
  if (draft && own === turn) shown(draft);
};

const editor = pane(document.querySelector('.pane'), { path: () => path, changed: look });

const fetched = (wanted) => ask('GET', `/api/v1/source?path=${encodeURIComponent(wanted)}`);

const take = async (file) => {
  ({ path, revision, read_only: isReadOnly } = file);
  saved = file.text;
  isRefused = false;
  editor.area.readOnly = isReadOnly;
  editor.set(saved);
  history.replaceState(null, '', `?path=${encodeURIComponent(path)}`);
  select.querySelector('[value=""]')?.remove();
  select.value = path;
  state.textContent = isReadOnly ? say('read-only') : '';
  await look(saved);
};

const open = async (wanted) => take(await fetched(wanted));

const save = async () => {
  if (saveButton.disabled) return;
  const text = editor.area.value;
  try {
    const draft = await ask('PUT', '/api/v1/source', { path, text, revision });
    ({ revision } = draft);
    saved = text;
    isRefused = false;
    shown(draft);
    state.textContent = say('saved');
  } catch (error) {
    isRefused = error.code === 'STALE';
    state.textContent = isRefused ? say('stale') : error.message;
  }
  mark();
};
// One after the other: the second of two needs the revision that the first made.
const saveNext = () => {
  saving = saving.then(save);
};

saveButton.addEventListener('click', saveNext);
document.addEventListener('keydown', (event) => {
  if (event.key === 's' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    saveNext();
  }
});
addEventListener('beforeunload', (event) => {
  if (mark()) event.preventDefault();
});
select.addEventListener('change', () => {
  if (mark() && !confirm(say('leave'))) {
    select.value = path;
    return;
  }
  void open(select.value).catch((error) => { state.textContent = error.message; });
});
// What somebody else saves is taken over as long as nothing is written here.
new EventSource('/_loko/events').addEventListener('change', async () => {
  if (!path) return;
  await saving;
  const file = await fetched(path).catch(() => null);
  if (!file || file.path !== path || file.revision === revision) return;
  // Taken as it came: what is written here while it would be asked for again is not lost.
  if (!mark()) await take(file);
  else if (!isRefused) state.textContent = say('changed');
});

const { files } = await ask('GET', '/api/v1/files');
for (const file of files) select.append(new Option(file));
/** No file is open: the one of the address is not there. */
const missing = (wanted) => {
  const choice = new Option(say('choose'), '', true, true);
  choice.disabled = true;
  select.prepend(choice);
  editor.area.readOnly = true;
  document.title = wanted;
  preview.innerHTML = `<p class="note note-error" role="alert">${escaped(say('no-such-file', { path: wanted }))}</p>`;
  select.focus();
};
const wanted = new URLSearchParams(location.search).get('path');
if (wanted && !files.includes(wanted)) missing(wanted);
else await open(wanted || files[0]).catch((error) => { state.textContent = error.message; });
