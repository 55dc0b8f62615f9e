// Asking a drawing: only what has a tag, a technology or an owner; the way from one element to another.
import { make, model, say } from './dom.js';
import { edgesOf, fade, isWithin, nodesOf, tell } from './parts.js';
/** @import { Drawing } from './drawing.js' */

/** What a facet finds of an element, by its place in the model's rows.
 * @type {[string, string, (row: LokoElement) => string[]][]} */
const FACETS = [
  [say('tag'), say('any-tag'), (row) => row[3]],
  [say('technology'), say('any-technology'), (row) => row[2]],
  [say('owner'), say('any-owner'), (row) => (row[4] ? [row[4]] : [])],
];

/** Fills a panel with what boxes can be chosen by; gives back what makes the choice undone.
 * @param {Drawing} drawing @param {HTMLElement} panel @returns {Promise<() => void>} */
export const fillFilter = async (drawing, panel) => {
  const clear = () => {
    fade(drawing, 'is-filtered', null);
    tell(drawing, '');
  };
  const { elements } = await model();
  const shown = nodesOf(drawing).map((node) => node.dataset.id ?? '').filter((id) => elements[id]);
  /** @type {[HTMLSelectElement, (row: LokoElement) => string[]][]} */
  const selects = [];
  for (const [name, any, values] of FACETS) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    // What is inside of a box that is shown closed counts for the box.
    for (const [id, row] of Object.entries(elements)) {
      if (!shown.some((box) => isWithin(id, box))) continue;
      for (const value of values(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    if (counts.size === 0) continue;
    const select = /** @type {HTMLSelectElement} */ (make('select', { 'aria-label': name }, make('option', { value: '' }, any)));
    for (const value of [...counts.keys()].sort((a, b) => a.localeCompare(b))) select.append(make('option', { value }, `${value} (${counts.get(value)})`));
    selects.push([select, values]);
    panel.append(make('label', {}, make('span', {}, name), select));
  }
  if (selects.length === 0) panel.append(make('p', {}, say('nothing-to-filter')));
  const apply = () => {
    const wishes = selects.filter(([select]) => select.value);
    if (wishes.length === 0) return clear();
    const matching = Object.entries(elements).filter(([, row]) => wishes.every(([select, values]) => values(row).includes(select.value))).map(([id]) => id);
    const kept = new Set(nodesOf(drawing).map((node) => node.dataset.id ?? '').filter((id) => matching.some((it) => isWithin(it, id))));
    fade(drawing, 'is-filtered', (node) => (node.dataset.src !== undefined ? kept.has(node.dataset.src) && kept.has(node.dataset.dst ?? '') : kept.has(node.dataset.id ?? '')));
    const leaves = [...kept].filter((id) => ![...kept].some((it) => it !== id && isWithin(it, id)));
    drawing.reveal(nodesOf(drawing).filter((node) => kept.has(node.dataset.id ?? '')));
    tell(drawing, leaves.length === 1 ? say('fits') : say('fit-many', { count: leaves.length }));
  };
  for (const [select] of selects) select.addEventListener('change', apply);
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
  const clear = () => {
    fade(drawing, 'is-path', null);
    tell(drawing, '');
  };
  const named = nodesOf(drawing).map((node) => [node.dataset.id ?? '', (node.getAttribute('aria-label') ?? node.dataset.id ?? '').split(' [')[0]]);
  const choice = (/** @type {string} */ label) => {
    const select = /** @type {HTMLSelectElement} */ (make('select', { 'aria-label': label }, make('option', { value: '' }, label)));
    for (const [id, name] of named) select.append(make('option', { value: id }, name));
    panel.append(make('label', {}, make('span', {}, label), select));
    return select;
  };
  const [from, to] = [choice(say('from')), choice(say('to'))];
  const apply = () => {
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
    drawing.reveal([...lines]);
  };
  from.addEventListener('change', apply);
  to.addEventListener('change', apply);
  return clear;
};
