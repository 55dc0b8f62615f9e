// D2 in, picture out. The text lives in the address, so that a link shows it again.
import { ask, pane, showDrawing } from './pane.js';
import { say } from './words.js';

const FIRST = 'direction: right\ncustomer: Customer { shape: person }\nshop: Shop {\n  web: Web app\n  orders: Order API\n  db: Orders { shape: cylinder }\n  web -> orders: places orders\n  orders -> db: stores\n}\ncustomer -> shop.web: buys\n';

const state = document.querySelector('.bench-state');
const result = document.querySelector('.result .canvas');
let svg = '';

const draw = async (text) => {
  history.replaceState(null, '', `#${encodeURIComponent(text)}`);
  const started = performance.now();
  try {
    const drawn = await ask('POST', '/api/v1/d2/render', { d2: text });
    editor.show(drawn.problems);
    // While the text is broken, the last picture stays.
    if (drawn.svg) {
      svg = drawn.svg;
      showDrawing(result, svg);
    }
    state.textContent = drawn.svg ? say('drawn-in', { ms: Math.round(performance.now() - started) }) : say('cannot-be-drawn');
  } catch (error) {
    state.textContent = error.message;
  }
};

const editor = pane(document.querySelector('.pane'), { path: () => 'playground.d2', changed: draw });
editor.set(location.hash.length > 1 ? decodeURIComponent(location.hash.slice(1)) : FIRST);
void draw(editor.area.value);

document.querySelector('[data-copy]').addEventListener('click', async () => {
  await navigator.clipboard.writeText(location.href).then(() => { state.textContent = say('link-copied'); }, () => { state.textContent = say('address-holds-link'); });
});
document.querySelector('[data-save]').addEventListener('click', () => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  link.download = 'diagram.svg';
  link.click();
  URL.revokeObjectURL(link.href);
});
