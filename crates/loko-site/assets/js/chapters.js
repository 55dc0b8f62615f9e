// A file that holds all pages of the site: one of them is shown, the one that the address names. The browser's own search
// still finds words of all, and paper gets all.
import { all, starters } from './dom.js';

// A longer navigation shows only the branch of the page that is shown.
const FOLD_MIN = 80;

const chapters = all('.chapter');

/** What the address names: a page, a place on one, or a drawing by its number. Of a place that is no longer there, the page.
 * @returns {HTMLElement | null} */
const named = () => {
  const found = /^#drawing-(\d+)/.exec(location.hash);
  if (found) return all('[data-drawing]')[Number(found[1]) - 1] ?? null;
  try {
    const name = decodeURIComponent(location.hash.slice(1));
    return document.getElementById(name) ?? document.getElementById(name.replace(/:.*$/, ''));
  } catch {
    // Not every address is well written.
    return null;
  }
};

/** Where links lead to a page of the file.
 * @param {HTMLElement} chapter */
const address = (chapter) => `#${chapter.id.split('/').map(encodeURIComponent).join('/')}`;

/** Marks a page in the navigation, and the way to it.
 * @param {HTMLElement} sidebar @param {HTMLElement} chapter */
const markWay = (sidebar, chapter) => {
  for (const link of all('.nav-link', sidebar)) {
    const isHere = decodeURIComponent(link.getAttribute('href') ?? '') === `#${chapter.id}`;
    if (isHere) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
    link.classList.remove('is-open');
  }
  const here = sidebar.querySelector('[aria-current]');
  for (let item = here?.closest('ul')?.closest('li'); item; item = item.closest('ul')?.closest('li')) {
    item.querySelector('.nav-link')?.classList.add('is-open');
  }
  if (!here) return;
  const offset = here.getBoundingClientRect().top - sidebar.getBoundingClientRect().top;
  if (offset < 0 || offset > sidebar.clientHeight - 40) sidebar.scrollTop += offset - sidebar.clientHeight / 2;
};

/** Shows one page at a time; `prepare` gives a page its tools when it is first shown.
 * @param {(chapter: HTMLElement) => void} prepare */
export const setUpChapters = (prepare) => {
  const sidebar = document.getElementById('sidebar');
  const project = document.title;
  if (sidebar) sidebar.classList.toggle('is-folding', all('.nav-link', sidebar).length > FOLD_MIN);
  /** @type {HTMLElement | null} */
  let shown = null;
  // How far down one was, by address, for the way back.
  /** @type {Map<string, number>} */
  const places = new Map();
  let isFollowing = false;

  /** @param {HTMLElement} chapter */
  const show = (chapter) => {
    if (chapter === shown) return;
    shown = chapter;
    for (const other of chapters) {
      other.classList.toggle('is-shown', other === chapter);
      if (other === chapter) other.removeAttribute('hidden');
      // Words in it can be found, and then it is shown.
      else other.setAttribute('hidden', 'until-found');
    }
    const title = chapter.dataset.title ?? '';
    document.title = title && title !== project ? `${title} · ${project}` : project;
    if (sidebar) markWay(sidebar, chapter);
    prepare(chapter);
  };

  const follow = () => {
    const target = named();
    const chapter = /** @type {HTMLElement | null | undefined} */ (target?.closest('.chapter')) ?? shown ?? chapters[0];
    show(chapter);
    const before = places.get(location.hash);
    if (!isFollowing && before !== undefined) scrollTo(0, before);
    else if (target && target !== chapter) target.scrollIntoView();
    else if (target || !location.hash) scrollTo(0, 0);
    isFollowing = false;
  };

  let last = location.hash;
  addEventListener('scroll', () => places.set(last, scrollY), { passive: true });
  document.addEventListener('click', (event) => {
    isFollowing = event.target instanceof Element && event.target.closest('a') !== null;
  });
  addEventListener('hashchange', () => {
    last = location.hash;
    follow();
  });
  for (const chapter of chapters) {
    chapter.addEventListener('beforematch', () => {
      show(chapter);
      if (named()?.closest('.chapter') !== chapter) history.replaceState(null, '', address(chapter));
    });
  }
  // The way back is ours, since pages differ in height.
  history.scrollRestoration = 'manual';
  follow();
};

starters.push(setUpChapters);
