// The badge's words, compared as people read them: NFC, any case, white space and signs folded or lost
// between child elements.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  /** Signs that stand in a label without changing what it says; those that end a sentence are kept. */
  const signs = /[,:()[\]{}"'`´‘’“”«»<>\-‐-―/_*✓✔✅☑]/gu;
  lib.foldLabel = (text) => lib.squeeze(lib.fold(text).replace(signs, " "));
  const tight = (text) => lib.foldLabel(text).replace(/ /g, "");
  const phrasesMax = 4000;
  /** Every wording of a pattern: what stands in brackets is one of these, or nothing. */
  const wordings = (pattern) => {
    const found = /\(([^()]*)\)/.exec(pattern);
    if (!found) return [pattern];
    const before = pattern.slice(0, found.index);
    const after = pattern.slice(found.index + found[0].length);
    return ["", ...found[1].split("|")].flatMap((one) => wordings(before + one + after)).slice(0, phrasesMax);
  };
  const plainWord = /^[a-z0-9]{3,}$/;
  /**
   * A cheap test for texts that may hold a phrase: the last word of each, if it is a plain one, and the last
   * accented word that all have in common, which is there when markup splits the plain one.
   */
  const quickTest = (phrases) => {
    const pieces = new Set();
    const split = phrases.map((phrase) => phrase.split(" "));
    const common = (split[0] || []).filter(
      (word) => !plainWord.test(word) && word.length > 2 && split.every((list) => list.includes(word)),
    );
    const last = common[common.length - 1];
    for (const list of split) {
      const end = list[list.length - 1];
      const plain = plainWord.test(end) ? end : list.filter((word) => plainWord.test(word)).pop();
      if (plain && (plain === end || !last)) pieces.add(plain);
      else if (!last) return null;
    }
    if (last) pieces.add(last).add(last.normalize("NFD"));
    return pieces.size
      ? new RegExp([...pieces].map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "iu")
      : null;
  };

  /** The words of the settings, prepared once. */
  lib.badgeWords = (cx, emc) => {
    if (cx.words) return cx.words;
    const key = (emc.badge_words || []).join("\n");
    if (!lib.prepared || lib.prepared.key !== key) {
      const all = (emc.badge_words || []).flatMap(wordings).map(lib.foldLabel).filter(Boolean);
      const phrases = [...new Set(all)].sort((one, other) => other.length - one.length);
      const flat = phrases.map((phrase) => phrase.replace(/ /g, ""));
      lib.prepared = { key, phrases, tight: flat, quick: quickTest(phrases) };
    }
    cx.words = lib.prepared;
    return cx.words;
  };
  lib.mayHoldWords = (words, text) => !words.quick || words.quick.test(text);
  /** `{phrase, extra}`: the longest phrase in a text and the number of its other characters; or null. */
  lib.wordsIn = (words, text) => {
    if (!text || !lib.mayHoldWords(words, text)) return null;
    const flat = tight(text);
    // The longest come first.
    for (const phrase of words.tight) {
      const at = flat.indexOf(phrase);
      const ends =
        at >= 0 && /[\p{L}\p{N}]/u.test(flat[at + phrase.length] || "") && /[a-z0-9]$/.test(phrase);
      // "đã kết nối EMC2" is another word, but lost white space may join the next: look at the text.
      if (at < 0 || (ends && !endsThere(text, phrase))) continue;
      return { phrase, extra: flat.length - phrase.length };
    }
    return null;
  };
  const endsThere = (text, phrase) => {
    const letters = [...phrase].map((letter) => letter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s*");
    return new RegExp(`${letters}(?![a-z0-9])`, "u").test(lib.foldLabel(text));
  };

  /** Text below an element without scripts and styles, bounded; `gaps` puts blanks between text nodes. */
  lib.textBelow = (el, max, gaps) => {
    let text = "";
    let steps = 0;
    const stack = [dom.drawnChildren(el).reverse()];
    while (stack.length && text.length < max && steps < 4000) {
      const list = stack[stack.length - 1];
      const node = list.pop();
      steps += 1;
      if (!node) {
        stack.pop();
        continue;
      }
      const type = dom.nodeType(node);
      if (type === 3) text += (gaps && text ? " " : "") + node.data;
      else if (type === 1 && !/^(script|style|noscript|template|textarea|select)$/.test(dom.tag(node))) {
        stack.push([...dom.drawnChildren(node)].reverse());
      }
    }
    return text.slice(0, max);
  };
  /** The words as the report shows them: joined so that they read as one of the phrases, where they do. */
  lib.readable = (words, el) => {
    for (const gaps of [false, true]) {
      const text = lib.squeeze(lib.textBelow(el, 600, gaps));
      const folded = lib.foldLabel(text);
      if (words.phrases.some((phrase) => folded.includes(phrase)))
        return text.replace(/\u00f0/g, "đ").replace(/\u00d0/g, "Đ");
    }
    const hit = lib.wordsIn(words, lib.textBelow(el, 2000, true));
    const index = hit ? words.tight.indexOf(hit.phrase) : -1;
    return index >= 0 ? words.phrases[index] : lib.squeeze(lib.textBelow(el, 600, true));
  };
})(globalThis);
