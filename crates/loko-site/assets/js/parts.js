// What a drawing is made of: its boxes and lines, where they are, and how they step back.
import { all, draw, make } from './dom.js';
/** @import { Box, Drawing } from './drawing.js' */

/** The boxes of a drawing by their ids.
 * @param {Drawing} drawing @returns {SVGGraphicsElement[]} */
export const nodesOf = (drawing) => /** @type {SVGGraphicsElement[]} */ (/** @type {unknown} */ (all('.node[data-id]', drawing.canvas)));

/** Its boxes that hold no others.
 * @param {Drawing} drawing */
export const leavesOf = (drawing) => nodesOf(drawing).filter((node) => !node.classList.contains('frame'));

/** The lines of a drawing.
 * @param {Drawing} drawing @returns {SVGGraphicsElement[]} */
export const edgesOf = (drawing) => /** @type {SVGGraphicsElement[]} */ (/** @type {unknown} */ (all('.edge[data-src][data-dst]', drawing.canvas)));

/** Where something is in the picture's own measure.
 * @param {Drawing} drawing @param {SVGGraphicsElement} node @returns {Box} */
export const placeOf = (drawing, node) => {
  const [box, outer, shown] = [node.getBoundingClientRect(), drawing.svg().getBoundingClientRect(), drawing.svg().viewBox.baseVal];
  const scale = Math.max(shown.width / outer.width, shown.height / outer.height);
  // The picture is centred in its frame.
  const [left, top] = [shown.x - (outer.width * scale - shown.width) / 2, shown.y - (outer.height * scale - shown.height) / 2];
  return { x: left + (box.left - outer.left) * scale, y: top + (box.top - outer.top) * scale, w: box.width * scale, h: box.height * scale };
};

/** Whether an id is another one or something in it.
 * @param {string} inner @param {string} outer */
export const isWithin = (inner, outer) => inner === outer || inner.startsWith(`${outer}/`) || inner.startsWith(`${outer}.`);

/** Steps back what is not wanted. Without a wish nothing does.
 * @param {Drawing} drawing
 * @param {string} name the class that says so on the figure
 * @param {((node: SVGGraphicsElement) => boolean) | null} isWanted */
export const fade = (drawing, name, isWanted) => {
  drawing.figure.classList.toggle(name, isWanted !== null);
  for (const node of [...nodesOf(drawing), ...edgesOf(drawing)]) {
    node.classList.toggle('is-faded', isWanted !== null && !isWanted(node));
  }
};

/** Something short that screen readers say and everybody sees.
 * @param {Drawing} drawing @param {string} text */
export const tell = (drawing, text) => {
  let said = /** @type {HTMLElement | null} */ (drawing.figure.querySelector('.drawing-said'));
  if (!said) {
    said = make('p', { class: 'drawing-said', role: 'status' });
    drawing.figure.append(said);
  }
  said.textContent = text;
};

/** A rectangle for a small picture of the whole.
 * @param {Box} box @param {string} name */
export const rectangle = (box, name) => draw('rect', { class: name, x: box.x, y: box.y, width: Math.max(box.w, 1), height: Math.max(box.h, 1) });
