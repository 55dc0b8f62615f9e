// The navigation at the side: a drawer on narrow screens, scrolled to where one is; the way to the findings tells how many.
import { make } from './dom.js';

/** @param {HTMLElement} sidebar */
const countFindings = (sidebar) => {
  const [errors, warnings, told] = globalThis.lokoFindings ?? [0, 0, ''];
  const way = sidebar.querySelector('a[href$="findings.html"], a[href="#findings"]');
  if (!way || errors + warnings === 0) return;
  way.append(make('span', { class: errors > 0 ? 'count is-error' : 'count', title: told }, String(errors + warnings)));
};

export const setUpSidebar = () => {
  const sidebar = document.getElementById('sidebar');
  if (sidebar) countFindings(sidebar);
  const menu = /** @type {HTMLElement | null} */ (document.querySelector('[data-menu]'));
  if (!menu || !sidebar) return;
  menu.hidden = false;
  /** @param {boolean} open */
  const set = (open) => {
    sidebar.classList.toggle('is-open', open);
    menu.setAttribute('aria-expanded', String(open));
  };
  menu.addEventListener('click', (event) => {
    event.stopPropagation();
    set(!sidebar.classList.contains('is-open'));
  });
  document.addEventListener('click', (event) => {
    if (!sidebar.contains(/** @type {Node} */ (event.target))) set(false);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') set(false);
  });
  addEventListener('hashchange', () => set(false));
  const here = sidebar.querySelector('[aria-current="page"]');
  if (here) {
    const offset = here.getBoundingClientRect().top - sidebar.getBoundingClientRect().top;
    if (offset > sidebar.clientHeight - 80) sidebar.scrollTop = offset - sidebar.clientHeight / 2;
  }
};
