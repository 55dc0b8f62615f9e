// What makes the pages better than paper: search, pan and zoom, tabs, filters. Every page can be read without it.
// A classic script, since browsers refuse ES modules on file: addresses.
(() => {
  'use strict';

  const root = document.documentElement;
  const base = root.dataset.root ?? '';
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  // Navigation on narrow screens ---------------------------------------------------------------------------------------

  const sidebar = document.getElementById('sidebar');
  const menu = document.querySelector('[data-menu]');
  if (menu && sidebar) {
    menu.hidden = false;
    const set = (open) => {
      sidebar.classList.toggle('is-open', open);
      menu.setAttribute('aria-expanded', String(open));
    };
    menu.addEventListener('click', (event) => {
      event.stopPropagation();
      set(!sidebar.classList.contains('is-open'));
    });
    document.addEventListener('click', (event) => {
      if (!sidebar.contains(event.target)) set(false);
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') set(false);
    });
    const here = sidebar.querySelector('[aria-current="page"]');
    if (here) {
      const offset = here.getBoundingClientRect().top - sidebar.getBoundingClientRect().top;
      if (offset > sidebar.clientHeight - 80) sidebar.scrollTop = offset - sidebar.clientHeight / 2;
    }
  }

  // Search -------------------------------------------------------------------------------------------------------------

  /** Lower case without accents. */
  const fold = (text) => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');

  const marked = (name, query) => {
    const start = fold(name).length === name.length ? fold(name).indexOf(fold(query.trim())) : -1;
    if (start < 0 || !query.trim()) return [name];
    const end = start + query.trim().length;
    return [name.slice(0, start), make('mark', {}, name.slice(start, end)), name.slice(end)];
  };

  const setUpSearch = (box) => {
    const input = box.querySelector('input');
    const panel = box.querySelector('.search-panel');
    let prepared = null;
    let loading = false;
    let chosen = -1;

    const loadScript = (name) => new Promise((resolve) => {
      const script = make('script', { src: `${base}js/${name}.js` });
      script.addEventListener('load', resolve);
      document.head.append(script);
    });

    const load = async () => {
      if (loading) return;
      loading = true;
      await Promise.all([loadScript('search'), loadScript('search-index')]);
      prepared = lokoSearch.prepare(lokoSearchIndex);
      show();
    };

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
      const hits = lokoSearch.find(prepared, query, 12);
      panel.replaceChildren(
        ...hits.map(([name, kind, address, where, description, , style], at) =>
          make('a', { href: base + address, role: 'option', id: `hit-${at}`, tabindex: '-1' },
            make('span', { class: `dot kind-${style}`, 'aria-hidden': 'true' }),
            make('span', { class: 'hit-name' }, ...marked(name, query)),
            make('span', { class: 'hit-kind' }, kind),
            make('span', { class: 'hit-text' }, [where, description].filter(Boolean).join(' · ')))),
      );
      if (hits.length === 0) panel.append(make('p', { class: 'none' }, `Nothing found for “${query.trim()}”`));
      set(true);
      choose(0);
    };

    box.hidden = false;
    input.addEventListener('focus', () => {
      load();
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
    document.addEventListener('click', (event) => {
      if (!box.contains(event.target)) set(false);
    });
    document.addEventListener('keydown', (event) => {
      const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
      if (typing || event.altKey || (event.key !== '/' && !((event.ctrlKey || event.metaKey) && event.key === 'k'))) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
  };
  all('[data-search]').forEach(setUpSearch);

  // Drawings -----------------------------------------------------------------------------------------------------------

  const ICONS = {
    in: ['Zoom in', 'M10 4.5v11M4.5 10h11'],
    out: ['Zoom out', 'M4.5 10h11'],
    fit: ['Fit', 'M4 7.5V4h3.5M12.5 4H16v3.5M16 12.5V16h-3.5M7.5 16H4v-3.5'],
    full: ['Full screen', 'M8 4H4v4M12 16h4v-4M4 4l4.5 4.5M16 16l-4.5-4.5'],
  };
  const icon = (path) => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 20 20');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
  };

  // Pixels a unit at most, and the part of the fitting size at least.
  const ZOOM_MAX = 6;
  const ZOOM_MIN = 0.5;
  // The scale at which texts can still be read.
  const READABLE = 0.68;

  const setUpDrawing = (figure) => {
    const canvas = figure.querySelector('.canvas');
    const svg = canvas?.querySelector('svg');
    const home = svg?.viewBox?.baseVal;
    if (!home || !home.width) return;
    const whole = { x: home.x, y: home.y, w: home.width, h: home.height };
    let view = null;
    // Tall pictures may leave the window rather than become too small to read.
    svg.style.maxHeight = `max(78vh, ${Math.round(whole.h * READABLE)}px)`;

    const apply = () => svg.setAttribute('viewBox', `${view.x} ${view.y} ${view.w} ${view.h}`);

    /** Takes the picture out of the flow of the page, looking just as before. */
    const begin = () => {
      if (view) return;
      const outer = canvas.getBoundingClientRect();
      const inner = svg.getBoundingClientRect();
      const scale = whole.w / inner.width;
      canvas.style.height = `${outer.height}px`;
      view = { x: whole.x - (inner.left - outer.left) * scale, y: whole.y - (inner.top - outer.top) * scale, w: outer.width * scale, h: outer.height * scale };
      figure.classList.add('is-moved');
      apply();
    };

    const reset = () => {
      view = null;
      figure.classList.remove('is-moved');
      canvas.style.height = '';
      svg.setAttribute('viewBox', `${whole.x} ${whole.y} ${whole.w} ${whole.h}`);
    };

    const zoom = (factor, clientX, clientY) => {
      begin();
      const box = canvas.getBoundingClientRect();
      const [w, h] = [view.w / factor, view.h / factor];
      const scale = box.width / w;
      const fit = Math.min(box.width / whole.w, box.height / whole.h);
      if (factor > 1 ? scale > ZOOM_MAX : scale < fit * ZOOM_MIN) return;
      const x = clientX === undefined ? 0.5 : (clientX - box.left) / box.width;
      const y = clientY === undefined ? 0.5 : (clientY - box.top) / box.height;
      view = { x: view.x + (view.w - w) * x, y: view.y + (view.h - h) * y, w, h };
      apply();
    };

    const move = (dx, dy) => {
      begin();
      const scale = view.w / canvas.clientWidth;
      view = { ...view, x: view.x - dx * scale, y: view.y - dy * scale };
      apply();
    };

    const full = () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else figure.requestFullscreen?.();
    };
    const actions = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), fit: reset, full };

    const tools = make('div', { class: 'tools', role: 'group', 'aria-label': 'Diagram' });
    for (const [name, [label, path]] of Object.entries(ICONS)) {
      if (name === 'full' && !document.fullscreenEnabled) continue;
      const button = make('button', { class: 'icon-button', type: 'button', 'aria-label': label, title: label }, icon(path));
      button.addEventListener('click', actions[name]);
      tools.append(button);
    }
    figure.append(tools);
    figure.dataset.ready = '';
    figure.addEventListener('fullscreenchange', reset);

    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey && !document.fullscreenElement) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * 0.0022), event.clientX, event.clientY);
    }, { passive: false });

    let from = null;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || event.pointerType === 'touch' && !view) return;
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
      move(dx, dy);
      from.x = event.clientX;
      from.y = event.clientY;
    });
    const stop = () => {
      if (from?.moved) {
        // The click that ends a drag is not meant for the link below it.
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
      if (!event.target.closest('a')) zoom(1.8, event.clientX, event.clientY);
    });
    canvas.addEventListener('keydown', (event) => {
      const steps = { '+': () => zoom(1.3), '=': () => zoom(1.3), '-': () => zoom(1 / 1.3), 0: reset };
      if (steps[event.key] && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        steps[event.key]();
      }
    });
    setUpTrace(figure, canvas);
  };

  /** Pointing at a box shows what it is joined with; everything else steps back. */
  const setUpTrace = (figure, canvas) => {
    const edges = all('.edge[data-src][data-dst]', canvas);
    const objects = all('.node[data-id]', canvas);
    if (edges.length === 0) return;
    const clear = () => {
      figure.classList.remove('is-tracing');
      all('.is-faded', canvas).forEach((node) => node.classList.remove('is-faded'));
    };
    const trace = (id) => {
      const linked = new Set([id]);
      const within = (inner, outer) => inner === outer || inner.startsWith(`${outer}/`) || inner.startsWith(`${outer}.`);
      let any = false;
      for (const edge of edges) {
        const { src: from, dst: to } = edge.dataset;
        const touches = within(from, id) || within(to, id);
        edge.classList.toggle('is-faded', !touches);
        if (touches) {
          any = true;
          linked.add(from).add(to);
        }
      }
      if (!any) return clear();
      for (const object of objects) {
        const own = object.dataset.id;
        const kept = [...linked].some((it) => within(it, own)) || within(own, id);
        object.classList.toggle('is-faded', !kept);
      }
      figure.classList.add('is-tracing');
    };
    let timer = 0;
    const later = (action, delay) => {
      clearTimeout(timer);
      timer = setTimeout(action, delay);
    };
    for (const object of objects) {
      object.addEventListener('pointerenter', (event) => {
        if (event.pointerType !== 'touch') later(() => trace(object.dataset.id), 90);
      });
      object.addEventListener('pointerleave', () => later(clear, 60));
      object.addEventListener('focusin', () => trace(object.dataset.id));
      object.addEventListener('focusout', clear);
    }
  };
  all('[data-drawing]').forEach(setUpDrawing);

  // Tabs ---------------------------------------------------------------------------------------------------------------

  all('[data-tabs]').forEach((box, number) => {
    const panels = all('.drawing', box);
    const list = make('div', { class: 'tabs-list', role: 'tablist', 'aria-label': 'Views' });
    const show = (at, focus) => {
      panels.forEach((panel, index) => {
        panel.hidden = index !== at;
        const tab = list.children[index];
        tab.setAttribute('aria-selected', String(index === at));
        tab.tabIndex = index === at ? 0 : -1;
        if (focus && index === at) tab.focus();
      });
    };
    panels.forEach((panel, at) => {
      panel.id ||= `view-${number}-${at}`;
      panel.setAttribute('role', 'tabpanel');
      const tab = make('button', { type: 'button', role: 'tab', 'aria-controls': panel.id }, panel.dataset.title ?? '');
      tab.addEventListener('click', () => show(at));
      tab.addEventListener('keydown', (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) show((at + step + panels.length) % panels.length, true);
      });
      list.append(tab);
    });
    box.prepend(list);
    show(0);
  });

  // Filters ------------------------------------------------------------------------------------------------------------

  all('[data-filter]').forEach((box) => {
    const input = box.querySelector('input');
    const count = box.querySelector('[data-filter-count]');
    const groups = all('[data-filter-group]');
    const rows = groups.flatMap((group) => all('tbody tr', group));
    if (rows.length < 8) return;
    const texts = rows.map((row) => fold(`${row.textContent} ${row.closest('section').querySelector('h2').textContent}`));
    box.hidden = false;
    input.addEventListener('input', () => {
      const typed = fold(input.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, at) => {
        row.hidden = !typed.every((word) => texts[at].includes(word));
        if (!row.hidden) shown += 1;
      });
      for (const group of groups) group.hidden = !all('tbody tr', group).some((row) => !row.hidden);
      count.textContent = typed.length === 0 ? '' : `${shown} of ${rows.length}`;
    });
  });

  // On this page -------------------------------------------------------------------------------------------------------

  const entries = all('.toc a').map((link) => [link, document.getElementById(decodeURIComponent(link.hash.slice(1)))]).filter(([, target]) => target);
  if (entries.length > 0) {
    const mark = () => {
      const limit = innerHeight * 0.3;
      let here = null;
      for (const [link, target] of entries) if (target.getBoundingClientRect().top < limit) here = link;
      for (const [link] of entries) link.classList.toggle('is-here', link === here);
    };
    let waiting = false;
    addEventListener('scroll', () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mark();
      });
    }, { passive: true });
    mark();
  }
})();
