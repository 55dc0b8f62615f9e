// Taking a drawing along: as SVG, as PNG, as D2, or a link to just what is shown.
import { draw, isWhole, loadScript, make, say } from './dom.js';
import { edgesOf, nodesOf, tell } from './parts.js';
/** @import { Drawing } from './drawing.js' */

// Pixels a unit of the picture; and at most so many pixels on a side, which browsers can hold.
const PNG_SCALE = 2;
const PNG_SIDE_MAX = 8000;
/** What has a colour that a page may change. */
const PAINTS = ['fill', 'stroke', 'stop-color'];
/** Shapes of ours that D2 does not know, as what comes nearest. */
const NEAREST = /** @type {Record<string, string>} */ ({ bucket: 'stored_data', function: 'hexagon', browser: 'rectangle', mobile: 'rectangle' });

/** The faces of the letters that the page shows, each with its bytes: as a rule of a style sheet.
 * @returns {Promise<string>} */
const faces = async () => {
  const sheets = [...document.styleSheets];
  if (!isWhole) {
    await loadScript('fonts');
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(globalThis.lokoFonts);
    sheets.splice(0, sheets.length, sheet);
  }
  /** @param {string} family @param {string} weight @param {string} style */
  const key = (family, weight, style) => [family.replace(/["']/g, ''), weight === 'bold' ? '700' : weight === '700' ? weight : '400', style || 'normal'].join();
  const used = new Set([...document.fonts].filter((face) => face.status === 'loaded').map((face) => key(face.family, face.weight, face.style)));
  const rules = sheets.flatMap((sheet) => [...sheet.cssRules]).filter((rule) => rule instanceof CSSFontFaceRule);
  const names = ['font-family', 'font-weight', 'font-style'];
  return rules.filter(({ style }) => used.has(key(.../** @type {[string, string, string]} */ (names.map((name) => style.getPropertyValue(name)))))).map((rule) => rule.cssText).join('');
};

/** The picture as a file of its own that looks as it does on the page: in these colours, with these letters.
 * @param {Drawing} drawing */
const svgText = async (drawing) => {
  const svg = drawing.svg();
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const copied = [copy, ...copy.querySelectorAll('*')];
  // Dark colours are the page's wish, which a file cannot hear.
  [svg, ...svg.querySelectorAll('*')].forEach((node, at) => {
    for (const name of PAINTS) {
      const paint = copied[at].getAttribute(name);
      if (paint && paint !== 'none' && !paint.startsWith('url(')) copied[at].setAttribute(name, getComputedStyle(node).getPropertyValue(name));
    }
  });
  const rules = [...(svg.querySelector('style')?.sheet?.cssRules ?? [])].map((rule) => rule.cssText).filter((rule) => !rule.includes('data-theme'));
  copy.querySelector('style')?.remove();
  const style = draw('style');
  style.textContent = await faces() + rules.join('');
  const { x, y, w, h } = drawing.whole();
  copy.prepend(style, draw('rect', { x, y, width: w, height: h, fill: getComputedStyle(drawing.canvas).backgroundColor }));
  copy.setAttribute('viewBox', `${x} ${y} ${w} ${h}`);
  copy.removeAttribute('style');
  copy.querySelectorAll('.reach').forEach((node) => node.remove());
  for (const node of copied) {
    node.classList.remove('is-faded');
    if (node.classList.contains('gap')) node.setAttribute('font-size', '0');
    // Ways within the site lead nowhere from elsewhere.
    if (node.matches('a') && location.protocol === 'file:') node.removeAttribute('href');
    else if (node.hasAttribute('href')) node.setAttribute('href', new URL(node.getAttribute('href') ?? '', location.href).href);
  }
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
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'));
};

/** @param {string} text */
const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('${', '\\${')}"`;

/** What is written in a box or on a line, as it is broken into lines: its name, what it is, what it is for.
 * @param {Element} node */
const written = (node) => {
  const lines = [...node.querySelectorAll(':scope > text:first-of-type > tspan[x]')].map((line) => line.textContent?.trim() ?? '');
  return lines.filter(Boolean).join('\n');
};

/** @param {Element | null} node @param {[string, string][]} wanted names in D2, and the attributes that say it */
const styles = (node, wanted) => {
  const said = wanted.map(([name, attribute]) => [name, node?.getAttribute(attribute) ?? '']).filter(([, value]) => /^#[\da-f]+$/i.test(value));
  return said.map(([name, value]) => `style.${name}: "${value}"`);
};

/** Dashes of a line, as D2 counts them.
 * @param {Element | null} node */
const dashes = (node) => (node?.hasAttribute('stroke-dasharray') ? ['style.stroke-dash: 5'] : []);

/** The drawing as D2 that draws the same boxes and lines: their shapes, their colours by day, and all that is written there.
 * @param {Drawing} drawing @returns {string} */
export const d2Of = (drawing) => {
  const nodes = nodesOf(drawing);
  const ids = nodes.map((node) => node.dataset.id ?? '');
  /** @param {string} id @returns {string} */
  const key = (id) => {
    const around = ids.filter((it) => it !== id && id.startsWith(`${it}/`)).sort((a, b) => b.length - a.length)[0];
    return around === undefined ? quoted(id) : `${key(around)}.${quoted(id.slice(around.length + 1))}`;
  };
  const lines = nodes.map((node) => {
    const shape = /(?:^| )shape-(\S+)/.exec(node.getAttribute('class') ?? '')?.[1] ?? 'rectangle';
    const [outline, text] = ['.shape', 'text'].map((part) => node.querySelector(`:scope > ${part}`));
    const looks = [`shape: ${NEAREST[shape] ?? shape}`, ...styles(outline, [['fill', 'fill'], ['stroke', 'stroke']]), ...styles(text, [['font-color', 'fill']]), ...dashes(outline)];
    return `${key(node.dataset.id ?? '')}: ${quoted(written(node))} { ${looks.join('; ')} }`;
  });
  for (const edge of edgesOf(drawing)) {
    const line = edge.querySelector('.line');
    const arrow = edge.querySelectorAll('.head').length > 1 ? '<->' : '->';
    const looks = [...styles(line, [['stroke', 'stroke']]), ...dashes(line)];
    lines.push(`${key(edge.dataset.src ?? '')} ${arrow} ${key(edge.dataset.dst ?? '')}: ${quoted(written(edge))} { ${looks.join('; ')} }`);
  }
  return `${lines.join('\n')}\n`;
};

/** A link to what is shown and to what was asked.
 * @param {Drawing} drawing */
export const linkTo = (drawing) => {
  const view = drawing.view();
  const place = view ? `:${[view.x, view.y, view.w, view.h].map(Math.round).join(',')}` : '';
  const { asked } = drawing.figure.dataset;
  return `${location.href.split('#')[0]}#drawing-${drawing.number + 1}${place}${asked ? `?${asked}` : ''}`;
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

/** Fills a panel with the forms that a drawing can be had in; `leave` closes it.
 * @param {Drawing} drawing @param {HTMLElement} panel @param {() => void} leave @returns {() => void} */
export const fillCopy = (drawing, panel, leave) => {
  /** @type {[string, string, () => string | Blob | Promise<string | Blob>][]} */
  const forms = [
    ['SVG', 'diagram.svg', () => svgText(drawing)],
    ['PNG', 'diagram.png', () => png(drawing)],
    ['D2', 'diagram.d2', () => d2Of(drawing)],
    [say('link'), 'link.txt', () => linkTo(drawing)],
  ];
  panel.setAttribute('aria-label', say('copy-as'));
  for (const [label, name, of] of forms) {
    const item = make('button', { type: 'button', class: 'text-button' }, label);
    item.addEventListener('click', async () => {
      try {
        const file = await give(await of(), name);
        tell(drawing, file ? say('saved', { form: label, file }) : say('copied', { form: label }));
      } catch {
        tell(drawing, say('cannot-copy', { form: label }));
      }
      leave();
    });
    panel.append(item);
  }
  return () => {};
};
