// The line of text that a label stands in, as it is drawn: between line breaks and the edges of boxes. In a
// footer the sentence of it; elsewhere all of it, because a title or a paragraph is about something.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const nodesMax = 400;
  const blocks = /^(block|flex|grid|table|table-cell|table-row|table-caption|list-item|flow-root)$/;
  const unread = /^(script|style|noscript|template|textarea|select)$/;
  /** Drawn as a box of its own in its line: a button, a plate, a line that runs. */
  const isBox = (cx, el) => {
    if (/^(marquee|button)$/.test(dom.tag(el))) return true;
    const { style } = lib.fact(cx, el);
    const edged = parseFloat(style.borderLeftWidth) > 0 || !/^(transparent|rgba\(.*, 0\))$/.test(style.backgroundColor);
    return edged && parseFloat(style.paddingLeft) >= 2;
  };
  const breaks = (cx, node) =>
    dom.nodeType(node) === 1 &&
    (/^(br|hr)$/.test(dom.tag(node)) || blocks.test(lib.fact(cx, node).display) || isBox(cx, node));

  /** Text of a node with a new line where one is drawn. */
  const flat = (cx, node, left) => {
    const type = dom.nodeType(node);
    if (type === 3) return node.data.replace(/\s+/g, " ");
    if (type !== 1 || unread.test(dom.tag(node)) || (left.nodes -= 1) < 0) return "";
    if (/^(br|hr)$/.test(dom.tag(node))) return "\n";
    const inner = dom.drawnChildren(node).map((child) => flat(cx, child, left));
    return breaks(cx, node) ? `\n${inner.join("")}\n` : inner.join("");
  };
  const linesOf = (cx, nodes) => {
    const left = { nodes: nodesMax };
    const text = nodes.map((node) => flat(cx, node, left)).join("");
    return left.nodes < 0 ? [] : text.split("\n").map(lib.squeeze);
  };
  /** What stands in one line with an element: itself if it is a block, else its neighbours up to the next break. */
  const runAround = (cx, start) => {
    let at = start;
    for (let above = dom.above(at), steps = 0; steps < 12; above = dom.above(at), steps += 1) {
      if (breaks(cx, at) || !above) return { at, nodes: [at] };
      if (breaks(cx, above) || /^(body|html)$/.test(dom.tag(above))) break;
      at = above;
    }
    const list = [...dom.drawnChildren(dom.above(at) || at)];
    const index = list.indexOf(at);
    if (index < 0) return { at, nodes: [at] };
    let from = index;
    let to = index;
    while (from > 0 && index - from < 40 && !breaks(cx, list[from - 1])) from -= 1;
    while (to + 1 < list.length && to - index < 40 && !breaks(cx, list[to + 1])) to += 1;
    return { at: list[from], nodes: list.slice(from, to + 1) };
  };
  /** The last line with text before a node, in its block or the blocks around it. */
  const lineBefore = (cx, first) => {
    let at = first;
    for (let steps = 0; at && steps < 3; steps += 1) {
      const above = dom.nodeType(at) === 1 ? dom.above(at) : dom.parentNode(at);
      if (!above || dom.nodeType(above) !== 1) return "";
      const list = [...dom.drawnChildren(above)];
      const before = list.slice(0, Math.max(list.indexOf(at), 0)).slice(-20);
      const lines = before.length ? linesOf(cx, before).filter(Boolean) : [];
      if (lines.length) return lines[lines.length - 1];
      at = above;
    }
    return "";
  };

  const sentences = /(?<=[.;!?])\s+|[|•·]|\s[-–—]\s/u;
  /**
   * `{sentence, before}`: the line, or in a footer the sentence, with the badge's words, and the line before it.
   * The sentence is empty where its words cannot be read in order.
   */
  lib.sayingOf = (cx, words, start, cut) => {
    const { at, nodes } = runAround(cx, start);
    const lines = linesOf(cx, nodes);
    const index = lines.findIndex((line) => lib.wordsIn(words, line));
    const whole = index >= 0 ? lines[index] : lib.squeeze(lines.join(" "));
    const pieces = cut ? whole.split(sentences) : [];
    const sentence = pieces.find((piece) => lib.wordsIn(words, piece)) || whole;
    const folded = lib.foldLabel(sentence);
    const reads = words.phrases.some((phrase) => folded.includes(phrase));
    const above = index > 0 ? lines.slice(0, index).filter(Boolean).pop() : "";
    return {
      sentence: reads ? sentence.replace(/\u00f0/g, "đ").replace(/\u00d0/g, "Đ") : "",
      before: above || lineBefore(cx, at),
    };
  };
})(globalThis);
