// Long tables with a filter, and the list of what is on the page.
import { all, fold, say, shownPage } from './dom.js';

// What a filter shows or hides.
const ROWS = 'tbody tr, .finding';

/** @param {HTMLElement} box */
const setUpTableFilter = (box) => {
  const input = /** @type {HTMLInputElement} */ (box.querySelector('input'));
  const count = /** @type {HTMLElement} */ (box.querySelector('[data-filter-count]'));
  const groups = all('[data-filter-group]', box.closest('.chapter') ?? document);
  // Groups may stand in groups.
  const rows = [...new Set(groups.flatMap((group) => all(ROWS, group)))];
  if (rows.length < 8) return;
  const texts = rows.map((row) => fold(`${row.textContent} ${row.closest('[data-filter-group]')?.querySelector('h2, h3')?.textContent ?? ''}`));
  box.hidden = false;
  input.addEventListener('input', () => {
    const typed = fold(input.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !typed.every((word) => texts[at].includes(word));
      if (!row.hidden) shown += 1;
    });
    for (const group of groups) group.hidden = !all(ROWS, group).some((row) => !row.hidden);
    count.textContent = typed.length === 0 ? '' : say('rows-shown', { shown, all: rows.length });
  });
};

const setUpContents = () => {
  const mark = () => {
    const limit = innerHeight * 0.3;
    /** @type {HTMLElement | null} */
    let here = null;
    const links = all('.toc a', shownPage());
    for (const link of links) {
      const target = document.getElementById(decodeURIComponent(/** @type {HTMLAnchorElement} */ (link).hash.slice(1)));
      if (target && target.getBoundingClientRect().top < limit) here = link;
    }
    for (const link of links) link.classList.toggle('is-here', link === here);
  };
  let waiting = false;
  addEventListener('scroll', () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  }, { passive: true });
  mark();
};

export const setUpTables = () => {
  all('[data-filter]').forEach(setUpTableFilter);
  setUpContents();
};
