// Finding: ranked, by the beginnings of words, with room for typing errors. Knows nothing of pages; the index is one
// array an entry: name, kind, address, where, description, further words, CSS class of the kind.
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

  /** @typedef {{ entry: LokoSearchEntry, order: number, fields: [string[], number][], name: string }} Prepared */

  /** @param {LokoSearchEntry[]} entries @returns {Prepared[]} */
  const prepare = (entries) =>
    entries.map((entry, order) => ({ entry, order, fields: WEIGHTS.map(([at, weight]) => /** @type {[string[], number]} */ ([words(entry[at]), weight])), name: fold(entry[0]) }));

  /** @param {Prepared[]} prepared @param {string} query @param {number} limit */
  const find = (prepared, query, limit) => {
    const typed = words(query);
    if (typed.length === 0) return [];
    const whole = fold(query.trim());
    const hits = [];
    for (const item of prepared) {
      let score = 0;
      for (const word of typed) {
        let best = 0;
        for (const [list, weight] of item.fields) {
          for (const candidate of list) {
            const value = weight * fit(word, candidate);
            if (value > best) best = value;
          }
        }
        if (best === 0) {
          score = 0;
          break;
        }
        score += best;
      }
      if (score > 0) {
        if (item.name === whole) score += 12;
        else if (item.name.startsWith(whole)) score += 4;
        score -= item.name.length * 0.01;
        hits.push({ item, score });
      }
    }
    hits.sort((a, b) => b.score - a.score || a.item.order - b.item.order);
    return hits.slice(0, limit).map((hit) => hit.item.entry);
  };

  globalThis.lokoSearch = { prepare, find };
})();
