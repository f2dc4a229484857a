// Candidates for the EMC badge: the injected widget and hand-made labels; what only suggests it is in suggest.js.
// One badge gives one candidate, the outermost element that is still just the badge.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const candidatesMax = 24;
  const priority = { injected: 0, text: 1, svg: 1, attribute: 2, background: 2, suggested: 3 };
  const skipped = /^(script|style|noscript|template|textarea|title|head|meta|link|option|html|body)$/;
  const landmark =
    /^(html|body|header|footer|main|aside|nav|section|article|table|tbody|tr|td|form|ul|ol|iframe)$/;

  const inSvg = (el) => dom.space(el) === "http://www.w3.org/2000/svg";
  const isSkipped = (el) => skipped.test(dom.tag(el)) && !inSvg(el);
  const boxArea = (cx, el) => lib.area(lib.drawnBox(cx, el));
  const tight = (text) => lib.fold(text).replace(/ /g, "");
  const textLength = (el) => tight(lib.textBelow(el, 900, false)).length;
  /** Climbs from the element that holds the words to the outermost one that is still just the badge. */
  const outermost = (cx, el) => {
    let at = el;
    const length = textLength(el);
    for (let steps = 0; steps < 6; steps += 1) {
      const above = dom.above(at);
      if (!above || landmark.test(dom.tag(above)) || textLength(above) > length) break;
      // What hides only the words must not be lost by taking in what stands beside them.
      if (lib.fact(cx, at).hiders !== lib.fact(cx, above).hiders || lib.textHider(cx, at)) break;
      if (dom.all(above, "img,svg,input,button,video,iframe,select").length > 3) break;
      const inner = boxArea(cx, at);
      const outer = boxArea(cx, above);
      if (inner <= 0 ? outer > 0 : outer > inner * 2.5 + 1500) break;
      at = above;
    }
    return at;
  };

  lib.outermost = outermost;
  lib.isSkipped = isSkipped;
  lib.tightLength = textLength;

  // --- the injected widget -------------------------------------------------------------------------

  /** Prefixes of the widget's own class names (`yhy-`), so that a renamed part is still known. */
  const widgetPrefixes = (emc) => {
    const found = new Set();
    for (const selector of emc.badge_selectors || []) {
      for (const hit of selector.matchAll(/\.([a-z0-9]{3,})-/gi)) found.add(hit[1].toLowerCase());
    }
    return [...found].map((prefix) => new RegExp(`(^|\\s)${prefix}-`, "i"));
  };
  const ofWidget = (prefixes, el) => {
    for (let at = el, steps = 0; at && steps < 4; at = dom.above(at), steps += 1) {
      if (prefixes.some((prefix) => prefix.test(lib.names(at)))) return true;
    }
    return false;
  };
  const injected = (cx, emc, found) => {
    for (const selector of emc.badge_selectors || []) {
      for (const el of dom.everywhere(cx, selector, 10)) {
        if (isSkipped(el)) continue;
        found.push({
          el,
          kind: "injected",
          words: lib.cut(lib.textBelow(el, 400, true), 200) || dom.attr(el, "title"),
          extra: 0,
        });
      }
    }
  };

  // --- words ---------------------------------------------------------------------------------------

  const climbToWords = (words, start) => {
    let at = start;
    for (let steps = 0; at && steps < 8 && !isSkipped(at); steps += 1) {
      const text = lib.textBelow(at, 2400, false);
      const hit = lib.wordsIn(words, text);
      if (hit) return { el: at, hit };
      if (text.length > 1200) return null;
      at = dom.above(at);
    }
    return null;
  };
  const byText = (cx, words, found) => {
    const seen = new Set();
    const starts = [];
    let nodes = 0;
    for (const scope of dom.roots(cx)) {
      const walker = Document.prototype.createTreeWalker.call(dom.doc, scope, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node && starts.length < 120; node = walker.nextNode()) {
        nodes += 1;
        if (nodes > 200000) break;
        if (node.data.length > 20000 || !lib.mayHoldWords(words, node.data)) continue;
        const parent = dom.parentNode(node);
        if (!parent || dom.nodeType(parent) !== 1 || isSkipped(parent)) continue;
        const smallest = climbToWords(words, parent);
        if (!smallest || seen.has(smallest.el)) continue;
        seen.add(smallest.el);
        starts.push(smallest);
      }
    }
    // A text node that only shares a word climbs to a block around the real one: the innermost counts.
    for (const { el, hit } of starts) {
      if (!starts.some((other) => other.el !== el && dom.holds(el, other.el)))
        found.push(fromWords(cx, words, el, hit));
    }
  };
  const fromWords = (cx, words, start, hit) => {
    let el = hit.extra <= 60 ? outermost(cx, start) : start;
    let kind = "text";
    if (inSvg(el) || inSvg(start)) {
      const svg = dom.closest(start, "svg");
      kind = "svg";
      if (svg && hit.extra <= 40) el = outermost(cx, textLength(svg) <= hit.phrase.length + 40 ? svg : start);
    } else if (lib.hasBackground(cx, el) && textIsAway(cx, start)) kind = "background";
    return { el, kind, words: lib.cut(lib.readable(words, start), 300), extra: hit.extra, start };
  };
  const textIsAway = (cx, el) => {
    const style = lib.fact(cx, el).style;
    return (
      parseFloat(style.textIndent) <= -500 ||
      parseFloat(style.fontSize) < 0.5 ||
      style.color === "rgba(0, 0, 0, 0)"
    );
  };

  const attributes = ["alt", "title", "aria-label", "value", "data-original-title", "data-bs-original-title"];
  const byAttribute = (cx, words, found) => {
    for (const el of dom.everywhere(
      cx,
      "[alt],[title],[aria-label],input[value],[data-original-title],[data-bs-original-title]",
      20000,
    )) {
      if (isSkipped(el)) continue;
      for (const name of attributes) {
        const value = dom.attr(el, name);
        if (!value || value.length > 2000 || !lib.mayHoldWords(words, value)) continue;
        if (name === "value" && !isWritten(el)) continue;
        const hit = lib.wordsIn(words, value);
        const picture = hit && dom.tag(el) === "area" && lib.pictureOfArea(el);
        if (picture)
          found.push({ el: picture, kind: "suggested", words: lib.cut(value, 300), extra: 0, start: picture });
        const made = hit && fromAttribute(cx, words, el, name, value, hit);
        if (!made) continue;
        found.push(made);
        break;
      }
      if (found.length > 160) return;
    }
  };
  /** A value that the page shows; what is in a box to write in is the visitor's. */
  const isWritten = (el) => {
    const type = dom.attr(el, "type").toLowerCase();
    const shut = /^(text|)$/.test(type) && dom.is(el, "[readonly],[disabled]");
    return /^(button|submit|reset|image)$/.test(type) || shut;
  };
  /** Words in an attribute count where something is drawn for them, not as a hint on other text. */
  const fromAttribute = (cx, words, el, name, value, hit) => {
    const text = lib.textBelow(el, 600, true).trim();
    const drawn = lib.hasPicture(cx, el) || dom.tag(el) === "input" || inSvg(el);
    if (text && !lib.wordsIn(words, text) && !(drawn && text.length <= 40)) return null;
    if (!text && !drawn) return null;
    const kind =
      name === "value" ? "text" : inSvg(el) ? "svg" : isBackground(cx, el) ? "background" : "attribute";
    return { el: outermost(cx, el), kind, words: lib.cut(value, 300), extra: hit.extra, start: el };
  };
  const isBackground = (cx, el) =>
    !dom.is(el, "img,input,svg,object,embed") &&
    !dom.all(el, "img,svg,canvas,object").length &&
    lib.hasPicture(cx, el);

  /** Words that a style rule writes before or after an element. */
  const byContent = (cx, words, found) => {
    for (const { selector, content } of lib.rules(cx).contents) {
      if (!lib.wordsIn(words, content)) continue;
      for (const part of lib.splitOutside(selector, ",")) {
        const pseudo = /::?(before|after)/.exec(part);
        if (!pseudo) continue;
        for (const el of dom.everywhere(cx, part.replace(/::?(before|after)/g, "").trim() || "*", 3)) {
          if (getComputedStyle(el, `::${pseudo[1]}`).content !== content) continue;
          found.push({
            el,
            kind: "text",
            words: lib.cut(content.replace(/^["']|["']$/g, ""), 300),
            extra: 0,
            start: el,
          });
        }
      }
    }
  };

  // --- all of them ---------------------------------------------------------------------------------

  const merge = (cx, found) => {
    const kept = [];
    const ordered = found
      .map((one, index) => ({ ...one, index }))
      .sort((one, other) => priority[one.kind] - priority[other.kind] || one.index - other.index);
    for (const one of ordered) {
      const near = kept.find((other) => dom.holds(other.el, one.el) || dom.holds(one.el, other.el));
      if (!near) {
        kept.push(one);
        continue;
      }
      // Same badge found twice: the outer element stands for it, if it is not much more than the badge.
      const outer = dom.holds(one.el, near.el) && one.el !== near.el;
      if (
        outer &&
        near.kind !== "injected" &&
        boxArea(cx, one.el) <= boxArea(cx, near.el) * 3 + 1500 &&
        !landmark.test(dom.tag(one.el))
      )
        near.el = one.el;
    }
    return kept.slice(0, candidatesMax);
  };
  /** Elements that may be the badge, without their looks; `cheap` leaves out what takes a whole pass. */
  lib.badgeElements = (cx, emc, cheap) => {
    const words = lib.badgeWords(cx, emc);
    const found = [];
    lib.part(cx, "badges: injected", null, () => injected(cx, emc, found));
    lib.part(cx, "badges: text", null, () => byText(cx, words, found));
    lib.part(cx, "badges: attributes", null, () => byAttribute(cx, words, found));
    if (!cheap) {
      lib.part(cx, "badges: content", null, () => byContent(cx, words, found));
      lib.part(cx, "badges: pictures", null, () => lib.suggestedPictures(cx, emc, found));
      lib.part(cx, "badges: sayings", null, () => lib.suggestedWords(cx, emc, words, found));
    }
    if (found.length > candidatesMax) cx.truncated.add("badges");
    const prefixes = widgetPrefixes(emc);
    for (const one of found)
      if (one.kind !== "suggested" && one.extra <= 40 && ofWidget(prefixes, one.el)) one.kind = "injected";
    return merge(cx, found);
  };

  /** Candidates as `BadgeCandidate`, without `frame`, `looks` and `mobile`. */
  lib.badges = (cx, emc) => {
    const made = [];
    for (const one of lib.badgeElements(cx, emc)) {
      if (lib.late(cx, "badges")) break;
      const built = lib.part(cx, "badge", null, () => {
        const look = lib.look(cx, one.el, false);
        const placement = lib.placement(cx, one.el, one.kind === "injected" ? 0 : one.extra);
        // Words that only suggest it count where labels stand.
        if (one.kind === "suggested" && (placement.in_news || (one.saying && !placement.in_frame_area))) return null;
        return {
          kind: one.kind,
          selector: dom.selector(one.el),
          words: one.words || "",
          markup: dom.outerHtml(one.el).slice(0, 600),
          placement,
          rect: look.rect,
          clipped: look.clipped,
          opacity: look.opacity,
          hidden_by: look.hidden_by,
          off_screen: look.off_screen,
          hit_test: look.hit_test,
        };
      });
      if (built) made.push(built);
    }
    return made;
  };
})(globalThis);
