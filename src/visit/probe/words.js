// The badge's words, compared as people read them: NFC, any case, white space folded or lost between
// child elements.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const tight = (text) => lib.fold(text).replace(/ /g, "");
  const plainWord = /^[a-z0-9]{3,}$/;
  /**
   * A cheap test for texts that may hold a phrase: the last plain word of each, or the last accented word
   * that all have in common, which is there when markup splits the plain one.
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
      // A plain word in the midst of a long name is in half of all texts: the common one tells more.
      if (plain && (plain === end || !last)) pieces.add(plain);
      else if (!last) return null;
    }
    if (last) pieces.add(last).add(last.normalize("NFD"));
    return pieces.size
      ? new RegExp([...pieces].map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "iu")
      : null;
  };

  /** The words of the settings, prepared once per call. */
  lib.badgeWords = (cx, emc) => {
    if (cx.words) return cx.words;
    const phrases = (emc.badge_words || []).map(lib.fold).filter(Boolean);
    cx.words = {
      phrases,
      tight: phrases.map((phrase) => phrase.replace(/ /g, "")),
      quick: quickTest(phrases),
    };
    return cx.words;
  };
  lib.mayHoldWords = (words, text) => !words.quick || words.quick.test(text);
  /** `{phrase, extra}`: the longest phrase in a text and the number of its other characters; or null. */
  lib.wordsIn = (words, text) => {
    if (!text || !lib.mayHoldWords(words, text)) return null;
    const flat = tight(text);
    let best = null;
    for (const phrase of words.tight) {
      const at = flat.indexOf(phrase);
      const ends =
        at >= 0 && /[\p{L}\p{N}]/u.test(flat[at + phrase.length] || "") && /[a-z0-9]$/.test(phrase);
      // "đã kết nối EMC2" is another word, but lost white space may join the next: look at the text.
      if (at < 0 || (ends && !endsThere(text, phrase))) continue;
      if (!best || phrase.length > best.length) best = phrase;
    }
    return best === null ? null : { phrase: best, extra: flat.length - best.length };
  };
  const endsThere = (text, phrase) => {
    const letters = [...phrase].map((letter) => letter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s*");
    return new RegExp(`${letters}(?![a-z0-9])`, "u").test(lib.fold(text));
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
      const folded = lib.fold(text);
      if (words.phrases.some((phrase) => folded.includes(phrase)))
        return text.replace(/\u00f0/g, "đ").replace(/\u00d0/g, "Đ");
    }
    const hit = lib.wordsIn(words, lib.textBelow(el, 2000, true));
    const index = hit ? words.tight.indexOf(hit.phrase) : -1;
    return index >= 0 ? words.phrases[index] : lib.squeeze(lib.textBelow(el, 600, true));
  };
})(globalThis);
