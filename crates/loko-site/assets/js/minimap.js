// A small picture of a large drawing while only a part of it is shown; pointing at it moves there. It stands where nothing
// is; where there is no such place, it waits until somebody moves the drawing or asks for it.
import { all, draw, iconButton, make, say } from './dom.js';
import { nodesOf, placeOf, rectangle } from './parts.js';
/** @import { Box, Drawing } from './drawing.js' */

// Smaller drawings are seen at a glance.
const NODES_MIN = 8;
const WIDTH = 180;
const HEIGHT = 130;
// What is left free around it, and how far the places lie apart that it may take.
const SPACE = 12;
const APART = 32;
// It takes another place only once nothing has moved for so long.
const REST_MS = 250;

const MAP = 'M3.5 4.5h13v11h-13zM10 10h6.5v5.5H10z';
const CROSS = 'M6 6l8 8M14 6l-8 8';

/** The straight pieces of a line, each as the box around it.
 * @param {Element} line @returns {Box[]} */
const piecesOf = (line) => {
  /** @type {Box[]} */
  const pieces = [];
  let [x, y] = [0, 0];
  for (const [, letter, numbers] of (line.getAttribute('d') ?? '').matchAll(/([MLHVC])([^A-Z]*)/g)) {
    const to = (numbers.match(/-?\d*\.?\d+/g) ?? []).map(Number);
    const [toX, toY] = letter === 'H' ? [to[0], y] : letter === 'V' ? [x, to[0]] : to.slice(-2);
    if (letter !== 'M') pieces.push({ x: Math.min(x, toX), y: Math.min(y, toY), w: Math.abs(toX - x), h: Math.abs(toY - y) });
    [x, y] = [toX, toY];
  }
  return pieces;
};

/** @param {Drawing} drawing */
export const setUpMinimap = (drawing) => {
  const { canvas, figure } = drawing;
  /** @type {{ box: HTMLElement, frame: SVGElement, taken: Box[], w: number, h: number } | null} */
  let map = null;
  let [left, top] = [0, 0];
  // What somebody wishes; nothing as long as nobody said so.
  /** @type {boolean | null} */
  let isWanted = null;
  let isHandled = false;
  let timer = 0;

  const build = () => {
    const whole = drawing.whole();
    const scale = Math.min(WIDTH / whole.w, HEIGHT / whole.h);
    const [w, h] = [Math.round(whole.w * scale), Math.round(whole.h * scale)];
    const small = draw('svg', { 'aria-hidden': 'true', width: w, height: h, viewBox: `${whole.x} ${whole.y} ${whole.w} ${whole.h}` });
    for (const node of nodesOf(drawing)) small.append(rectangle(placeOf(drawing, node), 'minimap-node'));
    const frame = rectangle(whole, 'minimap-frame');
    small.append(frame);
    /** @param {PointerEvent} event */
    const go = (event) => {
      const view = drawing.view();
      if (event.buttons !== 1 || !view) return;
      event.preventDefault();
      const box = small.getBoundingClientRect();
      const [x, y] = [whole.x + (event.clientX - box.left) / scale, whole.y + (event.clientY - box.top) / scale];
      drawing.show({ x: x - view.w / 2, y: y - view.h / 2, w: view.w, h: view.h });
    };
    small.addEventListener('pointerdown', /** @type {EventListener} */ (go));
    small.addEventListener('pointermove', /** @type {EventListener} */ (go));
    const close = iconButton(say('close-map'), CROSS, () => {
      wish(false);
      button.focus();
    });
    const box = make('div', { class: 'minimap' }, small, close);
    // What is around other things has room within.
    const parts = /** @type {SVGGraphicsElement[]} */ (/** @type {unknown} */ (all('.node:not(.frame), text', canvas)));
    const taken = [...parts.map((part) => placeOf(drawing, part)), ...all('.edge .line', canvas).flatMap(piecesOf)];
    figure.append(box);
    map = { box, frame, taken, w: box.offsetWidth, h: box.offsetHeight };
  };

  /** How many things stand below a place, which is told in pixels.
   * @param {number} x @param {number} y */
  const below = (x, y) => {
    const view = drawing.view();
    if (!map || !view) return 0;
    const scale = view.w / canvas.clientWidth;
    const [from, to] = [[view.x + (x - SPACE) * scale, view.y + (y - SPACE) * scale], [view.x + (x + map.w + SPACE) * scale, view.y + (y + map.h + SPACE) * scale]];
    return map.taken.filter((it) => it.x < to[0] && it.x + it.w > from[0] && it.y < to[1] && it.y + it.h > from[1]).length;
  };

  /** Goes where the least is below, in what the window shows; says whether nothing is there. Where it is goes first, then
   * corners, then sides. */
  const settle = () => {
    if (!map || !drawing.view()) return false;
    const seen = drawing.inSight();
    const [right, high, low] = [canvas.clientWidth - map.w - SPACE, seen.top + SPACE, seen.bottom - map.h - SPACE];
    // Below a bar nobody could use it.
    map.box.classList.toggle('has-room', low >= high);
    if (low < high) return false;
    const places = [[Math.min(left || right, right), Math.min(Math.max(top, high), low)], [right, high], [right, low], [SPACE, low], [SPACE, high]];
    for (let x = right - APART; x > SPACE; x -= APART) places.push([x, high], [x, low]);
    for (let y = high + APART; y < low; y += APART) places.push([right, y], [SPACE, y]);
    let least = Infinity;
    for (const [x, y] of places) {
      const count = below(x, y);
      if (count < least) [least, left, top] = [count, x, y];
      if (count === 0) break;
    }
    map.box.style.left = `${left}px`;
    map.box.style.top = `${top}px`;
    return least === 0;
  };

  // It does not run away from whoever points at it.
  const rest = () => {
    if (!map?.box.matches(':hover')) settle();
  };

  const update = () => {
    const [view, whole] = [drawing.view(), drawing.whole()];
    const isPart = view !== null && nodesOf(drawing).length >= NODES_MIN && (view.w < whole.w * 0.95 || view.h < whole.h * 0.95);
    button.hidden = !isPart;
    clearTimeout(timer);
    if (!isPart || isWanted === false) return show(false);
    if (!map) build();
    const { x, y, w, h } = view;
    for (const [name, value] of Object.entries({ x, y, width: w, height: h })) map?.frame.setAttribute(name, String(value));
    const isShown = map?.box.classList.contains('is-shown');
    if (isShown) timer = setTimeout(rest, REST_MS);
    else show(settle() || isHandled || isWanted === true);
  };

  /** @param {boolean} isShown */
  const show = (isShown) => {
    map?.box.classList.toggle('is-shown', isShown);
    button.setAttribute('aria-pressed', String(isShown));
  };

  /** @param {boolean} wanted */
  const wish = (wanted) => {
    isWanted = wanted;
    update();
  };

  const button = iconButton(say('map'), MAP, () => wish(button.getAttribute('aria-pressed') !== 'true'));
  button.hidden = true;
  drawing.tools.append(button);
  for (const hand of ['pointerdown', 'wheel', 'keydown']) figure.addEventListener(hand, () => { isHandled = true; }, { capture: true, passive: true });
  figure.addEventListener('loko:view', update);
  addEventListener('resize', settle);
  addEventListener('scroll', () => {
    const box = map?.box.getBoundingClientRect();
    if (!box || !drawing.view()) return;
    const [seen, place] = [drawing.inSight(), canvas.getBoundingClientRect().top];
    if (box.top < place + seen.top || box.bottom > place + seen.bottom) settle();
    else map?.box.classList.add('has-room');
  }, { passive: true });
  figure.addEventListener('loko:redrawn', () => {
    map?.box.remove();
    map = null;
    update();
  });
};
