// Asking a drawing: only what has a tag, a technology or an owner; the way from one element to another.
import { make, model, say } from './dom.js';
import { edgesOf, fade, isWithin, nodesOf, tell } from './parts.js';
/** @import { Drawing } from './drawing.js' */

/** What a facet is called in links, on the page, and what it finds of an element, by its place in the model's rows.
 * @type {[string, string, string, (row: LokoElement) => string[]][]} */
const FACETS = [
  ['tag', say('tag'), say('any-tag'), (row) => row[3]],
  ['technology', say('technology'), say('any-technology'), (row) => row[2]],
  ['owner', say('owner'), say('any-owner'), (row) => (row[4] ? [row[4]] : [])],
];

/** A choice with its name, in a panel.
 * @param {HTMLElement} panel @param {string} name what links call it @param {string} label @param {string} none
 * @param {string[][]} options values and what they are called */
const choice = (panel, name, label, none, options) => {
  const select = /** @type {HTMLSelectElement} */ (make('select', { name, 'aria-label': label }, make('option', { value: '' }, none)));
  for (const [value, text] of options) select.append(make('option', { value }, text));
  panel.append(make('label', {}, make('span', {}, label), select));
  return select;
};

/** Follows all choices of a panel, which a link then holds, and lets them be undone at once.
 * @param {Drawing} drawing @param {HTMLElement} panel @param {HTMLSelectElement[]} selects @param {() => void} apply */
const followChoices = (drawing, panel, selects, apply) => {
  const ask = () => {
    drawing.figure.dataset.asked = new URLSearchParams(selects.filter((it) => it.value).map((it) => [it.name, it.value])).toString();
    none.disabled = selects.every((it) => !it.value);
    apply();
  };
  const none = /** @type {HTMLButtonElement} */ (make('button', { type: 'button', class: 'text-button', disabled: '' }, say('show-all')));
  none.addEventListener('click', () => {
    for (const select of selects) select.value = '';
    ask();
    selects[0].focus();
  });
  for (const select of selects) select.addEventListener('change', ask);
  panel.append(none);
};

/** Nothing is asked any more.
 * @param {Drawing} drawing @param {string} name the class that says so on the figure */
const forget = (drawing, name) => {
  fade(drawing, name, null);
  tell(drawing, '');
};

/** Fills a panel with what boxes can be chosen by; gives back what makes the choice undone.
 * @param {Drawing} drawing @param {HTMLElement} panel @returns {Promise<() => void>} */
export const fillFilter = async (drawing, panel) => {
  const clear = () => forget(drawing, 'is-filtered');
  const { elements } = await model();
  const shown = nodesOf(drawing).map((node) => node.dataset.id ?? '').filter((id) => elements[id]);
  /** The boxes that are left of those that fit; what is inside of a box that is shown closed counts for the box, and a box
   * that is shown open for what fits in it.
   * @param {string[]} fitting */
  const boxesOf = (fitting) => {
    const inmost = new Set(fitting.flatMap((id) => shown.filter((box) => isWithin(id, box)).sort((a, b) => b.length - a.length).slice(0, 1)));
    return [...inmost].filter((id) => ![...inmost].some((it) => it !== id && isWithin(it, id)));
  };
  /** @type {[HTMLSelectElement, (row: LokoElement) => string[]][]} */
  const selects = [];
  for (const [name, label, any, values] of FACETS) {
    /** @type {Map<string, string[]>} */
    const fitting = new Map();
    for (const [id, row] of Object.entries(elements)) {
      if (!shown.some((box) => isWithin(id, box))) continue;
      for (const value of values(row)) fitting.set(value, [...(fitting.get(value) ?? []), id]);
    }
    if (fitting.size === 0) continue;
    const options = [...fitting].sort(([a], [b]) => a.localeCompare(b)).map(([value, ids]) => [value, `${value} (${boxesOf(ids).length})`]);
    selects.push([choice(panel, name, label, any, options), values]);
  }
  if (selects.length === 0) {
    panel.append(make('p', {}, say('nothing-to-filter')));
    return clear;
  }
  followChoices(drawing, panel, selects.map(([select]) => select), () => {
    const wishes = selects.filter(([select]) => select.value);
    if (wishes.length === 0) return clear();
    const boxes = boxesOf(Object.entries(elements).filter(([, row]) => wishes.every(([select, values]) => values(row).includes(select.value))).map(([id]) => id));
    const kept = new Set(shown.filter((id) => boxes.some((it) => isWithin(it, id))));
    fade(drawing, 'is-filtered', (node) => (node.dataset.src !== undefined ? kept.has(node.dataset.src) && kept.has(node.dataset.dst ?? '') : kept.has(node.dataset.id ?? '')));
    drawing.reveal(nodesOf(drawing).filter((node) => boxes.includes(node.dataset.id ?? '')));
    tell(drawing, boxes.length === 1 ? say('fits') : say('fit-many', { count: boxes.length }));
  });
  return clear;
};

/** The lines of a shortest way between two boxes; those that leave or enter something in a box count for the box.
 * @param {Drawing} drawing @param {string} from @param {string} to
 * @returns {SVGGraphicsElement[] | null} */
export const wayBetween = (drawing, from, to) => {
  const edges = edgesOf(drawing);
  /** @type {Map<string, SVGGraphicsElement | null>} */
  const reached = new Map([[from, null]]);
  const queue = [from];
  for (let at = 0; at < queue.length; at++) {
    const here = queue[at];
    if (isWithin(here, to)) {
      /** @type {SVGGraphicsElement[]} */
      const way = [];
      let back = here;
      for (let edge = reached.get(back); edge; edge = reached.get(back)) {
        way.unshift(edge);
        const source = edge.dataset.src ?? '';
        // The way may have come to something around or inside of where this line starts.
        back = reached.has(source) ? source : [...reached.keys()].find((id) => isWithin(source, id) || isWithin(id, source)) ?? '';
      }
      return way;
    }
    for (const edge of edges) {
      const [source, target] = [edge.dataset.src ?? '', edge.dataset.dst ?? ''];
      if (!isWithin(source, here) && !isWithin(here, source) || reached.has(target)) continue;
      if (!reached.has(source)) reached.set(source, reached.get(here) ?? null);
      reached.set(target, edge);
      queue.push(target);
    }
  }
  return null;
};

/** Fills a panel with the ends of a way, as [`fillFilter`] does.
 * @param {Drawing} drawing @param {HTMLElement} panel @returns {() => void} */
export const fillWay = (drawing, panel) => {
  const clear = () => forget(drawing, 'is-path');
  const named = nodesOf(drawing).map((node) => [node.dataset.id ?? '', (node.getAttribute('aria-label') ?? node.dataset.id ?? '').split(' [')[0]]);
  const from = choice(panel, 'from', say('from'), say('from'), named);
  const to = choice(panel, 'to', say('to'), say('to'), named);
  followChoices(drawing, panel, [from, to], () => {
    if (!from.value || !to.value) return clear();
    const way = from.value === to.value ? [] : wayBetween(drawing, from.value, to.value);
    if (!way) {
      clear();
      return tell(drawing, say('no-way'));
    }
    const lines = new Set(way);
    const ends = new Set([from.value, to.value, ...way.flatMap((edge) => [edge.dataset.src ?? '', edge.dataset.dst ?? ''])]);
    fade(drawing, 'is-path', (node) => (node.dataset.src !== undefined ? lines.has(node) : [...ends].some((id) => isWithin(id, node.dataset.id ?? ''))));
    tell(drawing, way.length === 0 ? say('same-element') : way.map((edge) => edge.getAttribute('aria-label') ?? '').join(' · '));
    const boxes = nodesOf(drawing).filter((node) => ends.has(node.dataset.id ?? ''));
    drawing.reveal([...boxes.filter((node) => node.dataset.id === from.value), ...boxes, ...lines]);
  });
  return clear;
};
