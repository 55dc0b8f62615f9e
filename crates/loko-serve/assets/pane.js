// A text to write in, with line numbers, proposals, and marks where something is wrong. Used by the editor and the playground.

import { say } from './words.js';

const DELAY_MS = 250;

const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

/** A text with code between backticks. */
const ticked = (text) => text.split('`').map((part, at, all) => (at % 2 === 0 ? part : at === all.length - 1 ? `\`${part}` : element('code', {}, part)));

/** A text as it stands in HTML. */
export const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Asks the server; a refusal becomes an error with what it says. */
export const ask = async (method, path, body) => {
  const answer = await fetch(path, { method, headers: body === undefined ? {} : { 'content-type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error), { code: told.code, status: answer.status });
  return told;
};

const bytes = new TextEncoder();
/** An offset as the server counts: in bytes. */
const byteOffset = (text, at) => bytes.encode(text.slice(0, at)).length;
/** The word before the cursor, as far as names go. */
const wordBefore = (text, at) => /[\p{L}\p{N}_./-]*$/u.exec(text.slice(0, at))[0];

/** A page in which the styles of drawings are metadata: the policy would refuse them as styles. */
export const parsed = (html) => {
  const text = html.replaceAll('<style>', '<metadata data-style>').replaceAll('</style>', '</metadata>');
  return new DOMParser().parseFromString(text, 'text/html');
};

/** Shows a drawing: its styles become the page's, since the policy lets no style element in. */
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
export const showDrawing = (place, svg) => {
  const page = parsed(`<!doctype html><body>${svg}`);
  sheet.replaceSync([...page.querySelectorAll('metadata[data-style]')].map((style) => style.textContent).join('\n'));
  page.querySelectorAll('metadata[data-style], script').forEach((node) => node.remove());
  place.replaceChildren(...page.body.childNodes);
};

/** Sets up a pane: `changed` is called a moment after every change. */
export const pane = (box, { path, changed }) => {
  const area = box.querySelector('textarea');
  const gutter = box.querySelector('.gutter');
  const list = box.querySelector('.proposals');
  const problems = box.querySelector('.problems');
  let proposals = [];
  let chosen = 0;
  let timer = 0;
  let asked = 0;

  // The lines once more, unseen and broken where the text breaks them: each number stands as high as its line.
  const mirror = element('div', { class: 'mirror', 'aria-hidden': 'true' });
  area.after(mirror);
  const number = () => {
    const lines = area.value.split('\n');
    mirror.style.width = `${area.clientWidth}px`;
    while (mirror.childElementCount > lines.length) mirror.lastChild.remove();
    if (gutter.childElementCount !== lines.length) gutter.replaceChildren(...lines.map((_, at) => element('span', {}, String(at + 1))));
    const copies = [...mirror.children];
    lines.forEach((line, at) => {
      if (!copies[at]) copies.push(mirror.appendChild(element('div')));
      // A line without letters is as high as any other.
      const text = line || '\u200b';
      if (copies[at].textContent !== text) copies[at].textContent = text;
    });
    const heights = copies.map((copy) => copy.getBoundingClientRect().height);
    [...gutter.children].forEach((line, at) => { line.style.height = `${heights[at]}px`; });
  };
  /** How far below the beginning of the text the row of a place ends. */
  const rowEnd = (at) => {
    const before = area.value.slice(0, at).split('\n');
    const copy = mirror.children[before.length - 1];
    if (!copy?.firstChild) return 0;
    const range = document.createRange();
    range.setStart(copy.firstChild, Math.min(before[before.length - 1].length, copy.firstChild.length));
    const row = range.getClientRects()[0] ?? copy.getBoundingClientRect();
    return row.bottom - mirror.getBoundingClientRect().top;
  };
  new ResizeObserver(number).observe(area);
  const close = () => {
    list.hidden = true;
    proposals = [];
    area.removeAttribute('aria-activedescendant');
  };
  const choose = (at) => {
    chosen = (at + proposals.length) % proposals.length;
    [...list.children].forEach((item, index) => item.setAttribute('aria-selected', String(index === chosen)));
    list.children[chosen]?.scrollIntoView({ block: 'nearest' });
    area.setAttribute('aria-activedescendant', `proposal-${chosen}`);
  };
  const take = (at) => {
    const word = wordBefore(area.value, area.selectionStart);
    const { label } = proposals[at];
    area.focus();
    area.setSelectionRange(area.selectionStart - word.length, area.selectionStart);
    // Typed rather than set: what is set cannot be undone, nor can what was typed before it.
    document.execCommand('insertText', false, label);
    close();
  };
  const propose = async (isAsked) => {
    const at = area.selectionStart;
    const word = wordBefore(area.value, at);
    asked += 1;
    const turn = asked;
    if (!isAsked && word.length < 1) return close();
    const told = await ask('POST', '/api/v1/complete', { path: path(), text: area.value, offset: byteOffset(area.value, at) }).catch(() => ({ proposals: [] }));
    if (turn !== asked || area.selectionStart !== at) return;
    const typed = word.toLowerCase();
    proposals = told.proposals.filter((it) => it.label.toLowerCase().includes(typed) && it.label !== word)
      .sort((a, b) => Number(b.label.toLowerCase().startsWith(typed)) - Number(a.label.toLowerCase().startsWith(typed))).slice(0, 12);
    if (proposals.length === 0) return close();
    list.replaceChildren(...proposals.map((it, index) => {
      const item = element('li', { role: 'option', id: `proposal-${index}`, 'aria-selected': 'false' }, element('strong', {}, it.label), element('span', {}, it.detail || it.kind));
      item.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        take(index);
      });
      return item;
    }));
    list.style.top = `${rowEnd(at) - area.scrollTop}px`;
    list.hidden = false;
    choose(0);
  };

  area.addEventListener('input', () => {
    number();
    void propose(false);
    clearTimeout(timer);
    timer = setTimeout(() => changed(area.value), DELAY_MS);
  });
  area.addEventListener('scroll', () => {
    gutter.scrollTop = area.scrollTop;
    close();
  });
  area.addEventListener('blur', close);
  area.addEventListener('keydown', (event) => {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      void propose(true);
    } else if (!list.hidden && event.key === 'ArrowDown') {
      event.preventDefault();
      choose(chosen + 1);
    } else if (!list.hidden && event.key === 'ArrowUp') {
      event.preventDefault();
      choose(chosen - 1);
    } else if (!list.hidden && (event.key === 'Enter' || event.key === 'Tab')) {
      event.preventDefault();
      take(chosen);
    } else if (!list.hidden && event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });

  return {
    area,
    set: (text) => {
      area.value = text;
      number();
    },
    /** Lists what is wrong, and marks the lines. */
    show: (found) => {
      problems.replaceChildren(...found.map((it) => {
        const go = element('button', { type: 'button' }, element('span', { class: `severity severity-${it.severity}` }, say(it.severity)), ` ${it.line}:${it.column} `, ...ticked(it.message), it.help ? element('em', {}, ' ', ...ticked(it.help)) : '');
        go.addEventListener('click', () => {
          const lines = area.value.split('\n');
          const at = lines.slice(0, it.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + it.column - 1;
          area.focus();
          area.setSelectionRange(at, at);
        });
        return element('li', {}, go);
      }));
      problems.hidden = found.length === 0;
      const marked = new Set(found.map((it) => it.line));
      [...gutter.children].forEach((line, at) => line.classList.toggle('has-problem', marked.has(at + 1)));
    },
  };
};
