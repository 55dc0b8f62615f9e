// What a drawing can be asked, each behind a button of its own. What is behind it is loaded when it is first wanted.
import { all, iconButton, loadScript, make, say } from './dom.js';
import { edgesOf, nodesOf } from './parts.js';
/** @import { Drawing } from './drawing.js' */

const FUNNEL = 'M4 5h12l-4.6 5.6V15l-2.8 1.4v-5.8z';
const WAY = 'M5 15a2 2 0 1 0 0-.01M15 5a2 2 0 1 0 0-.01M6.8 14c5.2-.4 1.2-7.6 6.4-8.6';
const SHEETS = 'M7 7V4.5h8.5V13H13M4.5 7H13v8.5H4.5z';

/** Said by a panel that opens, and by that for copies as it closes. One that was open closes, for both would ask the same
 * boxes to step back; only copies leave what was asked as it is. */
const OPENING = 'loko:panel';
const COPY = 'copy';

/** @returns {Promise<typeof globalThis.lokoTools>} */
const toolbox = async () => {
  if (!globalThis.lokoTools) await loadScript('tools');
  return globalThis.lokoTools;
};

/** A panel that a button opens above the tools; gives back what opens it with what a link asks.
 * @param {Drawing} drawing @param {'filter' | 'way' | 'copy'} tool @param {string} label @param {string} icon @param {string} [style] */
const panelOf = (drawing, tool, label, icon, style = '') => {
  /** @type {HTMLElement | null} */
  let panel = null;
  let reset = () => {};
  /** @param {string} what */
  const tellOthers = (what) => drawing.tools.dispatchEvent(new CustomEvent(OPENING, { detail: what }));
  const close = () => {
    button.setAttribute('aria-expanded', 'false');
    panel?.remove();
    panel = null;
    if (tool !== COPY) delete drawing.figure.dataset.asked;
    reset();
    reset = () => {};
    if (tool === COPY) tellOthers('');
  };
  const leave = () => {
    close();
    button.focus();
  };
  /** @param {URLSearchParams} [asked] */
  const open = async (asked) => {
    tellOthers(tool);
    button.setAttribute('aria-expanded', 'true');
    const opened = make('div', { class: `drawing-panel${style}`, role: 'group', 'aria-label': label });
    panel = opened;
    panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') leave();
    });
    drawing.tools.append(panel);
    const undo = await (await toolbox())[tool](drawing, panel, leave);
    if (panel !== opened) return;
    reset = undo;
    if (!asked) return /** @type {HTMLElement | null} */ (panel.querySelector('select, input, button'))?.focus();
    for (const select of /** @type {HTMLSelectElement[]} */ (all('select', panel))) {
      select.value = asked.get(select.name) ?? '';
      select.dispatchEvent(new Event('change'));
    }
  };
  const button = iconButton(label, icon, () => {
    if (panel?.hidden) tellOthers(tool);
    else if (panel) close();
    else void open();
  });
  button.setAttribute('aria-expanded', 'false');
  drawing.tools.append(button);
  drawing.tools.addEventListener(OPENING, (event) => {
    const opening = /** @type {CustomEvent<string>} */ (event).detail;
    if (!panel || opening === tool) return;
    if (opening && opening !== COPY) return close();
    panel.hidden = opening === COPY;
    button.setAttribute('aria-expanded', String(!panel.hidden));
  });
  /** @param {URLSearchParams} asked */
  return (asked) => {
    close();
    return open(asked);
  };
};

/** @param {Drawing} drawing */
export const setUpPanels = (drawing) => {
  const isStory = edgesOf(drawing).some((edge) => edge.dataset.id?.startsWith('step-'));
  if (isStory) void toolbox().then((tools) => tools.steps(drawing));
  else if (nodesOf(drawing).length > 1) {
    // A picture of prose shows nothing of the model that it could be filtered by.
    const isOfModel = drawing.canvas.querySelector('.node:is([class*="kind-"], [href])');
    const filter = isOfModel && panelOf(drawing, 'filter', say('filter'), FUNNEL);
    const way = edgesOf(drawing).length > 0 && panelOf(drawing, 'way', say('find-a-way'), WAY);
    drawing.ask = async (text) => {
      const asked = new URLSearchParams(text);
      const ask = asked.has('from') ? way : filter;
      if (ask) await ask(asked);
    };
  }
  panelOf(drawing, COPY, say('copy'), SHEETS, ' copy-menu');
};
