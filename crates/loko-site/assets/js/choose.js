// Any two versions compared: what each of them held travels in a script that is loaded when somebody asks.
import { all, draw, forgetScripts, loadScript, make, say } from './dom.js';

/** What a difference of two versions tells.
 * @typedef {{ added: string[], changed: string[], removed: string[], marks: Record<string, string>, former: Record<string, string> }} Outcome */

/** A line of so many at most; the rest is counted.
 * @type {number} */
const LINES_MAX = 200;

/** What elements of an older version are called in a newer one, by all the versions between.
 * @param {number} from @param {number} to @returns {Map<string, string>} */
const namesSince = (from, to) => {
  /** @type {Map<string, string>} */
  const names = new Map();
  for (let at = from - 1; at >= to; at -= 1) {
    const step = new Map(globalThis.lokoVersions.versions[at].renamed);
    for (const [was, is] of names) {
      if (step.has(is)) names.set(was, /** @type {string} */ (step.get(is)));
    }
    const became = new Set(names.values());
    for (const [was, is] of step) {
      if (!names.has(was) && !became.has(is)) names.set(was, is);
    }
  }
  return names;
};

/** The names in a value as they are later.
 * @param {string} text @param {Map<string, string>} names */
const retold = (text, names) => text.replace(/[\p{L}\p{N}_.-]+(?:\/[\p{L}\p{N}_.-]+)*/gu, (word) => names.get(word) ?? word);

/** What is said otherwise of the same thing.
 * @param {[string, string][]} before @param {[string, string][]} after @param {Map<string, string>} names @returns {string[]} */
const otherwise = (before, after, names) => {
  const [old, now] = [new Map(before), new Map(after)];
  const lines = [];
  for (const key of new Set([...now.keys(), ...old.keys()])) {
    const [was, is] = [old.get(key), now.get(key)];
    if (was === is || (was !== undefined && retold(was, names) === is)) continue;
    if (key === 'prose') lines.push(say('rewritten', { name: key }));
    else if (was === undefined) lines.push(say('is', { name: key, after: is ?? '' }));
    else if (is === undefined) lines.push(say('gone', { name: key }));
    else lines.push(say('from-to', { name: key, before: was, after: is }));
  }
  return lines;
};

/** The kind of an element in words.
 * @param {string} kind */
const kindName = (kind) =>
  /** @type {Record<string, string>} */ ({
    person: say('kind-person'),
    system: say('kind-system'),
    container: say('kind-container'),
    component: say('kind-component'),
  })[kind] ?? kind;

/** @param {number} from @param {number} to @returns {Outcome} */
const compared = (from, to) => {
  const { elements, relations, versions } = globalThis.lokoVersions;
  const names = namesSince(from, to);
  /** @param {string} id */
  const today = (id) => names.get(id) ?? id;
  /** @type {Outcome} */
  const outcome = { added: [], changed: [], removed: [], marks: {}, former: {} };
  const old = new Map(versions[from].elements.map((at) => [today(elements[at][1]), elements[at]]));
  const now = new Map(versions[to].elements.map((at) => [elements[at][1], elements[at]]));
  for (const [id, [kind, , name, said]] of now) {
    const was = old.get(id);
    if (!was) {
      outcome.added.push(`${kindName(kind)} \`${id}\` ${name}`);
      outcome.marks[id] = 'added';
      continue;
    }
    const lines = was[2] === name ? [] : [say('now-called', { from: was[2], to: name })];
    if (was[1] !== id) {
      // Parts go with their whole without a word of their own.
      const goes = today(was[1].slice(0, was[1].lastIndexOf('/'))) + was[1].slice(was[1].lastIndexOf('/')) === id;
      if (!goes || !was[1].includes('/')) lines.unshift(say('formerly', { from: was[1] }));
      outcome.former[id] = was[1];
    }
    lines.push(...otherwise(was[3], said, names));
    if (lines.length) {
      outcome.changed.push(`\`${id}\` ${lines.join('; ')}`);
      outcome.marks[id] = 'changed';
    }
  }
  for (const [id, [kind, written, name]] of old) {
    if (now.has(id)) continue;
    outcome.removed.push(`${kindName(kind)} \`${written}\` ${name}`);
    outcome.marks[id] = 'removed';
    outcome.former[id] = written;
  }
  const wasHere = new Map(versions[from].relations.map((at) => {
    const [source, target, description, said] = relations[at];
    return [[today(source), today(target), description].join('\n'), said];
  }));
  /** @param {string} key */
  const relation = (key) => {
    const [source, target, description] = key.split('\n');
    return say('relation', { source, target }) + (description ? `: ${description}` : '');
  };
  for (const at of versions[to].relations) {
    const [source, target, description, said] = relations[at];
    const key = [source, target, description].join('\n');
    const before = wasHere.get(key);
    wasHere.delete(key);
    // Relations of what came or went go without saying.
    if (!before) {
      if (outcome.marks[source] !== 'added' && outcome.marks[target] !== 'added') outcome.added.push(relation(key));
    } else {
      const lines = otherwise(before, said, names);
      if (lines.length) outcome.changed.push(`${relation(key)}: ${lines.join('; ')}`);
    }
  }
  for (const key of wasHere.keys()) {
    const [source, target] = key.split('\n');
    if (outcome.marks[source] !== 'removed' && outcome.marks[target] !== 'removed') outcome.removed.push(relation(key));
  }
  return outcome;
};

/** Text with code between backticks.
 * @param {string} text @returns {(Node | string)[]} */
const withCode = (text) => text.split('\x60').map((piece, at) => (at % 2 ? make('code', {}, piece) : piece));

/** The landscape of a version, as one of the page's own pictures shows it.
 * @param {string} id @returns {SVGSVGElement | null} */
const landscapeOf = (id) => {
  const section = document.querySelector(`[data-version="${id}"]`);
  const own = section?.querySelector('.compare-beside > .drawing:nth-child(2) .canvas > svg');
  // What the version after it came from is this one.
  const next = section?.previousElementSibling?.querySelector('.compare-beside > .drawing:nth-child(1) .canvas > svg');
  return /** @type {SVGSVGElement | null} */ (own ?? next ?? null);
};

/** A copy of a picture with what differs marked, by a sign and a line of its own.
 * @param {SVGSVGElement} svg @param {string} title @param {(id: string) => string | undefined} markOf */
const markedPicture = (svg, title, markOf) => {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  copy.removeAttribute('style');
  const figure = make('figure', { class: 'version-picture' }, make('figcaption', {}, title), copy);
  /** Marks need the places of what they stand at, so the picture has to be shown first. */
  const mark = () => {
    const whole = copy.getBBox();
    copy.setAttribute('viewBox', `${whole.x - 8} ${whole.y - 8} ${whole.width + 16} ${whole.height + 16}`);
    for (const node of copy.querySelectorAll('.node[data-id]')) {
      const what = markOf(/** @type {SVGElement} */ (node).dataset.id ?? '');
      if (!what) continue;
      const box = /** @type {SVGGraphicsElement} */ (node).getBBox();
      const sign = draw('text', { class: 'version-sign', x: box.x + 6, y: box.y + 20 });
      sign.textContent = /** @type {Record<string, string>} */ ({ added: '+', changed: '~', removed: '−' })[what];
      const frame = draw('rect', { class: 'version-frame', x: box.x - 3, y: box.y - 3, width: box.width + 6, height: box.height + 6, rx: 6 });
      copy.append(draw('g', { class: `version-mark version-${what}` }, frame, sign));
    }
  };
  return { figure, mark };
};

/** @param {HTMLElement} place @param {number} from @param {number} to */
const showCompared = (place, from, to) => {
  const outcome = compared(from, to);
  const [old, now] = [globalThis.lokoVersions.versions[from], globalThis.lokoVersions.versions[to]];
  const parts = /** @type {[string, string, string[]][]} */ ([
    ['added', say('of-added'), outcome.added],
    ['changed', say('of-changed'), outcome.changed],
    ['removed', say('of-removed'), outcome.removed],
  ]);
  place.replaceChildren(make('h3', {}, `${old.name} → ${now.name}`));
  const [before, after] = [landscapeOf(old.id), landscapeOf(now.id)];
  if (before && after) {
    const back = new Map(Object.entries(outcome.former).map(([id, was]) => [was, id]));
    /** What became of an element, or of what is in it and not shown.
     * @param {string} id @param {string} elsewhere */
    const markOf = (id, elsewhere) => {
      const mark = outcome.marks[id];
      if (mark) return mark === elsewhere ? undefined : mark;
      return Object.keys(outcome.marks).some((other) => other.startsWith(`${id}/`)) ? 'changed' : undefined;
    };
    const left = markedPicture(before, old.name, (id) => markOf(back.get(id) ?? id, 'added'));
    const right = markedPicture(after, now.name, (id) => markOf(id, 'removed'));
    place.append(make('div', { class: 'compare-beside' }, left.figure, right.figure));
    left.mark();
    right.mark();
  }
  for (const [key, title, lines] of parts) {
    if (!lines.length) continue;
    const list = make('ul', { class: `changes changes-${key}` }, ...lines.slice(0, LINES_MAX).map((line) => make('li', {}, ...withCode(line))));
    if (lines.length > LINES_MAX) list.append(make('li', {}, say('and-more', { count: lines.length - LINES_MAX })));
    place.append(make('h4', {}, title), list);
  }
  if (parts.every(([, , lines]) => !lines.length)) place.append(make('p', { class: 'muted' }, say('nothing-changed')));
};

/** The two versions that an address names.
 * @returns {[string, string] | null} */
const askedVersions = () => {
  const found = /^#compare:([^:%]+):([^:%]+)$/.exec(location.hash);
  return found && [found[1], found[2]];
};

const setUpChoice = () => {
  for (const box of all('[data-choose-versions]')) {
    if (box.dataset.ready !== undefined) continue;
    box.dataset.ready = '';
    const sections = all('[data-version]', /** @type {HTMLElement} */ (box.parentElement));
    /** @param {string} label @param {number} chosen */
    const field = (label, chosen) => {
      const options = sections.map((it) => make('option', { value: it.dataset.version ?? '' }, it.querySelector('h2')?.textContent?.trim() ?? ''));
      const select = /** @type {HTMLSelectElement} */ (make('select', {}, ...options));
      select.selectedIndex = chosen;
      return { select, label: make('label', {}, `${label} `, select) };
    };
    const [from, to] = [field(say('older'), sections.length - 1), field(say('newer'), 0)];
    const place = make('div', { class: 'chosen-versions', 'aria-live': 'polite' });
    const button = make('button', { type: 'button', class: 'chip' }, say('compare'));
    const show = async () => {
      await loadScript('versions');
      const at = [from, to].map(({ select }) => globalThis.lokoVersions.versions.findIndex((it) => it.id === select.value));
      // The newest stands first, whichever was chosen where.
      showCompared(place, Math.max(...at), Math.min(...at));
    };
    button.addEventListener('click', () => {
      history.replaceState(null, '', `#compare:${from.select.value}:${to.select.value}`);
      show();
    });
    const follow = () => {
      const asked = askedVersions();
      if (!asked || !asked.every((id) => sections.some((it) => it.dataset.version === id))) return;
      [from.select.value, to.select.value] = asked;
      show();
    };
    addEventListener('hashchange', follow);
    box.replaceChildren(make('div', { class: 'choose-bar' }, from.label, to.label, button), place);
    box.hidden = false;
    follow();
  }
};

setUpChoice();
// A live server changed the page.
document.addEventListener('loko:patched', () => {
  forgetScripts();
  setUpChoice();
});
