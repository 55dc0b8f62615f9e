// Runs before anything is painted: the scheme that was chosen last, else the system's.
(() => {
  'use strict';
  const root = document.documentElement;
  root.dataset.js = '';
  /** @type {string | null} */
  let chosen = null;
  try {
    chosen = localStorage.getItem('loko-theme');
  } catch {
    // Storage may be forbidden; the system's scheme is fine then.
  }
  const system = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    root.dataset.theme = chosen === 'dark' || chosen === 'light' ? chosen : system.matches ? 'dark' : 'light';
  };
  show();
  system.addEventListener('change', show);
  // Paper is white, whatever the screen shows.
  addEventListener('beforeprint', () => { root.dataset.theme = 'light'; });
  addEventListener('afterprint', show);
  addEventListener('DOMContentLoaded', () => {
    const button = /** @type {HTMLElement | null} */ (document.querySelector('[data-theme-toggle]'));
    if (!button) return;
    button.hidden = false;
    button.addEventListener('click', () => {
      chosen = root.dataset.theme === 'dark' ? 'light' : 'dark';
      try {
        localStorage.setItem('loko-theme', chosen);
      } catch {
        // As above.
      }
      show();
    });
  });
})();
