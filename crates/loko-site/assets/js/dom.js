// Small helpers that every other module uses.

/** The elements that a selector finds, as a list.
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {HTMLElement[]} */
export const all = (selector, within = document) => [.../** @type {NodeListOf<HTMLElement>} */ (within.querySelectorAll(selector))];

/** An element with attributes and children. What scripts make is marked: it is not part of the page as it was built.
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElement} */
export const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.setAttribute('data-made', '');
  node.append(...children);
  return node;
};

/** An SVG element.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...Node} children
 * @returns {SVGElement} */
export const draw = (tag, attributes = {}, ...children) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
};

/** A button with a picture in it.
 * @param {string} label
 * @param {string} path
 * @param {(event: Event) => void} action
 * @returns {HTMLElement} */
export const iconButton = (label, path, action) => {
  const icon = draw('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' }, draw('path', { d: path }));
  const button = make('button', { class: 'icon-button', type: 'button', 'aria-label': label, title: label }, icon);
  button.addEventListener('click', action);
  return button;
};

/** Lower case without accents.
 * @param {string} text */
export const fold = (text) => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');

/** One of the pages' own messages in their language, its places filled in.
 * @param {string} key @param {Record<string, string | number>} [values] */
export const say = (key, values = {}) =>
  (globalThis.lokoWords[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));

/** The way to the root of the site. */
export const base = document.documentElement.dataset.root ?? '';

/** Whether all pages stand in this file, and with them all that scripts would load. */
export const isWhole = document.querySelector('.chapter') !== null;

/** What takes over the start of the pages, where they are not shown as they stand; each is given what one page needs.
 * @type {((prepare: (page: ParentNode) => void) => void)[]} */
export const starters = [];

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/** Loads one of the site's scripts, once.
 * @param {string} name
 * @returns {Promise<void>} */
export const loadScript = (name) => {
  if (isWhole) return Promise.resolve();
  const known = loaded.get(name);
  if (known) return known;
  const loading = /** @type {Promise<void>} */ (new Promise((resolve, reject) => {
    const script = make('script', { src: `${base}js/${name}.js` });
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => reject(new Error(`cannot load ${name}.js`)));
    document.head.append(script);
  }));
  loaded.set(name, loading);
  return loading;
};

/** The page that is shown: a part of the document where that holds several.
 * @returns {ParentNode} */
export const shownPage = () => document.querySelector('.chapter:not([hidden])') ?? document;

/** Forgets what was loaded, since it may have changed. */
export const forgetScripts = () => loaded.clear();

/** The model of the workspace, loaded when it is first asked for.
 * @returns {Promise<LokoModel>} */
export const model = async () => {
  await loadScript('model');
  return globalThis.lokoModel;
};
