// Pointing at a box shows what it is joined with, and which way things flow, pointing at a line both its ends; everything
// else steps back.
import { draw } from './dom.js';
import { edgesOf, fade, isWithin, nodesOf } from './parts.js';
/** @import { Drawing } from './drawing.js' */

/** @param {Drawing} drawing */
export const setUpTrace = (drawing) => {
  const { figure, canvas } = drawing;
  // A choice that somebody made goes before what is pointed at.
  const isBusy = () => ['is-filtered', 'is-path', 'is-stepping'].some((name) => figure.classList.contains(name));
  const clear = () => {
    if (!figure.classList.contains('is-tracing')) return;
    if (!isBusy()) fade(drawing, 'is-tracing', null);
    figure.classList.remove('is-tracing');
  };
  /** @param {SVGGraphicsElement} part */
  const trace = (part) => {
    if (isBusy()) return;
    const { id = '', src } = part.dataset;
    /** @param {SVGGraphicsElement} edge */
    const touches = (edge) => (src === undefined ? isWithin(edge.dataset.src ?? '', id) || isWithin(edge.dataset.dst ?? '', id) : edge === part);
    const edges = edgesOf(drawing).filter(touches);
    if (edges.length === 0) return clear();
    const linked = new Set(edges.flatMap((edge) => [edge.dataset.src ?? '', edge.dataset.dst ?? '']));
    if (src === undefined) linked.add(id);
    const kept = new Set(edges);
    fade(drawing, 'is-tracing', (node) => {
      if (node.dataset.src !== undefined) return kept.has(node);
      const own = node.dataset.id ?? '';
      return [...linked].some((it) => isWithin(it, own)) || src === undefined && isWithin(own, id);
    });
  };
  // A line is too thin to be pointed at: around it is room that belongs to it.
  const widen = () => {
    for (const edge of edgesOf(drawing)) {
      const d = edge.querySelector('.line')?.getAttribute('d');
      if (d) edge.prepend(draw('path', { d, class: 'reach' }));
    }
  };
  widen();
  let timer = 0;
  /** @param {() => void} action @param {number} delay */
  const later = (action, delay) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
  /** @param {EventTarget | null} target */
  const partAt = (target) => /** @type {SVGGraphicsElement | null} */ (target instanceof Element ? target.closest('.node[data-id], .edge[data-src][data-dst]') : null);
  canvas.addEventListener('pointerover', (event) => {
    const part = partAt(event.target);
    if (event.pointerType === 'touch') return;
    if (part) later(() => trace(part), 90);
    else later(clear, 60);
  });
  canvas.addEventListener('pointerleave', () => later(clear, 60));
  canvas.addEventListener('focusin', (event) => {
    const part = partAt(event.target);
    if (part) trace(part);
  });
  canvas.addEventListener('focusout', clear);
  figure.addEventListener('loko:redrawn', () => {
    widen();
    if (nodesOf(drawing).length === 0) clear();
  });
};
