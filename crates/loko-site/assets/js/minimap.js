// A small picture of a large drawing while only a part of it is shown; pointing at it moves there.
import { draw } from './dom.js';
import { nodesOf, placeOf, rectangle } from './drawing.js';
/** @import { Box, Drawing } from './drawing.js' */

// Smaller drawings are seen at a glance.
const NODES_MIN = 8;
const WIDTH = 180;
const HEIGHT = 130;

/** @param {Drawing} drawing */
export const setUpMinimap = (drawing) => {
  /** @type {SVGElement | null} */
  let map = null;
  /** @type {SVGElement | null} */
  let frame = null;

  const build = () => {
    const whole = drawing.whole();
    const scale = Math.min(WIDTH / whole.w, HEIGHT / whole.h);
    map = draw('svg', {
      class: 'minimap', 'data-made': '', 'aria-hidden': 'true',
      width: Math.round(whole.w * scale), height: Math.round(whole.h * scale),
      viewBox: `${whole.x} ${whole.y} ${whole.w} ${whole.h}`,
    });
    for (const node of nodesOf(drawing)) map.append(rectangle(placeOf(drawing, node), 'minimap-node'));
    frame = rectangle(whole, 'minimap-frame');
    map.append(frame);
    /** @param {PointerEvent} event */
    const go = (event) => {
      const view = drawing.view();
      if (event.buttons !== 1 || !map || !view) return;
      event.preventDefault();
      const box = map.getBoundingClientRect();
      const [x, y] = [whole.x + (event.clientX - box.left) / scale, whole.y + (event.clientY - box.top) / scale];
      drawing.show({ x: x - view.w / 2, y: y - view.h / 2, w: view.w, h: view.h });
    };
    map.addEventListener('pointerdown', /** @type {EventListener} */ (go));
    map.addEventListener('pointermove', /** @type {EventListener} */ (go));
    drawing.figure.append(map);
  };

  const update = () => {
    const [view, whole] = [drawing.view(), drawing.whole()];
    const isPart = view !== null && (view.w < whole.w * 0.95 || view.h < whole.h * 0.95);
    if (isPart && !map && nodesOf(drawing).length >= NODES_MIN) build();
    if (!map || !frame) return;
    map.classList.toggle('is-shown', isPart);
    if (!view) return;
    /** @type {[string, number][]} */
    const sides = [['x', view.x], ['y', view.y], ['width', view.w], ['height', view.h]];
    for (const [name, value] of sides) frame.setAttribute(name, String(value));
  };

  drawing.figure.addEventListener('loko:view', update);
  drawing.figure.addEventListener('loko:redrawn', () => {
    map?.remove();
    map = null;
    update();
  });
};
