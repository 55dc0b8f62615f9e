// Taking a drawing along: as SVG, as PNG, as D2, or a link to just what is shown.
import { iconButton, make, say } from './dom.js';
import { drawings, edgesOf, nodesOf, tell } from './drawing.js';
/** @import { Box, Drawing } from './drawing.js' */

const SHEETS = 'M7 7V4.5h8.5V13H13M4.5 7H13v8.5H4.5z';
// Pixels a unit of the picture; and at most so many pixels on a side, which browsers can hold.
const PNG_SCALE = 2;
const PNG_SIDE_MAX = 8000;

/** The picture as a file of its own: the one that was built, else what the page holds.
 * @param {Drawing} drawing */
const svgText = async (drawing) => {
  const file = /** @type {HTMLAnchorElement | null} */ (drawing.figure.querySelector('.drawing-file'));
  if (file && location.protocol !== 'file:') {
    const answer = await fetch(file.href).catch(() => null);
    if (answer?.ok) return answer.text();
  }
  const copy = /** @type {SVGSVGElement} */ (drawing.svg().cloneNode(true));
  const { x, y, w, h } = drawing.whole();
  copy.setAttribute('viewBox', `${x} ${y} ${w} ${h}`);
  copy.removeAttribute('style');
  copy.querySelectorAll('.is-faded').forEach((node) => node.classList.remove('is-faded'));
  return new XMLSerializer().serializeToString(copy);
};

/** @param {Drawing} drawing @returns {Promise<Blob>} */
const png = async (drawing) => {
  const text = await svgText(drawing);
  const { w, h } = drawing.whole();
  const scale = Math.min(PNG_SCALE, PNG_SIDE_MAX / Math.max(w, h));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [Math.round(w * scale), Math.round(h * scale)];
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('no canvas');
  pen.fillStyle = getComputedStyle(drawing.canvas).backgroundColor || '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'));
};

/** @param {string} text */
const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** What a box or line is called, without what it is made of.
 * @param {Element} node */
const nameOf = (node) => (node.getAttribute('aria-label') ?? '').split(' [')[0];

/** The drawing as D2 that draws the same boxes and lines.
 * @param {Drawing} drawing @returns {string} */
export const d2Of = (drawing) => {
  const ids = nodesOf(drawing).map((node) => node.dataset.id ?? '');
  /** @param {string} id @returns {string} */
  const key = (id) => {
    const around = ids.filter((it) => it !== id && id.startsWith(`${it}/`)).sort((a, b) => b.length - a.length)[0];
    return around === undefined ? quoted(id) : `${key(around)}.${quoted(id.slice(around.length + 1))}`;
  };
  const lines = nodesOf(drawing).map((node) => `${key(node.dataset.id ?? '')}: ${quoted(nameOf(node))}`);
  for (const edge of edgesOf(drawing)) {
    const label = nameOf(edge).split(': ').slice(1).join(': ');
    const dash = edge.classList.contains('sync') ? '' : ' { style.stroke-dash: 5 }';
    lines.push(`${key(edge.dataset.src ?? '')} -> ${key(edge.dataset.dst ?? '')}${label ? `: ${quoted(label)}` : dash && ': ""'}${dash}`);
  }
  return `${lines.join('\n')}\n`;
};

/** A link to what is shown.
 * @param {Drawing} drawing */
export const linkTo = (drawing) => {
  const view = drawing.view();
  const place = view ? `:${[view.x, view.y, view.w, view.h].map(Math.round).join(',')}` : '';
  return `${location.href.split('#')[0]}#drawing-${drawing.number + 1}${place}`;
};

/** Shows what a link says.
 */
export const followLink = () => {
  const found = /^#drawing-(\d+)(?::(-?\d+),(-?\d+),(\d+),(\d+))?$/.exec(location.hash);
  const drawing = found && drawings.find((it) => it.number === Number(found[1]) - 1);
  if (!drawing) return;
  drawing.figure.scrollIntoView({ block: 'center' });
  if (found[2] === undefined) return;
  const [x, y, w, h] = found.slice(2).map(Number);
  if (w > 0 && h > 0) drawing.show({ x, y, w, h });
};

/** Puts something where pasting finds it; where a browser does not let us, it becomes a file, whose name is told.
 * @param {string | Blob} what @param {string} name @returns {Promise<string>} */
const give = async (what, name) => {
  try {
    if (typeof what === 'string') await navigator.clipboard.writeText(what);
    else await navigator.clipboard.write([new ClipboardItem({ [what.type]: what })]);
    return '';
  } catch {
    const url = URL.createObjectURL(typeof what === 'string' ? new Blob([what]) : what);
    const link = make('a', { href: url, download: name });
    link.click();
    URL.revokeObjectURL(url);
    return name;
  }
};

/** @param {Drawing} drawing */
export const setUpCopy = (drawing) => {
  /** @type {[string, string, () => string | Blob | Promise<string | Blob>][]} */
  const forms = [
    ['SVG', 'diagram.svg', () => svgText(drawing)],
    ['PNG', 'diagram.png', () => png(drawing)],
    ['D2', 'diagram.d2', () => d2Of(drawing)],
    [say('link'), 'link.txt', () => linkTo(drawing)],
  ];
  const menu = make('div', { class: 'drawing-panel copy-menu', role: 'group', 'aria-label': say('copy-as') });
  /** @param {boolean} open */
  const set = (open) => {
    button.setAttribute('aria-expanded', String(open));
    if (open) drawing.tools.append(menu);
    else menu.remove();
  };
  for (const [label, name, of] of forms) {
    const item = make('button', { type: 'button', class: 'text-button' }, label);
    item.addEventListener('click', async () => {
      try {
        const file = await give(await of(), name);
        tell(drawing, file ? say('saved', { form: label, file }) : say('copied', { form: label }));
      } catch {
        tell(drawing, say('cannot-copy', { form: label }));
      }
      set(false);
      button.focus();
    });
    menu.append(item);
  }
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    set(false);
    button.focus();
  });
  const button = iconButton(say('copy'), SHEETS, () => {
    set(!menu.isConnected);
    if (menu.isConnected) /** @type {HTMLElement | null} */ (menu.querySelector('button'))?.focus();
  });
  button.setAttribute('aria-expanded', 'false');
  drawing.tools.append(button);
};
