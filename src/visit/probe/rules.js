// Style rules that open something: those with :hover, :focus, :target, :checked … or with a class that a
// script adds (`.show`), whose declarations bring back what another style hides. Read once per call.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const rulesMax = 30000;
  const keptMax = 3000;
  const states =
    /:(hover|focus-within|focus-visible|focus|active|target-within|target|checked|open|popover-open)\b/;
  const openers = {
    display: ["display"],
    visibility: ["visibility"],
    opacity: ["opacity"],
    filter: ["filter"],
    transform: ["transform", "scale", "translate"],
    scale: ["scale", "transform"],
    "clip-path": ["clip-path"],
    clip: ["clip", "clip-path", "position"],
    "content-visibility": ["content-visibility"],
    overflow: [
      "height",
      "max-height",
      "min-height",
      "width",
      "max-width",
      "overflow",
      "overflow-y",
      "display",
      "grid-template-rows",
    ],
    position: [
      "left",
      "right",
      "top",
      "bottom",
      "inset",
      "transform",
      "translate",
      "margin-left",
      "margin-top",
      "margin-right",
      "position",
      "text-indent",
    ],
    "font-size": ["font-size"],
    "text-indent": ["text-indent"],
  };
  const shut = {
    display: /^none$/,
    visibility: /^(hidden|collapse)$/,
    opacity: /^0(\.0+)?%?$/,
    "max-height": /^0(px|%|em|rem)?$/,
    height: /^0(px|%|em|rem)?$/,
    overflow: /^hidden$/,
    "overflow-y": /^hidden$/,
    scale: /^0$/,
    transform: /scale[XY]?\(0\)/,
    "content-visibility": /^hidden$/,
    "font-size": /^0/,
    clip: /^rect\(0/,
  };
  /** Whether a rule's declarations undo a hiding property. */
  const undoes = (style, property) => {
    for (const name of openers[property] || []) {
      const value = style.getPropertyValue(name);
      if (value && !(shut[name] && shut[name].test(value))) return true;
    }
    return false;
  };
  const relevant = [...new Set(Object.values(openers).flat())];
  const firm = ["display", "visibility", "opacity"];
  const touches = (style) => relevant.some((name) => style.getPropertyValue(name) !== "");

  /** Splits at a separator that stands outside brackets and quotes. */
  const splitOutside = (text, separators) => {
    const parts = [];
    let depth = 0;
    let quote = "";
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const c = text[at];
      if (c === "\\") at += 1;
      else if (quote) quote = c === quote ? "" : quote;
      else if (c === '"' || c === "'") quote = c;
      else if (c === "(" || c === "[") depth += 1;
      else if (c === ")" || c === "]") depth -= 1;
      else if (depth === 0 && separators.includes(c)) {
        parts.push(text.slice(from, at));
        from = at + 1;
      }
    }
    parts.push(text.slice(from));
    return parts;
  };
  lib.splitOutside = splitOutside;

  const stateAnywhere = new RegExp(`(^|[\\s>+~(,])?${states.source}`, "g");
  /** The selector as it stands when the state has come; a compound that was only a state becomes `*`. */
  const strip = (selector) =>
    selector.replace(stateAnywhere, (_, before) => (before === undefined ? "" : `${before}*`)).trim() || "*";
  /** Where the compound that carries the state ends: the part of the selector a visitor acts upon. */
  const actedOn = (selector, from) => {
    let depth = 0;
    for (let at = 0; at < selector.length; at += 1) {
      const c = selector[at];
      if (c === "(" || c === "[") depth += 1;
      else if (c === ")" || c === "]") depth -= 1;
      else if (at > from && depth <= 0 && /[\s>+~]/.test(c)) return selector.slice(0, at);
    }
    return selector;
  };
  const insideOf = (selector, from) => {
    const before = selector.slice(0, from);
    const opened = [...before.matchAll(/:(not|has|is|where)\(/g)].filter((found) => {
      let depth = 1;
      for (let at = found.index + found[0].length; at < from; at += 1) {
        if (selector[at] === "(") depth += 1;
        if (selector[at] === ")") depth -= 1;
        if (depth === 0) return false;
      }
      return true;
    });
    return opened.map((found) => ({ name: found[1], from: found.index + found[0].length }));
  };

  const argument = (selector, from) => {
    let depth = 1;
    for (let at = from; at < selector.length; at += 1) {
      if (selector[at] === "(") depth += 1;
      if (selector[at] === ")") depth -= 1;
      if (depth === 0) return selector.slice(from, at);
    }
    return selector.slice(from);
  };
  const stateClass = lib.pattern(String.raw`
        \.((?:is-|has-|js-|menu-|nav-|sub-)?(?:show|shown|showing|open|opened|opening|active|actived|
        activated|in|on|expanded|expand|visible|current|selected|hover|sfhover|toggled|visibled|display|
        block|hien|mo)|[\w-]+(?:--?|__)(?:open|opened|active|show|shown|visible|expanded)|(?:open|
        active|show|visible)-[\w-]+)(?![\w-])|\[(?:aria-expanded|data-state|data-open|data-show)[^\]]*\]`);
  /** The class of a selector that scripts may add: one named like a state, or one that scripts mention. */
  const addedClass = (index, selector) => {
    const named = stateClass.exec(selector);
    if (named) return { text: named[0], at: named.index, word: named[1] || "" };
    if (!index.scriptWords) return null;
    for (const found of selector.matchAll(/\.([\w-]{2,40})/g)) {
      if (index.scriptWords.has(found[1])) return { text: found[0], at: found.index, word: found[1] };
    }
    return null;
  };
  const keepClass = (index, selector, style) => {
    const added = selector.length <= 600 && index.kept < keptMax ? addedClass(index, selector) : null;
    if (!added) return;
    const before = selector.slice(0, added.at);
    const after = selector.slice(added.at + added.text.length);
    const body = /(^|[\s>+~(,])$/.test(before) ? "*" : "";
    const bare = (before + body + after).trim();
    const rule = {
      style,
      state: "class",
      word: added.word,
      at: added.at,
      negated: false,
      full: selector,
      bare,
      has: undefined,
    };
    rule.actor = actedOn(before + body + after, before.length + body.length - 1).trim() || "*";
    index.kept += 1;
    const key = keyOf(bare);
    if (!index.byKey.has(key)) index.byKey.set(key, []);
    index.byKey.get(key).push(rule);
  };

  /** The id, class or tag of the last compound, by which rules are looked up; `*` where it has none. */
  const keyOf = (selector) => {
    const last = /[^\s>+~]*$/.exec(selector)[0];
    if (/[()[\]]/.test(last)) return "*";
    const found = /#((?:\\.|[\w\u0080-\uffff-])+)/.exec(last) || /\.((?:\\.|[\w\u0080-\uffff-])+)/.exec(last);
    if (found) return found[0];
    const tag = /^([a-z][\w-]*)/i.exec(last);
    return tag ? tag[1].toLowerCase() : "*";
  };

  const keep = (index, selectorText, style) => {
    for (const part of splitOutside(selectorText, ",")) {
      const selector = part.trim();
      const state = states.exec(selector);
      if (!state) keepClass(index, selector, style);
      if (!state || selector.length > 600 || index.kept >= keptMax) continue;
      const around = selector.includes("(") ? insideOf(selector, state.index) : [];
      const negated = around.some((outer) => outer.name === "not");
      const has = around.find((outer) => outer.name === "has");
      const rule = {
        style,
        state: state[1],
        at: state.index,
        negated,
        full: selector,
        bare: negated ? null : strip(selector),
        has,
      };
      // With :not(:hover) the rule hides until the state comes; it matches as it stands.
      const key = negated ? "*" : keyOf(rule.bare);
      index.kept += 1;
      if (!index.byKey.has(key)) index.byKey.set(key, []);
      index.byKey.get(key).push(rule);
    }
  };

  const mayOpen = (index, selector) =>
    states.test(selector) ||
    stateClass.test(selector) ||
    (index.scriptWords !== null && addedClass(index, selector) !== null);
  const readList = (index, rules, outer, depth) => {
    for (let at = 0; at < rules.length; at += 1) {
      index.seen += 1;
      if (index.seen > rulesMax || depth > 8) return;
      const rule = rules[at];
      if (rule instanceof CSSStyleRule) {
        let selector = rule.selectorText;
        if (outer)
          selector = selector.includes("&")
            ? selector.replaceAll("&", `:is(${outer})`)
            : `:is(${outer}) ${selector}`;
        if (mayOpen(index, selector) && touches(rule.style)) keep(index, selector, rule.style);
        for (const name of firm) {
          const value = rule.style.getPropertyPriority(name) ? rule.style.getPropertyValue(name) : "";
          if (value && shut[name].test(value) && index.firm.length < 2000)
            index.firm.push({ selector, name });
        }
        const content = rule.style.content;
        if (content && content.length > 3 && /::?(before|after)/.test(selector))
          index.contents.push({ selector, content });
        if (rule.cssRules.length) readList(index, rule.cssRules, selector, depth + 1);
      } else if (rule instanceof CSSMediaRule) {
        if (root.matchMedia(rule.media.mediaText).matches) readList(index, rule.cssRules, outer, depth + 1);
      } else if (rule instanceof CSSImportRule) {
        readSheet(index, rule.styleSheet, depth + 1);
      } else if (rule instanceof CSSNestedDeclarations) {
        if (outer && mayOpen(index, outer) && touches(rule.style)) keep(index, outer, rule.style);
      } else if (rule.cssRules) {
        readList(index, rule.cssRules, outer, depth + 1);
      }
    }
  };
  const readSheet = (index, sheet, depth) => {
    if (!sheet || sheet.disabled) return;
    try {
      if (sheet.media.mediaText && !root.matchMedia(sheet.media.mediaText).matches) return;
      readList(index, sheet.cssRules, null, depth);
    } catch {
      index.unreadable += 1;
    }
  };

  /** The opening rules of the document and its shadow roots. */
  lib.rules = (cx) => {
    if (cx.rules) return cx.rules;
    const index = {
      byKey: new Map(),
      contents: [],
      firm: [],
      scriptWords: lib.scriptWords(cx),
      unreadable: 0,
      seen: 0,
      kept: 0,
    };
    cx.rules = index;
    for (const scope of dom.roots(cx)) {
      for (const sheet of [...scope.styleSheets, ...(scope.adoptedStyleSheets || [])])
        readSheet(index, sheet, 0);
    }
    if (index.seen > rulesMax) cx.truncated.add("style rules");
    return index;
  };

  const keysOf = (el) => {
    const keys = ["*", dom.tag(el)];
    const id = dom.attr(el, "id");
    if (id) keys.push(`#${CSS.escape(id)}`);
    for (const name of dom.attr(el, "class").split(/\s+/).slice(0, 20))
      if (name) keys.push(`.${CSS.escape(name)}`);
    return keys;
  };
  /** Whether a declaration marked important hides it, which no ordinary rule undoes. */
  const firmly = (index, hider) => {
    const inline = dom.inlineStyle(hider.el);
    if (inline && inline.getPropertyPriority(hider.property)) return "inline";
    return index.firm.some((one) => one.name === hider.property && dom.is(hider.el, one.selector))
      ? "sheet"
      : "";
  };
  const important = (style, property) =>
    (openers[property] || []).some((name) => style.getPropertyPriority(name) !== "");
  /** The selector of what a visitor acts upon to bring the rule's state about. */
  lib.actorOf = (rule) => {
    rule.actor =
      rule.actor || strip(rule.has ? argument(rule.full, rule.has.from) : actedOn(rule.full, rule.at));
    return rule.actor;
  };
  /** Rules that would undo a hider if a state came to pass, at most 40. */
  lib.openingRules = (cx, hider) => {
    const index = lib.rules(cx);
    const found = [];
    const held = firmly(index, hider);
    if (held === "inline") return found;
    for (const key of keysOf(hider.el)) {
      for (const rule of index.byKey.get(key) || []) {
        if (found.length >= 40) return found;
        if (rule.negated) {
          const shuts = [...(openers[hider.property] || [])].some((name) => {
            const value = rule.style.getPropertyValue(name);
            return value && shut[name] && shut[name].test(value);
          });
          if (shuts && dom.is(hider.el, rule.full)) found.push(rule);
        } else if (
          undoes(rule.style, hider.property) &&
          (!held || important(rule.style, hider.property)) &&
          dom.is(hider.el, rule.bare)
        ) {
          found.push(rule);
        }
      }
    }
    return found;
  };
})(globalThis);
