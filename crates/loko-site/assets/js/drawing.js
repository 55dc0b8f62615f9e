// A drawing on a page: pan, zoom, fit, full screen, by mouse, finger and keyboard. Other modules hang in by `hooks`.
import { all, iconButton, make, say } from './dom.js';
import { edgesOf, leavesOf, placeOf } from './parts.js';

/** @typedef {{ x: number, y: number, w: number, h: number }} Box */
/** @typedef {object} Drawing
 * @property {HTMLElement} figure
 * @property {HTMLElement} canvas
 * @property {HTMLElement} tools
 * @property {number} number the drawing's place on the page
 * @property {() => SVGSVGElement} svg
 * @property {() => Box} whole
 * @property {() => Box | null} view what is shown; nothing when all of it is, or when it is as it was built
 * @property {() => { top: number, bottom: number }} inSight what of the frame the window shows, in pixels from the frame's top
 * @property {(box: Box) => void} show
 * @property {(nodes: SVGGraphicsElement[]) => void} reveal moves what is shown, if only a part is, until these are in it
 * @property {() => void} fit shows the whole picture in the frame as it stands
 * @property {(asked: string) => Promise<void>} [ask] asks what a link holds
 * @property {(factor: number, clientX?: number, clientY?: number) => void} zoom */

/** Called for every drawing once it can be moved.
 * @type {((drawing: Drawing) => void)[]} */
export const hooks = [];

/** All drawings of the page.
 * @type {Drawing[]} */
export const drawings = [];

// Pixels a unit at most, and the part of the fitting size at least.
const ZOOM_MAX = 6;
const ZOOM_MIN = 0.5;
// The pixels that the smallest texts have at least where they can be read.
const TEXT_MIN = 9;
// A picture that the page makes smaller than this part of a readable one is not shown whole at first.
const HARDLY = 0.9;
// What stands above and below a picture of which a part is shown, and the least height that it has.
const ROOM = 140;
const HEIGHT_MIN = 320;
// What is left free around a picture and around what is moved into sight.
const MARGIN = 24;
// Fingers move what is too large as they move everything; on paper nothing can be moved.
const BY_FINGER = '(pointer: coarse), (max-width: 40rem)';
// Small screens are read from nearer.
const NEARER = 0.75;
// What a box where things begin counts besides its relations: more than all others that may stand beside it.
const ENTRY = 1000;
// How far an arrow key moves, as a part of what is shown.
const STEP = 0.12;

const PLUS = 'M10 4.5v11M4.5 10h11';
const MINUS = 'M4.5 10h11';
const FRAME = 'M4 7.5V4h3.5M12.5 4H16v3.5M16 12.5V16h-3.5M7.5 16H4v-3.5';
const FULL = 'M8 4H4v4M12 16h4v-4M4 4l4.5 4.5M16 16l-4.5-4.5';

/** @param {HTMLElement} figure @returns {Drawing | null} */
export const setUpDrawing = (figure) => {
  const canvas = /** @type {HTMLElement | null} */ (figure.querySelector('.canvas'));
  const svg = () => /** @type {SVGSVGElement} */ (canvas?.querySelector(':scope > svg'));
  if (!canvas || !svg() || !svg().viewBox.baseVal?.width || figure.dataset.ready !== undefined) return null;
  figure.dataset.ready = '';
  /** @type {Box} */
  let whole = { x: 0, y: 0, w: 1, h: 1 };
  /** @type {Box | null} */
  let view = null;
  // The scale at which all texts can be read.
  let readable = 1;

  const changed = () => figure.dispatchEvent(new CustomEvent('loko:view'));

  const apply = () => {
    const box = view ?? whole;
    svg().setAttribute('viewBox', `${box.x} ${box.y} ${box.w} ${box.h}`);
    changed();
  };

  /** Reads the size of the picture; called again when the picture was replaced. */
  const measure = () => {
    const home = svg().viewBox.baseVal;
    whole = { x: home.x, y: home.y, w: home.width, h: home.height };
    const texts = all('text', canvas).map((text) => parseFloat(getComputedStyle(text).fontSize)).filter((size) => size > 0);
    readable = Math.min(1, TEXT_MIN / Math.min(...texts, 14));
    // Tall pictures may leave the window rather than become too small to read.
    svg().style.maxHeight = `max(78vh, ${Math.round(whole.h * readable)}px)`;
    svg().style.setProperty('--readable', `${Math.round(whole.w * readable * NEARER)}px`);
  };

  /** Keeps the frame as high as it stands, whatever is shown in it. */
  const hold = () => {
    if (!document.fullscreenElement) canvas.style.height ||= `${canvas.getBoundingClientRect().height}px`;
  };

  /** Takes the picture out of the flow of the page, looking just as before. */
  const begin = () => {
    if (view) return;
    const outer = canvas.getBoundingClientRect();
    const inner = svg().getBoundingClientRect();
    // The picture is centred where it stands.
    const scale = Math.max(whole.w / inner.width, whole.h / inner.height);
    const [left, top] = [inner.left + (inner.width - whole.w / scale) / 2, inner.top + (inner.height - whole.h / scale) / 2];
    hold();
    view = { x: whole.x - (left - outer.left) * scale, y: whole.y - (top - outer.top) * scale, w: outer.width * scale, h: outer.height * scale };
    figure.classList.remove('is-whole');
    figure.classList.add('is-moved');
    apply();
  };

  /** As it was built. */
  const leave = () => {
    view = null;
    figure.classList.remove('is-moved', 'is-whole');
    canvas.style.height = '';
    apply();
  };

  const fit = () => {
    const { height } = canvas.style;
    leave();
    canvas.style.height = height;
    if (!height && canvas.scrollWidth <= canvas.clientWidth && canvas.scrollHeight <= canvas.clientHeight) return;
    hold();
    figure.classList.add('is-whole');
    changed();
  };

  /** From where a part of the top shows the most of what matters: boxes by their relations, those where things begin (with
   * people, where there are any) before all others. A story is shown from its beginning.
   * @param {number} w @param {number} h */
  const bestFrom = (w, h) => {
    const margin = MARGIN / readable;
    const edges = edgesOf(drawing);
    const [left, right] = [whole.x - margin, whole.x + whole.w + margin - w];
    const boxes = leavesOf(drawing).map((node) => ({ node, ...placeOf(drawing, node) }));
    const first = edges.find((edge) => edge.dataset.id?.split(' ').includes('step-1'));
    /** @param {number} x */
    const within = (x) => Math.max(Math.min(x - margin, right), left);
    if (first) {
      const ends = boxes.filter(({ node }) => [first.dataset.src, first.dataset.dst].includes(node.dataset.id));
      return ends.length === 0 || Math.max(...ends.map((box) => box.x + box.w)) <= left + w ? left : within(Math.min(...ends.map((box) => box.x)));
    }
    const people = boxes.filter(({ node }) => node.classList.contains('kind-person'));
    const seen = boxes.filter((box) => box.y + box.h <= whole.y + h).map((box) => {
      const id = box.node.dataset.id ?? '';
      const [from, to] = [edges.filter((edge) => edge.dataset.src === id).length, edges.filter((edge) => edge.dataset.dst === id).length];
      const isEntry = people.length > 0 ? people.some(({ node }) => node === box.node) : from > 0 && to === 0;
      return { ...box, weight: 1 + from + to + (isEntry ? ENTRY : 0) };
    });
    let [best, most] = [left, 0];
    for (const from of [left, ...seen.map((box) => within(box.x))].sort((a, b) => a - b)) {
      const weight = seen.filter((box) => box.x >= from && box.x + box.w <= from + w).reduce((sum, box) => sum + box.weight, 0);
      if (weight > most) [best, most] = [from, weight];
    }
    return best;
  };

  /** Shows a part of the top as large as it can be read, where the whole would be too small for that. */
  const start = () => {
    const scale = svg().getBoundingClientRect().width / whole.w;
    if (scale === 0) return;
    if (matchMedia(BY_FINGER).matches) {
      canvas.scrollLeft = (bestFrom(canvas.clientWidth / scale, canvas.clientHeight / scale) - whole.x) * scale;
      return;
    }
    if (scale >= HARDLY * readable) return;
    const height = Math.min(whole.h * readable + 2 * MARGIN, Math.max(innerHeight - ROOM, HEIGHT_MIN));
    const [w, h] = [canvas.clientWidth / readable, height / readable];
    const x = bestFrom(w, h);
    begin();
    canvas.style.height = `${Math.round(height)}px`;
    view = { x, y: whole.y - MARGIN / readable, w, h };
    apply();
  };

  /** Where the head of the page ends. */
  const head = () => (document.fullscreenElement ? 0 : document.querySelector('.top')?.getBoundingClientRect().bottom ?? 0);

  const inSight = () => {
    const { top, bottom } = canvas.getBoundingClientRect();
    const bars = all(':scope > :is(figcaption, .stepper, .tools)', figure).map((bar) => bar.getBoundingClientRect().top);
    return { top: Math.max(head() - top, 0), bottom: Math.min(bottom, innerHeight, ...bars) - top };
  };

  /** Scrolls, where a picture is moved as everything is, until these are in sight; of what is too large for that, the first.
   * @param {SVGGraphicsElement[]} nodes */
  const scroll = (nodes) => {
    /** @param {Element[]} parts */
    const around = (parts) => {
      const boxes = parts.map((part) => part.getBoundingClientRect());
      const [x, y] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
      return { x, y, right: Math.max(...boxes.map((box) => box.right)), bottom: Math.max(...boxes.map((box) => box.bottom)) };
    };
    const { left, right: end, top, bottom: edge } = canvas.getBoundingClientRect();
    // A panel that asks lies above the picture.
    const low = Math.min(edge, ...all('.drawing-panel', figure).map((panel) => panel.getBoundingClientRect().top).filter((panel) => panel > top));
    const words = [nodes[0].querySelector('text') ?? nodes[0]];
    const parts = [nodes, [nodes[0]]].find((it) => {
      const { x, y, right, bottom } = around(it);
      return right - x <= end - left && bottom - y <= low - top;
    }) ?? words;
    /** @param {number} low @param {number} high @param {number} from @param {number} to */
    const by = (low, high, from, to) => (low < from + MARGIN ? low - from - MARGIN : Math.max(Math.min(high - to + MARGIN, low - from - MARGIN), 0));
    const { x, y, right, bottom } = around(parts);
    canvas.scrollBy(by(x, right, left, end), by(y, bottom, top, low));
    // What the frame cannot do, the page does.
    const now = around(parts);
    scrollBy(0, by(now.y, now.bottom, head(), top + inSight().bottom));
  };

  /** @param {SVGGraphicsElement[]} nodes */
  const reveal = (nodes) => {
    if (nodes.length === 0) return;
    if (!view) {
      if (!figure.classList.contains('is-whole')) scroll(nodes);
      return;
    }
    const margin = MARGIN * view.w / canvas.clientWidth;
    const places = nodes.map((node) => placeOf(drawing, node));
    const [x, y] = [Math.min(...places.map((box) => box.x)) - margin, Math.min(...places.map((box) => box.y)) - margin];
    const [w, h] = [Math.max(...places.map((box) => box.x + box.w)) + margin - x, Math.max(...places.map((box) => box.y + box.h)) + margin - y];
    if (w > view.w || h > view.h) return show({ x, y, w, h });
    view = { ...view, x: Math.min(Math.max(view.x, x + w - view.w), x), y: Math.min(Math.max(view.y, y + h - view.h), y) };
    apply();
  };

  /** @param {number} factor @param {number} [clientX] @param {number} [clientY] */
  const zoom = (factor, clientX, clientY) => {
    begin();
    if (!view) return;
    const box = canvas.getBoundingClientRect();
    const [w, h] = [view.w / factor, view.h / factor];
    const scale = box.width / w;
    const least = Math.min(box.width / whole.w, box.height / whole.h);
    if (factor > 1 ? scale > ZOOM_MAX : scale < least * ZOOM_MIN) return;
    const x = clientX === undefined ? 0.5 : (clientX - box.left) / box.width;
    const y = clientY === undefined ? 0.5 : (clientY - box.top) / box.height;
    view = { x: view.x + (view.w - w) * x, y: view.y + (view.h - h) * y, w, h };
    apply();
  };

  /** @param {number} dx @param {number} dy */
  const move = (dx, dy) => {
    begin();
    if (!view) return;
    const scale = view.w / canvas.clientWidth;
    view = { ...view, x: view.x - dx * scale, y: view.y - dy * scale };
    apply();
  };

  /** Shows a part of the picture, as large as it goes.
   * @param {Box} box */
  const show = (box) => {
    begin();
    const shape = canvas.clientWidth / Math.max(canvas.clientHeight, 1);
    const [w, h] = box.w / box.h > shape ? [box.w, box.w / shape] : [box.h * shape, box.h];
    view = { x: box.x - (w - box.w) / 2, y: box.y - (h - box.h) / 2, w, h };
    apply();
  };

  const full = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void figure.requestFullscreen?.();
  };

  const tools = make('div', { class: 'tools', role: 'group', 'aria-label': say('diagram-of', { title: figure.dataset.title ?? '' }) },
    iconButton(say('zoom-in'), PLUS, () => zoom(1.3)),
    iconButton(say('zoom-out'), MINUS, () => zoom(1 / 1.3)),
    iconButton(say('fit'), FRAME, fit));
  if (document.fullscreenEnabled) tools.append(iconButton(say('full-screen'), FULL, full));
  figure.append(tools);

  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'group');
  canvas.setAttribute('aria-label', say('keys', { title: figure.dataset.title ?? say('diagram') }));
  measure();
  follow(figure, canvas, { zoom, move, fit, isMoved: () => view !== null });

  /** @type {Drawing} */
  const drawing = { figure, canvas, tools, number: all('[data-drawing]').indexOf(figure), svg, whole: () => whole, view: () => view, inSight, show, reveal, fit, zoom };
  // A live server puts another picture in the place of this one: what is shown stays.
  figure.addEventListener('loko:redrawn', () => {
    measure();
    apply();
  });
  drawings.push(drawing);
  for (const hook of hooks) hook(drawing);
  figure.addEventListener('fullscreenchange', fit);
  canvas.addEventListener('focusin', (event) => {
    const node = event.target instanceof Element ? event.target.closest('.node, .edge') : null;
    // Whoever points at something sees it.
    if (node?.matches(':focus-visible')) reveal([/** @type {SVGGraphicsElement} */ (node)]);
  });
  /** @type {{ view: Box | null, height: string } | null} */
  let kept = null;
  addEventListener('beforeprint', () => {
    kept = canvas.style.height ? { view, height: canvas.style.height } : null;
    if (kept) leave();
  });
  addEventListener('afterprint', () => {
    if (!kept) return;
    canvas.style.height = kept.height;
    if (!kept.view) return fit();
    begin();
    view = kept.view;
    apply();
  });
  start();
  return drawing;
};

/** What hands do.
 * @param {HTMLElement} figure
 * @param {HTMLElement} canvas
 * @param {{ zoom: Drawing['zoom'], move: (dx: number, dy: number) => void, fit: () => void, isMoved: () => boolean }} act */
const follow = (figure, canvas, act) => {
  canvas.addEventListener('wheel', (event) => {
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !event.metaKey && !document.fullscreenElement) {
      // The page has no sides to move to; a part of a picture has.
      if (!act.isMoved() || !isSideways) return;
      event.preventDefault();
      act.move(-(event.deltaX || event.deltaY), 0);
      return;
    }
    event.preventDefault();
    act.zoom(Math.exp(-event.deltaY * 0.0022), event.clientX, event.clientY);
  }, { passive: false });

  /** @type {{ x: number, y: number, id: number, moved: boolean } | null} */
  let from = null;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || event.pointerType === 'touch' && !act.isMoved()) return;
    from = { x: event.clientX, y: event.clientY, id: event.pointerId, moved: false };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!from) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.moved && Math.hypot(dx, dy) < 5) return;
    if (!from.moved) {
      from.moved = true;
      canvas.setPointerCapture(from.id);
      figure.classList.add('is-dragging');
    }
    act.move(dx, dy);
    from.x = event.clientX;
    from.y = event.clientY;
  });
  const stop = () => {
    if (from?.moved) {
      // The click that ends a drag is not meant for the link below it.
      /** @param {Event} event */
      const swallow = (event) => {
        event.preventDefault();
        event.stopPropagation();
      };
      canvas.addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => canvas.removeEventListener('click', swallow, { capture: true }), 0);
    }
    figure.classList.remove('is-dragging');
    from = null;
  };
  canvas.addEventListener('pointerup', stop);
  canvas.addEventListener('pointercancel', stop);
  canvas.addEventListener('dragstart', (event) => event.preventDefault());
  canvas.addEventListener('dblclick', (event) => {
    if (!(event.target instanceof Element && event.target.closest('a'))) act.zoom(1.8, event.clientX, event.clientY);
  });
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [dx, dy] = [canvas.clientWidth * STEP, canvas.clientHeight * STEP];
    /** @type {Record<string, () => void>} */
    const steps = {
      '+': () => act.zoom(1.3), '=': () => act.zoom(1.3), '-': () => act.zoom(1 / 1.3), 0: act.fit,
      ArrowLeft: () => act.move(dx, 0), ArrowRight: () => act.move(-dx, 0), ArrowUp: () => act.move(0, dy), ArrowDown: () => act.move(0, -dy),
    };
    // Before anything was moved, arrow keys scroll the page as everywhere.
    if (!steps[event.key] || event.key.startsWith('Arrow') && !act.isMoved()) return;
    event.preventDefault();
    steps[event.key]();
  });
};

/** Shows what a link to a drawing says: which one, and what part of it. */
export const followLink = () => {
  const found = /^#drawing-(\d+)(?::(-?\d+),(-?\d+),(\d+),(\d+))?(?:\?(.*))?$/.exec(location.hash);
  const drawing = found && drawings.find((it) => it.number === Number(found[1]) - 1);
  if (!drawing) return;
  drawing.figure.scrollIntoView({ block: 'center' });
  const [x, y, w, h] = found.slice(2).map(Number);
  const show = () => {
    if (w > 0 && h > 0) drawing.show({ x, y, w, h });
  };
  show();
  // What is asked brings its answer into sight; the link says what was.
  if (found[6]) void drawing.ask?.(found[6]).then(show);
};
