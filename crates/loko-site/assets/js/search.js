// Finding: ranked, by the beginnings of words, with room for typing errors. Knows nothing of pages; the index is one
// array an entry: name, kind, address, where, description, further words, CSS class of the kind. The words of prose have
// an index of their own: each with the places where it stands, and each place with its entry and its heading.
(() => {
  'use strict';

  /** @param {string} text */
  const fold = (text) => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  /** Lower case without accents, cut into words.
   * @param {string} text */
  const words = (text) => fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

  /** How many typing errors a word of this length may have.
   * @param {number} length */
  const tolerance = (length) => (length < 4 ? 0 : length < 8 ? 1 : 2);

  /** The number of edits between a typed word and the beginning of another one; swapped neighbours count once.
   * @param {string} typed @param {string} word @param {number} limit */
  const distance = (typed, word, limit) => {
    /** @type {number[]} */
    let before = [];
    let last = Array.from({ length: word.length + 1 }, (_, at) => at);
    for (let i = 1; i <= typed.length; i++) {
      const row = [i];
      let best = i;
      for (let j = 1; j <= word.length; j++) {
        const cost = typed[i - 1] === word[j - 1] ? 0 : 1;
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
        if (i > 1 && j > 1 && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1]) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
        best = Math.min(best, row[j]);
      }
      if (best > limit) return best;
      before = last;
      last = row;
    }
    return Math.min(...last);
  };

  /** How well one typed word fits one word of the index: 1 at best, 0 for not at all.
   * @param {string} typed @param {string} word */
  const fit = (typed, word) => {
    if (word === typed) return 1;
    if (word.startsWith(typed)) return 0.85 - 0.2 * (1 - typed.length / word.length);
    if (typed.length >= 3 && word.includes(typed)) return 0.45;
    const limit = tolerance(typed.length);
    if (limit === 0 || word[0] !== typed[0] && typed.length < 6) return 0;
    const errors = distance(typed, word.slice(0, typed.length + limit), limit);
    return errors <= limit ? 0.4 - 0.12 * errors : 0;
  };

  // The fields that are looked at, with what a hit in them counts.
  /** @type {[number, number][]} */
  const WEIGHTS = [[0, 10], [3, 2.5], [4, 3], [5, 3.5]];

  // What a hit in prose counts, and what it counts besides when one section has all that was typed.
  const IN_PROSE = 1.2;
  const TOGETHER = 0.4;
  // What fits less has a typing error.
  const AS_TYPED = 0.45;

  /** @typedef {{ entry: LokoSearchEntry, order: number, fields: [string[], number][], name: string, places: number[] }} Item */
  /** @typedef {{ items: Item[], prose: [string, number[]][], headings: [string, string][], places: number[] }} Prepared */

  /** @param {LokoSearchEntry[]} entries @param {LokoSearchWords} [prose] @returns {Prepared} */
  const prepare = (entries, prose = { headings: [], places: [], words: '' }) => {
    const items = entries.map((entry, order) => ({ entry, order, fields: WEIGHTS.map(([at, weight]) => /** @type {[string[], number]} */ ([words(entry[at]), weight])), name: fold(entry[0]), places: /** @type {number[]} */ ([]) }));
    for (let place = 0; place * 2 < prose.places.length; place++) items[prose.places[place * 2]]?.places.push(place);
    const list = prose.words.split(',').filter(Boolean).map((row) => {
      const [word, ...steps] = row.split(' ');
      let place = 0;
      return /** @type {[string, number[]]} */ ([fold(word), steps.map((step) => (place += parseInt(step, 36)))]);
    });
    return { items, prose: list, headings: prose.headings, places: prose.places };
  };

  /** What a typed word counts in each place of the prose. Typing errors are looked for where nothing fits as it is typed.
   * @param {Prepared} prepared @param {string} typed */
  const inProse = ({ prose, places }, typed) => {
    const values = new Float32Array(places.length / 2);
    const fits = prose.map(([word, at]) => /** @type {[number, number[]]} */ ([fit(typed, word), at])).filter(([value]) => value > 0);
    const least = fits.some(([value]) => value >= AS_TYPED) ? AS_TYPED : 0;
    for (const [value, at] of fits) {
      if (value < least) continue;
      for (const place of at) values[place] = Math.max(values[place], IN_PROSE * value);
    }
    return values;
  };

  /** An entry as it was found: where only its prose has what was typed, it leads to the section, whose heading comes last.
   * @param {Prepared} prepared @param {LokoSearchEntry} entry @param {number} place @returns {LokoSearchHit} */
  const hitOf = ({ headings, places }, entry, place) => {
    const [name, kind, address, ...rest] = entry;
    const [anchor, heading] = place < 0 ? ['', ''] : headings[places[place * 2 + 1]];
    // In a file that holds all pages, the address of a page is a fragment already.
    const to = !anchor ? address : address.includes('#') ? `${address}:${encodeURIComponent(anchor)}` : `${address}#${encodeURIComponent(anchor)}`;
    return [name, kind, to, ...rest, heading];
  };

  /** @param {Prepared} prepared @param {string} query @param {number} limit @returns {LokoSearchHit[]} */
  const find = (prepared, query, limit) => {
    const typed = words(query);
    if (typed.length === 0) return [];
    const whole = fold(query.trim());
    const prose = typed.map((word) => inProse(prepared, word));
    const hits = [];
    for (const item of prepared.items) {
      let score = 0;
      let place = -1;
      // The section that has most of what was typed.
      let most = 0;
      for (const at of item.places) {
        const value = prose.reduce((sum, values) => sum + values[at], 0) + (prose.every((values) => values[at] > 0) ? TOGETHER : 0);
        if (value > most) [most, place] = [value, at];
      }
      let isInFields = true;
      for (const [number, word] of typed.entries()) {
        let best = 0;
        for (const [list, weight] of item.fields) {
          for (const candidate of list) {
            const value = weight * fit(word, candidate);
            if (value > best) best = value;
          }
        }
        for (const at of best < IN_PROSE ? item.places : []) {
          if (prose[number][at] <= best) continue;
          best = prose[number][at];
          isInFields = false;
        }
        if (best === 0) {
          score = 0;
          break;
        }
        score += best;
      }
      if (typed.length > 1 && !isInFields && score > 0 && prose.every((values) => values[place] > 0)) score += TOGETHER;
      if (score > 0) {
        if (item.name === whole) score += 12;
        else if (item.name.startsWith(whole)) score += 4;
        score -= item.name.length * 0.01;
        hits.push({ item, score, place: isInFields ? -1 : place });
      }
    }
    hits.sort((a, b) => b.score - a.score || a.item.order - b.item.order);
    return hits.slice(0, limit).map((hit) => hitOf(prepared, hit.item.entry, hit.place));
  };

  globalThis.lokoSearch = { prepare, find };
})();
