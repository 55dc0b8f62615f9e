// Shows what was saved: the parts of the page that changed are put in the place of the old ones; where one is on the page
// and in its drawings stays. What the page's own scripts made (`data-made`) is left alone.

import { say } from './words.js';

const EVENTS = '/_loko/events';

/** What the server sent last; the page on screen has what scripts did to it besides. */
let known = null;
/** The style sheets of drawings that were put in, by the drawing's id: the page's policy lets no new style element in. */
const sheets = new Map();

const fetched = async () => {
  const answer = await fetch(location.pathname, { cache: 'no-cache' });
  // Read as metadata of drawings, styles are nothing that the page's policy would have to refuse.
  const text = (await answer.text()).replaceAll('<style>', '<metadata data-style>').replaceAll('</style>', '</metadata>');
  return { status: answer.status, page: new DOMParser().parseFromString(text, 'text/html') };
};

/** Takes the style sheets out of new drawings and gives them to the page. */
const adopt = (node) => {
  const drawings = node.matches?.('svg') ? [node] : [...(node.querySelectorAll?.('svg') ?? [])];
  for (const drawing of drawings) {
    const styles = [...drawing.querySelectorAll('metadata[data-style]')];
    if (styles.length === 0) continue;
    const id = drawing.id || `nameless-${sheets.size}`;
    let sheet = sheets.get(id);
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheets.set(id, sheet);
      document.adoptedStyleSheets.push(sheet);
    }
    sheet.replaceSync(styles.map((style) => style.textContent).join('\n'));
    for (const style of styles) style.remove();
  }
};

const built = (parent) => [...parent.childNodes].filter((node) => !(node.nodeType === 1 && node.hasAttribute('data-made')));

const imported = (node) => {
  const copy = document.importNode(node, true);
  if (copy.nodeType === 1) adopt(copy);
  return copy;
};

const attributes = (live, before, after) => {
  for (const { name, value } of after.attributes) if (before.getAttribute(name) !== value) live.setAttribute(name, value);
  for (const { name } of before.attributes) if (!after.hasAttribute(name)) live.removeAttribute(name);
};

/** What tells nodes apart when some come or go. */
const keyOf = (node) => (node.nodeType === 1 ? node.id || node.getAttribute('href') || node.outerHTML : `${node.nodeType}${node.textContent}`);

/** Another picture in the place of the old one; what is shown of it stays. */
const redraw = (live, after) => {
  const fresh = imported(after);
  live.replaceWith(fresh);
  fresh.closest('[data-drawing]')?.dispatchEvent(new CustomEvent('loko:redrawn'));
};

/** Makes `live`, which was `before`, what `after` is. */
const patch = (live, before, after) => {
  if (before.isEqualNode(after)) return;
  if (live.nodeType !== after.nodeType || live.nodeName !== after.nodeName) {
    live.replaceWith(imported(after));
    return;
  }
  if (live.nodeType !== 1) {
    live.textContent = after.textContent;
    return;
  }
  if (live.nodeName.toLowerCase() === 'svg') {
    redraw(live, after);
    return;
  }
  attributes(live, before, after);
  children(live, before, after);
};

const children = (live, before, after) => {
  const [lives, olds, news] = [built(live), [...before.childNodes], [...after.childNodes]];
  if (lives.length !== olds.length) {
    // Something else changed this part of the page: it is taken as the server has it.
    live.replaceChildren(...news.map(imported));
    return;
  }
  if (olds.length === news.length) {
    olds.forEach((old, at) => patch(lives[at], old, news[at]));
    return;
  }
  // What stands the same at the start and at the end stays; in between, what has the same key is patched.
  let start = 0;
  while (start < olds.length && start < news.length && olds[start].isEqualNode(news[start])) start += 1;
  let end = 0;
  while (end < olds.length - start && end < news.length - start && olds[olds.length - 1 - end].isEqualNode(news[news.length - 1 - end])) end += 1;
  const rest = new Map();
  for (let at = start; at < olds.length - end; at++) rest.set(keyOf(olds[at]), at);
  const behind = lives[lives.length - end] ?? null;
  const kept = new Set();
  for (const wanted of news.slice(start, news.length - end)) {
    const at = rest.get(keyOf(wanted));
    if (at !== undefined && !kept.has(at)) {
      kept.add(at);
      live.insertBefore(lives[at], behind);
      patch(lives[at], olds[at], wanted);
    } else {
      live.insertBefore(imported(wanted), behind);
    }
  }
  for (let at = start; at < olds.length - end; at++) if (!kept.has(at)) lives[at].remove();
};

/** What is chosen on the page, to be chosen again. */
const selection = () => {
  const chosen = getSelection();
  if (!chosen || chosen.rangeCount === 0 || chosen.isCollapsed) return () => {};
  const range = chosen.getRangeAt(0).cloneRange();
  return () => {
    if (!range.startContainer.isConnected || !range.endContainer.isConnected || getSelection()?.toString()) return;
    getSelection()?.addRange(range);
  };
};

const notice = (text) => {
  let box = document.querySelector('.live-notice');
  if (!text) return box?.remove();
  if (!box) {
    box = document.createElement('p');
    box.className = 'live-notice';
    box.setAttribute('role', 'status');
    box.setAttribute('data-made', '');
    document.body.append(box);
  }
  box.textContent = text;
};

/** What the last build found: the way to the findings tells it on every page, and errors that came are told at once. */
let findings = null;
/** What is told as long as there are more errors than there were. */
let alarm = '';
const badge = () => {
  const way = document.querySelector('.sidebar a[href$="findings.html"]');
  if (!way || !findings) return;
  const count = findings.errors + findings.warnings;
  let box = way.querySelector('.count');
  if (count === 0) return box?.remove();
  if (!box) {
    box = document.createElement('span');
    box.className = 'count';
    box.setAttribute('data-made', '');
    way.append(box);
  }
  box.textContent = String(count);
  box.classList.toggle('is-error', findings.errors > 0);
  box.title = say('found', findings);
};
const found = (now) => {
  const before = findings?.errors ?? now.errors;
  findings = now;
  badge();
  // As long as there are as many errors as before, whatever else is told stays.
  if (now.errors === before) return;
  alarm = now.errors > before ? say('found', now) : '';
  notice(alarm);
};

const mark = () => document.documentElement.setAttribute('data-live', String(Date.now()));

/** The parts that every page of the site has, and the page that says that there is none has not. */
const parts = (page) => ['main', '.sidebar', '.brand'].map((part) => Boolean(page?.querySelector(part))).join();

/** Brings the page up to date. */
const update = async () => {
  const { status, page } = await fetched();
  const isWhole = status === 200 && page.querySelector('main') && parts(known) === parts(page);
  if (!isWhole) {
    if (status === 404) return notice(say('gone'));
    location.reload();
    return;
  }
  notice(alarm);
  const restore = selection();
  const place = { x: scrollX, y: scrollY };
  for (const part of ['main', '.sidebar', '.brand', 'title']) {
    const [live, before, after] = [document, known, page].map((it) => it.querySelector(part));
    if (live && before && after) patch(live, before, after);
  }
  known = page;
  badge();
  if (scrollX !== place.x || scrollY !== place.y) scrollTo(place.x, place.y);
  restore();
  document.dispatchEvent(new CustomEvent('loko:patched'));
};

/** The page's path in the site. */
const own = decodeURIComponent(location.pathname).replace(/^\//, '').replace(/(^|\/)$/, '$1index.html');

let running = Promise.resolve();
const changed = (paths) => {
  document.dispatchEvent(new CustomEvent('loko:changed'));
  if (paths && !paths.includes(own)) {
    mark();
    return;
  }
  running = running.then(update).then(mark, () => location.reload());
};

/** Ways to the file that the page is made from, and to the server's other pages. */
const offer = async () => {
  const source = document.querySelector('.foot code')?.textContent;
  const foot = document.querySelector('.foot p');
  if (!foot) return;
  const answer = await fetch('/api/v1/files');
  if (!answer.ok) return;
  const { files, read_only: isReadOnly } = await answer.json();
  const tools = document.createElement('span');
  tools.className = 'source-tools';
  tools.setAttribute('data-made', '');
  const way = (href, name) => {
    const link = document.createElement('a');
    link.href = href;
    link.textContent = name;
    tools.append(' · ', link);
  };
  const isThere = files.includes(source);
  if (isThere) way(`/_loko/edit?path=${encodeURIComponent(source)}`, isReadOnly ? say('source') : say('edit'));
  if (isThere && !isReadOnly) {
    const open = document.createElement('button');
    open.type = 'button';
    open.className = 'text-button';
    open.textContent = say('open');
    open.addEventListener('click', async () => {
      const told = await fetch('/api/v1/open', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ path: source }) });
      if (!told.ok) notice((await told.json()).error);
    });
    tools.append(' · ', open);
  }
  way('/_loko/playground', say('playground'));
  way('/api/docs', say('api'));
  foot.append(tools);
};

const listen = () => {
  const events = new EventSource(`${EVENTS}?page=${encodeURIComponent(own)}`);
  let lost = false;
  events.addEventListener('findings', (event) => found(JSON.parse(event.data)));
  events.addEventListener('change', (event) => changed(event.data ? JSON.parse(event.data) : null));
  events.addEventListener('error', () => {
    lost = true;
    notice(say('away'));
  });
  // After the server came back, what is shown may be old.
  events.addEventListener('open', () => {
    document.documentElement.dataset.listening = '';
    if (lost) changed(null);
    lost = false;
    notice(alarm);
  });
};

known = (await fetched()).page;
listen();
void offer();
