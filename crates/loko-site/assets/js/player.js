// Playing a run: boxes coloured by how busy they are at a time, calls by how many fail, a slider for the time.
import { all, iconButton, make, say } from './dom.js';

/** One variant: times, faults, elements (key, busy, waiting, limited) and calls (key, name, rate, failing).
 * @typedef {{ t: string[], f: string[], s: { k: number, l: boolean, b: number[], w: number[] }[], e: { k: number, n: string, r: number[], x: number[] }[] }} Run */

const START = 'M6.5 4.5v11l9-5.5z';
const FRAME_MS = 120;
// From idle to full; the built picture has the same steps.
/** @type {[number, number[]][]} */
const HEAT = [[0, [237, 244, 238]], [0.5, [158, 208, 168]], [0.8, [246, 211, 101]], [0.95, [232, 120, 70]], [1, [196, 48, 43]]];

/** @param {number} busy */
const heat = (busy) => {
  const at = Math.max(1, HEAT.findIndex(([step]) => busy <= step));
  const [[low, from], [high, to]] = [HEAT[at - 1], HEAT[at]];
  const part = (busy - low) / (high - low);
  return `rgb(${from.map((value, index) => Math.round(value + (to[index] - value) * part)).join(',')})`;
};

/** @param {HTMLElement} figure */
const setUpPlayer = (figure) => {
  const data = /** @type {HTMLElement | null} */ (figure.querySelector('script[type="application/json"]'));
  if (!data || figure.dataset.plays !== undefined) return;
  figure.dataset.plays = '';
  /** @type {Run[]} */
  const runs = JSON.parse(data.textContent ?? '[]');
  const names = (data.dataset.variants ?? '').split('\n');
  const variant = /** @type {HTMLSelectElement} */ (make('select', { 'aria-label': say('variant') }));
  names.forEach((name, at) => variant.append(make('option', { value: String(at) }, name)));
  const slider = /** @type {HTMLInputElement} */ (make('input', { type: 'range', min: '0', step: '1', value: '0', 'aria-label': say('time') }));
  const clock = make('output', { class: 'player-clock' });

  const draw = () => {
    const run = runs[Number(variant.value)];
    slider.max = String(Math.max(run.t.length - 1, 0));
    const at = Number(slider.value);
    const now = [run.t[at], run.f[at]].filter(Boolean).join(' · ');
    clock.textContent = now;
    slider.setAttribute('aria-valuetext', now);
    for (const station of run.s) {
      const box = figure.querySelector(`[data-s="${station.k}"]`);
      const text = box?.querySelector('.n');
      if (!box || !text) continue;
      box.querySelector('rect')?.setAttribute('fill', heat(Math.min(1, station.b[at] ?? 0)));
      text.textContent = station.l ? say('busy', { busy: Math.round((station.b[at] ?? 0) * 100), waiting: (station.w[at] ?? 0).toFixed(1) }) : '';
    }
    for (const call of run.e) {
      const line = figure.querySelector(`[data-e="${call.k}"]`);
      const title = line?.querySelector('title');
      if (!line || !title) continue;
      const [rate, failing] = [call.r[at] ?? 0, call.x[at] ?? 0];
      line.setAttribute('stroke', failing > 0.001 ? `rgb(${Math.round(120 + 90 * Math.min(1, failing * 4))},40,40)` : '#8a8f98');
      line.setAttribute('stroke-width', String(1 + Math.min(5, Math.log10(1 + rate))));
      title.textContent = say('call', { name: call.n, rate: rate.toFixed(1), failing: (failing * 100).toFixed(1) });
    }
  };
  let timer = 0;
  const rest = () => {
    clearInterval(timer);
    timer = 0;
    start.setAttribute('aria-pressed', 'false');
  };
  const start = iconButton(say('play'), START, () => {
    if (timer) return rest();
    start.setAttribute('aria-pressed', 'true');
    timer = setInterval(() => {
      slider.value = String((Number(slider.value) + 1) % (Number(slider.max) + 1));
      draw();
    }, FRAME_MS);
  });
  start.setAttribute('aria-pressed', 'false');
  variant.addEventListener('change', draw);
  slider.addEventListener('input', draw);
  const bar = make('div', { class: 'player-bar', role: 'group', 'aria-label': say('time') });
  if (names.length > 1) bar.append(variant);
  bar.append(start, slider, clock);
  figure.prepend(bar);
  draw();
};

const setUpPlayers = () => all('[data-player]').forEach(setUpPlayer);

setUpPlayers();
// A live server changed the page.
document.addEventListener('loko:patched', setUpPlayers);
