// Any two versions compared: what each of them held travels in a script that is loaded when somebody asks.
import { all, draw, forgetScripts, isWhole, loadScript, make, say } from './dom.js';

/** What a difference of two versions tells; ids are those of the newer one.
 * @typedef {{ added: string[], changed: string[], removed: string[], marks: Record<string, string>, ends: [string, string][], lasting: string[] }} Outcome
 * what lasts stands where it stood, whatever is said of it */

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

/** The id of what an element is part of; empty for what is part of nothing.
 * @param {string} id */
const wholeOf = (id) => id.slice(0, Math.max(id.lastIndexOf('/'), 0));

/** What elements of a version are called in the newest one; what went since, by what its whole is called.
 * @param {number} version @returns {(id: string) => string} */
const newestName = (version) => {
  const names = namesSince(version, 0);
  /** @param {string} id @returns {string} */
  const newest = (id) => names.get(id) ?? (wholeOf(id) ? newest(wholeOf(id)) + id.slice(wholeOf(id).length) : id);
  return newest;
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
  const outcome = { added: [], changed: [], removed: [], marks: {}, ends: [], lasting: [] };
  const old = new Map(versions[from].elements.map((at) => [today(elements[at][1]), elements[at]]));
  const now = new Map(versions[to].elements.map((at) => [elements[at][1], elements[at]]));
  for (const [id, [kind, , name, said]] of now) {
    const was = old.get(id);
    if (!was) {
      outcome.added.push(`${kindName(kind)} \`${id}\` ${name}`);
      outcome.marks[id] = 'added';
      continue;
    }
    if (today(wholeOf(was[1])) === wholeOf(id)) outcome.lasting.push(id);
    const lines = was[2] === name ? [] : [say('now-called', { from: was[2], to: name })];
    if (was[1] !== id) {
      // Parts go with their whole without a word of their own.
      const goes = today(was[1].slice(0, was[1].lastIndexOf('/'))) + was[1].slice(was[1].lastIndexOf('/')) === id;
      if (!goes || !was[1].includes('/')) lines.unshift(say('formerly', { from: was[1] }));
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
      outcome.ends.push([source, target]);
      if (outcome.marks[source] !== 'added' && outcome.marks[target] !== 'added') outcome.added.push(relation(key));
    } else {
      const lines = otherwise(before, said, names);
      if (!lines.length) continue;
      outcome.ends.push([source, target]);
      outcome.changed.push(`${relation(key)}: ${lines.join('; ')}`);
    }
  }
  for (const key of wasHere.keys()) {
    const [source, target] = key.split('\n');
    outcome.ends.push([source, target]);
    if (outcome.marks[source] !== 'removed' && outcome.marks[target] !== 'removed') outcome.removed.push(relation(key));
  }
  return outcome;
};

/** Text with code between backticks.
 * @param {string} text @returns {(Node | string)[]} */
const withCode = (text) => text.split('\x60').map((piece, at) => (at % 2 ? make('code', {}, piece) : piece));

/** @typedef {'added' | 'changed' | 'removed' | 'same' | 'absent'} Fate */

/** The sign, colour and line of what became of something: told apart without colours, too, and kept by copies of the picture.
 * @type {Record<string, { sign: string, color: string, dash: string }>} */
const MARKS = {
  added: { sign: '+', color: '#00835f', dash: '' },
  changed: { sign: '~', color: '#b0568a', dash: '4 4' },
  removed: { sign: '−', color: '#d55e00', dash: '12 7' },
};
// How much of what stayed is seen, and what stands free around a picture.
const FAINT = '0.55';
const AROUND = 8;

/** @param {Element} thing @param {number} version the place of a version, the newest first */
const isIn = (thing, version) => thing.classList.contains(`in-${version}`);

/** Leaves in a picture just what is wanted of it, and says what became of that. The picture has to be visible.
 * @param {SVGSVGElement} svg @param {(thing: SVGElement) => Fate} fateOf */
const markPicture = (svg, fateOf) => {
  // Its signs are explained below it; where the legend of the whole stood is no place now.
  svg.querySelector('.legend')?.remove();
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const things = /** @type {SVGGraphicsElement[]} */ (/** @type {unknown} */ (all('.node[data-id], .edge[data-src]', svg)));
  for (const thing of things) {
    const fate = fateOf(thing);
    if (fate === 'absent') {
      thing.remove();
      continue;
    }
    const box = thing.getBBox();
    [left, top] = [Math.min(left, box.x), Math.min(top, box.y)];
    [right, bottom] = [Math.max(right, box.x + box.width), Math.max(bottom, box.y + box.height)];
    const mark = MARKS[fate];
    if (!mark) {
      thing.style.opacity = FAINT;
      continue;
    }
    thing.classList.add(`version-${fate}`);
    if (thing.dataset.src !== undefined) {
      for (const line of all('.line', thing)) Object.assign(line.style, { stroke: mark.color, strokeWidth: '3.5px', strokeDasharray: mark.dash });
      for (const head of all('.head', thing)) Object.assign(head.style, { stroke: mark.color, fill: mark.color });
      continue;
    }
    const frame = draw('rect', { x: box.x - 3, y: box.y - 3, width: box.width + 6, height: box.height + 6, rx: 6, fill: 'none', stroke: mark.color, 'stroke-width': 5, 'stroke-dasharray': mark.dash || 'none' });
    const sign = draw('text', { x: box.x + 7, y: box.y + 23, fill: mark.color, stroke: '#fff', 'stroke-width': 4, 'paint-order': 'stroke', 'font-size': 26, 'font-weight': 700 });
    sign.textContent = mark.sign;
    svg.append(draw('g', { class: `version-mark version-${fate}` }, frame, sign));
  }
  if (left < right) svg.setAttribute('viewBox', [left - AROUND, top - AROUND, right - left + 2 * AROUND, bottom - top + 2 * AROUND].join(' '));
};

// The view that the page itself has a picture of.
const LANDSCAPE = 'landscape';

/** The element that a view is the inside of.
 * @param {string} view */
const scopeOf = (view) => view.slice(view.indexOf('/') + 1);

/** The landscapes of all versions as they were built.
 * @type {WeakMap<HTMLElement, SVGSVGElement>} */
const built = new WeakMap();

/** The picture of all versions of a view; those from the inside of elements are loaded when they are asked for.
 * @param {HTMLElement} box @param {string} view @returns {Promise<SVGSVGElement | null>} */
const pictureOf = async (box, view) => {
  if (view === LANDSCAPE) return built.get(box) ?? null;
  const script = globalThis.lokoVersions.views.find(([key]) => key === view)?.[2];
  if (script === undefined) return null;
  await loadScript(script);
  const [picture, style] = globalThis.lokoVersionPictures[view];
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
  const holder = document.createElement('template');
  holder.innerHTML = picture;
  return holder.content.querySelector('svg');
};

/** The picture of all versions shows two of them: laid over each other, and each by itself.
 * @param {HTMLElement} box @param {SVGSVGElement} picture @param {string} view @param {number} from @param {number} to @param {Outcome} outcome */
const showPictures = (box, picture, view, from, to, outcome) => {
  const [overlaid, beside] = /** @type {HTMLElement[]} */ (all(':scope > .compare-overlaid, :scope > .compare-beside', box));
  const shown = /** @type {SVGSVGElement | null} */ (overlaid?.querySelector('.canvas > svg') ?? null);
  if (!shown || !beside) return;
  const copied = () => {
    const copy = /** @type {SVGSVGElement} */ (picture.cloneNode(true));
    copy.dataset.versions = '';
    return copy;
  };
  // The picture knows everything by its newest name.
  const newest = newestName(to);
  const marks = new Map(Object.entries(outcome.marks).map(([id, mark]) => [newest(id), mark]));
  const lasting = new Set(outcome.lasting.map(newest));
  /** @param {string} inner @param {string} outer */
  const holds = (inner, outer) => inner === outer || inner.startsWith(`${outer}/`);
  const parts = [...marks.keys()];
  const ends = outcome.ends.map(([source, target]) => [newest(source), newest(target)]);
  /** @param {SVGElement} thing @returns {boolean} */
  const isChanged = ({ classList, dataset }) => {
    if (dataset.src !== undefined) return ends.some(([source, target]) => holds(source, dataset.src ?? '') && holds(target, dataset.dst ?? ''));
    const id = dataset.id ?? '';
    // What stands in a border says for itself what became of it, and what is inside of others has a picture of its own.
    const isClosed = !classList.contains('frame') && (view === LANDSCAPE || holds(id, scopeOf(view)));
    return isClosed ? parts.some((part) => holds(part, id)) : marks.has(id);
  };
  /** @param {SVGElement} thing @returns {Fate} */
  const fateOf = (thing) => {
    const [was, is] = [isIn(thing, from), isIn(thing, to)];
    if (!was && !is) return 'absent';
    // Around an element others come and go with its relations.
    const stays = was === is || (thing.dataset.src === undefined && lasting.has(thing.dataset.id ?? ''));
    if (stays) return isChanged(thing) ? 'changed' : 'same';
    return was ? 'removed' : 'added';
  };
  const tab = /** @type {HTMLElement | null} */ (box.querySelector('[role="tab"]'));
  const { versions } = globalThis.lokoVersions;
  /** @param {number} version */
  const alone = (version) => {
    const [copy, { name }] = [copied(), versions[version]];
    // Names of places are those of the picture of both.
    copy.querySelectorAll('.node, .edge, :scope > title, :scope > desc').forEach((it) => it.removeAttribute('id'));
    for (const attribute of ['aria-labelledby', 'aria-describedby']) copy.removeAttribute(attribute);
    copy.setAttribute('aria-label', name);
    return { figure: make('figure', { class: 'version-picture' }, make('figcaption', {}, name), copy), copy, version };
  };
  box.hidden = false;
  // Places are known of what is visible alone; the tabs put it away again.
  const isBeside = overlaid.hidden;
  [overlaid.hidden, beside.hidden] = [false, false];
  const pictures = [from, to].map(alone);
  beside.replaceChildren(...pictures.map(({ figure }) => figure));
  for (const { copy, version } of pictures) {
    markPicture(copy, (thing) => (isIn(thing, version) ? fateOf(thing) : 'absent'));
  }
  const both = copied();
  shown.replaceWith(both);
  markPicture(both, fateOf);
  // What stands in both stands at the same place, as large in the one as in the other.
  for (const { copy } of pictures) copy.setAttribute('viewBox', both.getAttribute('viewBox') ?? '');
  [overlaid.hidden, beside.hidden] = [isBeside, !isBeside && tab !== null];
  // What it was said to show were all versions.
  both.querySelector(':scope > desc')?.replaceChildren();
  for (const title of [overlaid.querySelector('.drawing-title'), both.querySelector(':scope > title')]) {
    if (title) title.textContent = `${versions[from].name} → ${versions[to].name}`;
  }
  if (!box.querySelector('.version-legend')) {
    const told = Object.entries(MARKS).map(([fate, { sign }]) => make('span', { class: `version-${fate}` }, make('b', {}, sign), ` ${say(`of-${fate}`)}`));
    box.append(make('p', { class: 'version-legend' }, ...told));
  }
  overlaid.querySelector('.drawing')?.dispatchEvent(new CustomEvent('loko:redrawn'));
};

/** @param {HTMLElement} title @param {HTMLElement} place @param {number} from @param {number} to @param {Outcome} outcome */
const showCompared = (title, place, from, to, outcome) => {
  const [old, now] = [globalThis.lokoVersions.versions[from], globalThis.lokoVersions.versions[to]];
  const parts = /** @type {[string, string, string[]][]} */ ([
    ['added', say('of-added'), outcome.added],
    ['changed', say('of-changed'), outcome.changed],
    ['removed', say('of-removed'), outcome.removed],
  ]);
  place.replaceChildren();
  title.textContent = `${old.name} → ${now.name}`;
  for (const [key, title, lines] of parts) {
    if (!lines.length) continue;
    const list = make('ul', { class: `changes changes-${key}` }, ...lines.slice(0, LINES_MAX).map((line) => make('li', {}, ...withCode(line))));
    if (lines.length > LINES_MAX) list.append(make('li', {}, say('and-more', { count: lines.length - LINES_MAX })));
    place.append(make('h3', {}, title), list);
  }
  if (parts.every(([, , lines]) => !lines.length)) place.append(make('p', { class: 'muted' }, say('nothing-changed')));
};

/** The views that can be compared, those first inside which the chosen versions differ.
 * @param {HTMLSelectElement} select @param {number} to @param {Outcome} outcome @param {string} wanted */
const fillViews = (select, to, outcome, wanted) => {
  const newest = newestName(to);
  const touched = new Set();
  for (let id of [...Object.keys(outcome.marks), ...outcome.ends.flat()].map(newest)) {
    for (; id && !touched.has(id); id = wholeOf(id)) touched.add(id);
  }
  const { views } = globalThis.lokoVersions;
  /** @param {LokoView} view */
  const option = ([value, title]) => make('option', { value }, title);
  /** @param {string} label @param {boolean} isTouched */
  const group = (label, isTouched) => {
    const some = views.filter(([key, , script]) => script && touched.has(scopeOf(key)) === isTouched);
    return some.length ? [make('optgroup', { label }, ...some.map(option))] : [];
  };
  const landscape = views.filter(([key]) => key === LANDSCAPE).map(option);
  select.replaceChildren(...landscape, ...group(say('views-that-differ'), true), ...group(say('views-alike'), false));
  select.value = wanted;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
};

/** The two versions that an address names, and the view.
 * @returns {[string, string, string] | null} */
const askedVersions = () => {
  const found = /^#(?:versions:)?compare:([^:%]+):([^:%]+)(?::(.+))?$/.exec(location.hash);
  if (!found) return null;
  try {
    return [found[1], found[2], decodeURIComponent(found[3] ?? LANDSCAPE)];
  } catch {
    return [found[1], found[2], LANDSCAPE];
  }
};

const setUpChoice = () => {
  for (const box of all('[data-choose-versions]')) {
    if (box.dataset.ready !== undefined) continue;
    box.dataset.ready = '';
    const sections = all('[data-version]', /** @type {HTMLElement} */ (box.parentElement));
    const picture = all('[data-all-versions]', box)[0];
    /** @param {string} label @param {number} chosen */
    const field = (label, chosen) => {
      const options = sections.map((it) => make('option', { value: it.dataset.version ?? '' }, it.querySelector('h2')?.textContent?.trim() ?? ''));
      const select = /** @type {HTMLSelectElement} */ (make('select', {}, ...options));
      select.selectedIndex = chosen;
      return { select, label: make('label', {}, `${label} `, select) };
    };
    const [from, to] = [field(say('older'), sections.length - 1), field(say('newer'), 0)];
    const title = make('h2', { 'aria-live': 'polite' });
    const place = make('div', { class: 'chosen-versions' });
    const button = make('button', { type: 'button', class: 'chip' }, say('compare'));
    const view = /** @type {HTMLSelectElement} */ (make('select'));
    const views = make('div', { class: 'choose-bar choose-view', hidden: '' }, make('label', {}, `${say('shown-view')} `, view));
    // What was asked for last is shown, whatever is loaded later.
    let asked = 0;
    /** @param {string} wanted the view */
    const show = async (wanted) => {
      asked += 1;
      const mine = asked;
      await loadScript('versions');
      // What a file that holds all pages is about to show has no size before.
      if (isWhole) await new Promise(requestAnimationFrame);
      const at = [from, to].map(({ select }) => globalThis.lokoVersions.versions.findIndex((it) => it.id === select.value));
      // The newest stands first, whichever was chosen where.
      const [older, newer] = [Math.max(...at), Math.min(...at)];
      const outcome = compared(older, newer);
      if (mine !== asked) return;
      showCompared(title, place, older, newer, outcome);
      if (!picture) return;
      // A live server may have put another one in its place.
      const own = /** @type {SVGSVGElement | null} */ (picture.querySelector('.compare-overlaid .canvas > svg'));
      if (own && own.dataset.versions === undefined) built.set(picture, /** @type {SVGSVGElement} */ (own.cloneNode(true)));
      picture.hidden = false;
      fillViews(view, newer, outcome, wanted);
      views.hidden = view.length < 2;
      const drawn = view.value ? await pictureOf(picture, view.value) : null;
      if (drawn && mine === asked) showPictures(picture, drawn, view.value, older, newer, outcome);
    };
    const choose = () => {
      const key = view.value && view.value !== LANDSCAPE ? `:${view.value.split('/').map(encodeURIComponent).join('/')}` : '';
      history.replaceState(null, '', `${isWhole ? '#versions:' : '#'}compare:${from.select.value}:${to.select.value}${key}`);
      show(view.value);
    };
    button.addEventListener('click', choose);
    view.addEventListener('change', choose);
    const follow = () => {
      const named = askedVersions();
      if (!named || !named.slice(0, 2).every((id) => sections.some((it) => it.dataset.version === id))) return;
      [from.select.value, to.select.value] = named;
      show(named[2]);
    };
    addEventListener('hashchange', follow);
    document.addEventListener('loko:patched', follow);
    all(':scope > [data-made]', box).forEach((made) => made.remove());
    box.prepend(make('div', { class: 'choose-bar' }, from.label, to.label, button), title, views);
    box.append(place);
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
