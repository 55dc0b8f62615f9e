// Going through a dynamic view step by step: what has happened stays, what happens now stands out, the rest steps back.
import { iconButton, make, say } from './dom.js';
import { edgesOf, fade, isWithin, tell } from './parts.js';
/** @import { Drawing } from './drawing.js' */

const BACK = 'M12.5 4.5 7 10l5.5 5.5';
const ON = 'M7.5 4.5 13 10l-5.5 5.5';
const PLAY = 'M6.5 4.5v11l9-5.5z';
const PACE_MS = 1600;

/** @param {SVGGraphicsElement} edge @returns {number[]} */
const numbers = (edge) => (edge.dataset.id ?? '').split(' ').map((id) => Number(id.replace('step-', ''))).filter((number) => number > 0);

/** @param {Drawing} drawing */
export const setUpSteps = (drawing) => {
  const count = Math.max(0, ...edgesOf(drawing).filter((edge) => edge.dataset.id?.startsWith('step-')).flatMap(numbers));
  if (count < 2) return;
  let at = 0;
  let timer = 0;
  const label = make('span', { class: 'step-count' }, say('step-count', { count }));

  /** @param {number} to */
  const go = (to) => {
    at = Math.min(Math.max(to, 0), count);
    for (const row of document.querySelectorAll('tr.is-now')) row.classList.remove('is-now');
    for (const edge of edgesOf(drawing)) edge.classList.toggle('is-now', numbers(edge).includes(at));
    if (at === 0) {
      fade(drawing, 'is-stepping', null);
      label.textContent = say('step-count', { count });
      return tell(drawing, '');
    }
    const now = edgesOf(drawing).filter((edge) => numbers(edge).includes(at));
    const done = edgesOf(drawing).filter((edge) => numbers(edge).some((number) => number <= at));
    const ends = new Set(done.flatMap((edge) => [edge.dataset.src ?? '', edge.dataset.dst ?? '']));
    fade(drawing, 'is-stepping', (node) => (node.dataset.src !== undefined ? done.includes(node) : [...ends].some((id) => isWithin(id, node.dataset.id ?? ''))));
    label.textContent = say('step-of', { at, count });
    tell(drawing, now.map((edge) => edge.getAttribute('aria-label') ?? '').join(' · '));
    (drawing.figure.closest('.chapter') ?? document).querySelector(`[id="step-${at}"], [id$=":step-${at}"]`)?.classList.add('is-now');
    drawing.reveal(now);
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.setAttribute('aria-pressed', 'false');
  };
  const play = iconButton(say('play'), PLAY, () => {
    if (timer) return stop();
    if (at >= count) go(0);
    play.setAttribute('aria-pressed', 'true');
    go(at + 1);
    timer = setInterval(() => (at >= count ? stop() : go(at + 1)), PACE_MS);
  });
  play.setAttribute('aria-pressed', 'false');
  /** @param {number} by */
  const hand = (by) => {
    stop();
    go(at + by);
  };
  const bar = make('div', { class: 'stepper', role: 'group', 'aria-label': say('steps') },
    iconButton(say('step-back'), BACK, () => hand(-1)), label, iconButton(say('next-step'), ON, () => hand(1)), play);
  bar.addEventListener('keydown', (event) => {
    const by = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1 })[event.key];
    if (by) hand(by);
    else if (event.key === 'Escape') hand(-count);
  });
  drawing.tools.before(bar);
  drawing.figure.addEventListener('loko:redrawn', () => go(at));
};
