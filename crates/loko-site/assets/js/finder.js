// The search box: loads the index when it is first needed, shows what was found, works by keyboard alone.
import { all, base, fold, forgetScripts, loadScript, make, say } from './dom.js';

/** @param {string} name @param {string} query @returns {(Node | string)[]} */
const marked = (name, query) => {
  const start = fold(name).length === name.length ? fold(name).indexOf(fold(query.trim())) : -1;
  if (start < 0 || !query.trim()) return [name];
  const end = start + query.trim().length;
  return [name.slice(0, start), make('mark', {}, name.slice(start, end)), name.slice(end)];
};

/** @param {HTMLElement} box */
const setUpFinder = (box) => {
  const input = /** @type {HTMLInputElement} */ (box.querySelector('input'));
  const panel = /** @type {HTMLElement} */ (box.querySelector('.search-panel'));
  /** @type {unknown} */
  let prepared = null;
  let loading = false;
  let chosen = -1;

  const load = async () => {
    if (loading) return;
    loading = true;
    await Promise.all(['search', 'search-index', 'search-words'].map(loadScript));
    prepared = globalThis.lokoSearch.prepare(globalThis.lokoSearchIndex, globalThis.lokoSearchWords);
    show();
  };

  /** @param {number} at */
  const choose = (at) => {
    const options = all('a', panel);
    chosen = options.length === 0 ? -1 : (at + options.length) % options.length;
    options.forEach((option, index) => option.setAttribute('aria-selected', String(index === chosen)));
    if (chosen >= 0) {
      input.setAttribute('aria-activedescendant', options[chosen].id);
      options[chosen].scrollIntoView({ block: 'nearest' });
    } else {
      input.removeAttribute('aria-activedescendant');
    }
  };

  /** @param {boolean} open */
  const set = (open) => {
    panel.hidden = !open;
    input.setAttribute('aria-expanded', String(open));
  };

  const show = () => {
    const query = input.value;
    if (!query.trim() || !prepared) {
      set(false);
      return;
    }
    const hits = globalThis.lokoSearch.find(prepared, query, 12);
    panel.replaceChildren(
      ...hits.map(([name, kind, address, where, description, , style, heading], at) =>
        make('a', { href: base + address, role: 'option', id: `hit-${at}`, tabindex: '-1' },
          make('span', { class: `dot kind-${style}`, 'aria-hidden': 'true' }),
          make('span', { class: 'hit-name' }, ...marked(name, query)),
          make('span', { class: 'hit-kind' }, kind),
          make('span', { class: 'hit-text' }, [where, heading && `§ ${heading}`, description].filter(Boolean).join(' · ')))),
    );
    if (hits.length === 0) panel.append(make('p', { class: 'none' }, say('nothing-found', { query: query.trim() })));
    set(true);
    choose(0);
  };

  box.hidden = false;
  input.addEventListener('focus', () => {
    void load();
    show();
  });
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      choose(chosen + (event.key === 'ArrowDown' ? 1 : -1));
    } else if (event.key === 'Enter') {
      all('a', panel)[Math.max(chosen, 0)]?.click();
    } else if (event.key === 'Escape') {
      if (input.value) input.value = '';
      else input.blur();
      set(false);
    }
  });
  // What was found may be on this very page.
  panel.addEventListener('click', () => set(false));
  document.addEventListener('click', (event) => {
    if (!box.contains(/** @type {Node} */ (event.target))) set(false);
  });
  document.addEventListener('keydown', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const typing = target?.closest('input, textarea, select, [contenteditable]');
    if (typing || event.altKey || (event.key !== '/' && !((event.ctrlKey || event.metaKey) && event.key === 'k'))) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  document.addEventListener('loko:changed', () => {
    forgetScripts();
    prepared = null;
    loading = false;
  });
};

export const setUpFinders = () => all('[data-search]').forEach(setUpFinder);
