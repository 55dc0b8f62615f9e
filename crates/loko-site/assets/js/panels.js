// What a drawing can be asked, each behind a button of its own. What is behind it is loaded when it is first wanted.
import { iconButton, loadScript, make, say } from './dom.js';
import { edgesOf, nodesOf } from './parts.js';
/** @import { Drawing } from './drawing.js' */

const FUNNEL = 'M4 5h12l-4.6 5.6V15l-2.8 1.4v-5.8z';
const WAY = 'M5 15a2 2 0 1 0 0-.01M15 5a2 2 0 1 0 0-.01M6.8 14c5.2-.4 1.2-7.6 6.4-8.6';
const SHEETS = 'M7 7V4.5h8.5V13H13M4.5 7H13v8.5H4.5z';

/** Said by a panel that opens; the one that was open closes: both ask the same boxes to step back. */
const OPENING = 'loko:panel';

/** @returns {Promise<typeof globalThis.lokoTools>} */
const toolbox = async () => {
  if (!globalThis.lokoTools) await loadScript('tools');
  return globalThis.lokoTools;
};

/** A panel that a button opens above the tools.
 * @param {Drawing} drawing @param {'filter' | 'way' | 'copy'} tool @param {string} label @param {string} icon @param {string} [style] */
const panelOf = (drawing, tool, label, icon, style = '') => {
  /** @type {HTMLElement | null} */
  let panel = null;
  let reset = () => {};
  const close = () => {
    button.setAttribute('aria-expanded', 'false');
    panel?.remove();
    panel = null;
    reset();
    reset = () => {};
  };
  const leave = () => {
    close();
    button.focus();
  };
  const open = async () => {
    drawing.tools.dispatchEvent(new CustomEvent(OPENING));
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
    /** @type {HTMLElement | null} */ (panel.querySelector('select, input, button'))?.focus();
  };
  const button = iconButton(label, icon, () => (panel ? close() : void open()));
  button.setAttribute('aria-expanded', 'false');
  drawing.tools.append(button);
  drawing.tools.addEventListener(OPENING, () => {
    if (panel) close();
  });
};

/** @param {Drawing} drawing */
export const setUpPanels = (drawing) => {
  const isStory = edgesOf(drawing).some((edge) => edge.dataset.id?.startsWith('step-'));
  if (isStory) void toolbox().then((tools) => tools.steps(drawing));
  else if (nodesOf(drawing).length > 1) {
    panelOf(drawing, 'filter', say('filter'), FUNNEL);
    if (edgesOf(drawing).length > 0) panelOf(drawing, 'way', say('find-a-way'), WAY);
  }
  panelOf(drawing, 'copy', say('copy'), SHEETS, ' copy-menu');
};
