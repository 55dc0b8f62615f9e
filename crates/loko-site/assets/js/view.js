// `<loko-view src="diagrams/shop.svg">`: a diagram in any page, to be moved and zoomed. A classic script that knows nothing
// of the site; where the picture cannot be fetched, it is shown as an image.
(() => {
  'use strict';

  const STYLE = ':host { display: block; position: relative; overflow: hidden; min-height: 6rem; } svg, img { display: block; max-width: 100%; height: auto; margin: auto; } :host([moved]) svg { width: 100%; height: 100%; max-width: none; cursor: grab; } div { outline-offset: -2px; }';

  // What it says: what a picture without a title is called, and what keys do. A build in another language has other words.
  const SAID = ["Diagram","{title}: plus and minus zoom, 0 fits"];

  // Pictures have letters of their own, each only those that it needs: their families are told apart by numbers.
  let families = 0;

  /** Gives the page the letters that a picture brings; a sheet of a shadow cannot. Bytes are let in by every page, addresses not.
   * @param {CSSStyleSheet} sheet @param {Element} drawing @returns {FontFace[]} */
  const lend = (sheet, drawing) => {
    families += 1;
    /** @type {FontFace[]} */
    const lent = [];
    for (const rule of [...sheet.cssRules]) {
      if (!(rule instanceof CSSFontFaceRule)) continue;
      const [family, weight, style, src] = ['font-family', 'font-weight', 'font-style', 'src'].map((name) => rule.style.getPropertyValue(name));
      const bytes = /base64,([^"')]+)/.exec(src)?.[1];
      if (!bytes) continue;
      const name = family.replace(/["']/g, '');
      const face = new FontFace(`${name} ${families}`, Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0)), { weight: weight || '400', style: style || 'normal' });
      document.fonts.add(face);
      lent.push(face);
      for (const node of [drawing, ...drawing.querySelectorAll('[font-family]')]) {
        const wanted = node.getAttribute('font-family') ?? '';
        node.setAttribute('font-family', wanted.replace(`'${name}'`, `'${name} ${families}'`));
      }
    }
    return lent;
  };

  class LokoView extends HTMLElement {
    static observedAttributes = ['src'];
    /** @type {FontFace[]} */
    lent = [];

    connectedCallback() {
      if (!this.shadowRoot) this.attachShadow({ mode: 'open' });
      void this.load();
    }

    attributeChangedCallback() {
      if (this.isConnected && this.shadowRoot) void this.load();
    }

    disconnectedCallback() {
      this.giveBack();
    }

    giveBack() {
      for (const face of this.lent.splice(0)) document.fonts.delete(face);
    }

    async load() {
      const [root, src] = [/** @type {ShadowRoot} */ (this.shadowRoot), this.getAttribute('src')];
      if (!src) return;
      const base = new CSSStyleSheet();
      base.replaceSync(STYLE);
      const answer = await fetch(src).catch(() => null);
      // A strict page lets no style element in, and needs none.
      let styles = '';
      const text = answer?.ok ? (await answer.text()).replace(/<style>([^]*?)<\/style>/g, (_, style) => {
        styles += style;
        return '';
      }) : '';
      const parsed = text ? new DOMParser().parseFromString(text, 'image/svg+xml') : null;
      const drawing = parsed?.documentElement;
      if (!(drawing instanceof SVGSVGElement)) {
        const image = document.createElement('img');
        image.src = src;
        image.alt = this.getAttribute('alt') ?? '';
        // A picture that nobody may show here can be looked at where it lies.
        image.addEventListener('error', () => {
          const link = document.createElement('a');
          link.href = src;
          link.target = '_top';
          link.textContent = image.alt || SAID[0];
          root.replaceChildren(link);
        });
        root.adoptedStyleSheets = [base];
        root.replaceChildren(image);
        return;
      }
      const own = new CSSStyleSheet();
      own.replaceSync(styles);
      drawing.querySelectorAll('script').forEach((node) => node.remove());
      this.giveBack();
      this.lent = lend(own, drawing);
      root.adoptedStyleSheets = [base, own];
      // Links of the picture are seen from where it lies.
      for (const link of drawing.querySelectorAll('a[href]')) {
        link.setAttribute('href', new URL(link.getAttribute('href') ?? '', new URL(src, location.href)).href);
        link.setAttribute('target', '_top');
      }
      const frame = document.createElement('div');
      frame.tabIndex = 0;
      frame.setAttribute('role', 'group');
      frame.setAttribute('aria-label', SAID[1].replace('{title}', drawing.querySelector('title')?.textContent ?? SAID[0]));
      frame.append(document.importNode(drawing, true));
      root.replaceChildren(frame);
      this.follow(frame, /** @type {SVGSVGElement} */ (frame.firstElementChild));
      this.dispatchEvent(new CustomEvent('load'));
    }

    /** @param {HTMLElement} frame @param {SVGSVGElement} drawing */
    follow(frame, drawing) {
      const home = drawing.viewBox.baseVal;
      const whole = { x: home.x, y: home.y, w: home.width, h: home.height };
      let view = { ...whole };
      const apply = () => {
        drawing.setAttribute('viewBox', `${view.x} ${view.y} ${view.w} ${view.h}`);
        this.toggleAttribute('moved', view.w !== whole.w);
      };
      /** @param {number} factor @param {number} [x] @param {number} [y] */
      const zoom = (factor, x = 0.5, y = 0.5) => {
        const [w, h] = [view.w / factor, view.h / factor];
        if (w > whole.w * 1.5 || w < whole.w / 12) return;
        view = { x: view.x + (view.w - w) * x, y: view.y + (view.h - h) * y, w, h };
        apply();
      };
      frame.addEventListener('keydown', (event) => {
        if (event.key === '+' || event.key === '=') zoom(1.3);
        else if (event.key === '-') zoom(1 / 1.3);
        else if (event.key === '0') {
          view = { ...whole };
          apply();
        } else return;
        event.preventDefault();
      });
      frame.addEventListener('wheel', (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const box = frame.getBoundingClientRect();
        zoom(Math.exp(-event.deltaY * 0.0022), (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      }, { passive: false });
      /** @type {{ x: number, y: number } | null} */
      let from = null;
      frame.addEventListener('pointerdown', (event) => { from = { x: event.clientX, y: event.clientY }; });
      frame.addEventListener('pointermove', (event) => {
        if (!from || event.buttons !== 1) return;
        const scale = view.w / frame.clientWidth;
        view = { ...view, x: view.x - (event.clientX - from.x) * scale, y: view.y - (event.clientY - from.y) * scale };
        from = { x: event.clientX, y: event.clientY };
        apply();
      });
      frame.addEventListener('dragstart', (event) => event.preventDefault());
      addEventListener('pointerup', () => { from = null; });
    }
  }

  customElements.define('loko-view', LokoView);
  // The page for frames shows what its address names: `embed.html?diagrams/shop.svg`; only pictures of this site.
  const wanted = decodeURIComponent(location.search.slice(1));
  if (/^diagrams\/[^:]+\.svg$/.test(wanted) && !wanted.includes('..')) document.querySelector('loko-view[data-embed]')?.setAttribute('src', wanted);
})();
