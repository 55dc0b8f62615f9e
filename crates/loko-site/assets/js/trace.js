// Pointing at a box shows what it is joined with, and which way things flow; everything else steps back.
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
  /** @param {string} id */
  const trace = (id) => {
    if (isBusy()) return;
    const linked = new Set([id]);
    /** @param {SVGGraphicsElement} edge */
    const touches = (edge) => isWithin(edge.dataset.src ?? '', id) || isWithin(edge.dataset.dst ?? '', id);
    const edges = edgesOf(drawing).filter(touches);
    if (edges.length === 0) return clear();
    for (const edge of edges) linked.add(edge.dataset.src ?? '').add(edge.dataset.dst ?? '');
    const kept = new Set(edges);
    fade(drawing, 'is-tracing', (node) => {
      if (node.dataset.src !== undefined) return kept.has(node);
      const own = node.dataset.id ?? '';
      return [...linked].some((it) => isWithin(it, own)) || isWithin(own, id);
    });
  };
  let timer = 0;
  /** @param {() => void} action @param {number} delay */
  const later = (action, delay) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
  /** @param {EventTarget | null} target */
  const boxAt = (target) => /** @type {HTMLElement | null} */ (target instanceof Element ? target.closest('.node[data-id]') : null);
  canvas.addEventListener('pointerover', (event) => {
    const box = boxAt(event.target);
    if (event.pointerType === 'touch') return;
    if (box) later(() => trace(box.dataset.id ?? ''), 90);
    else later(clear, 60);
  });
  canvas.addEventListener('pointerleave', () => later(clear, 60));
  canvas.addEventListener('focusin', (event) => {
    const box = boxAt(event.target);
    if (box) trace(box.dataset.id ?? '');
  });
  canvas.addEventListener('focusout', clear);
  figure.addEventListener('loko:redrawn', () => {
    if (nodesOf(drawing).length === 0) clear();
  });
};
