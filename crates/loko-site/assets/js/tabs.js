// Several drawings in one place, and versions of one overlaid or side by side.
import { all, make, say } from './dom.js';
import { drawings } from './drawing.js';

let count = 0;

/** @param {HTMLElement} box @param {HTMLElement[]} panels @param {string[]} titles */
const tabs = (box, panels, titles) => {
  if (box.dataset.ready !== undefined) return;
  box.dataset.ready = '';
  count += 1;
  const list = make('div', { class: 'tabs-list', role: 'tablist', 'aria-label': say('views') });
  const buttons = /** @type {HTMLElement[]} */ ([]);
  /** @param {number} at @param {boolean} [focus] */
  const show = (at, focus) => {
    panels.forEach((panel, index) => {
      panel.hidden = index !== at;
      buttons[index].setAttribute('aria-selected', String(index === at));
      buttons[index].tabIndex = index === at ? 0 : -1;
    });
    if (focus) buttons[at].focus();
  };
  panels.forEach((panel, at) => {
    panel.id ||= `view-${count}-${at}`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-label', titles[at]);
    const tab = make('button', { type: 'button', role: 'tab', 'aria-controls': panel.id }, titles[at]);
    tab.addEventListener('click', () => show(at));
    tab.addEventListener('keydown', (event) => {
      const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[event.key];
      if (step) show((at + step + panels.length) % panels.length, true);
    });
    buttons.push(tab);
    list.append(tab);
  });
  box.prepend(list);
  show(0);
};

/** Two drawings that move together.
 * @param {HTMLElement[]} figures */
const together = (figures) => {
  let isFollowing = false;
  for (const figure of figures) {
    figure.addEventListener('loko:view', () => {
      const leader = drawings.find((it) => it.figure === figure);
      const view = leader?.view();
      if (isFollowing || !leader) return;
      isFollowing = true;
      for (const other of drawings.filter((it) => it !== leader && figures.includes(it.figure))) {
        if (view) other.show(view);
        else other.fit();
      }
      isFollowing = false;
    });
  }
};

/** @param {ParentNode} [within] */
export const setUpTabs = (within = document) => {
  for (const box of all('[data-tabs]', within)) {
    const panels = all(':scope > .tab', box);
    tabs(box, panels, panels.map((panel) => /** @type {HTMLElement | null} */ (panel.querySelector('.drawing'))?.dataset.title ?? ''));
  }
  for (const box of all('[data-compare]', within)) {
    const [overlay, beside] = /** @type {HTMLElement[]} */ ([...box.children]);
    together(all('.drawing', beside));
    tabs(box, [overlay, beside], [say('overlaid'), say('side-by-side')]);
  }
};
