// Style rules that open something: those with :hover, :focus, :target, :checked … whose declarations
// bring back what another style hides. Read once per call and only when something hidden asks for them.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const rulesMax = 30000;
  const keptMax = 3000;
  const states = /:(hover|focus-within|focus-visible|focus|active|target-within|target|checked|open|popover-open)\b/;
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
    overflow: ["height", "max-height", "min-height", "width", "max-width", "overflow", "overflow-y", "display", "grid-template-rows"],
    position: ["left", "right", "top", "bottom", "inset", "transform", "translate", "margin-left", "margin-top", "margin-right", "position", "text-indent"],
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
  const strip = (selector) => selector.replace(stateAnywhere, (_, before) => (before === undefined ? "" : `${before}*`)).trim() || "*";
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
  const keyOf = (selector) => {
    const compounds = splitOutside(selector, " >+~").filter(Boolean);
    const last = (compounds[compounds.length - 1] || "").replace(/\([^)]*\)/g, "").replace(/\[[^\]]*\]/g, "");
    const id = /#((?:\\.|[\w\u0080-\uffff-])+)/.exec(last);
    if (id) return `#${id[1]}`;
    const name = /\.((?:\\.|[\w\u0080-\uffff-])+)/.exec(last);
    if (name) return `.${name[1]}`;
    const tag = /^([a-z][\w-]*)/i.exec(last);
    return tag ? tag[1].toLowerCase() : "*";
  };

  const keep = (index, selectorText, style) => {
    for (const part of splitOutside(selectorText, ",")) {
      const selector = part.trim();
      const state = states.exec(selector);
      if (!state || selector.length > 600 || index.kept >= keptMax) continue;
      const around = insideOf(selector, state.index);
      const negated = around.some((outer) => outer.name === "not");
      const has = around.find((outer) => outer.name === "has");
      const rule = {
        style,
        state: state[1],
        negated,
        bare: negated ? null : strip(selector),
        full: selector,
        actor: negated
          ? null
          : has
            ? strip(argument(selector, has.from))
            : strip(actedOn(selector, state.index)),
        has: Boolean(has),
      };
      // With :not(:hover) the rule hides until the state comes; it matches as it stands.
      const key = negated ? "*" : keyOf(rule.bare);
      index.kept += 1;
      if (!index.byKey.has(key)) index.byKey.set(key, []);
      index.byKey.get(key).push(rule);
    }
  };

  const readList = (index, rules, outer, depth) => {
    for (let at = 0; at < rules.length; at += 1) {
      index.seen += 1;
      if (index.seen > rulesMax || depth > 8) return;
      const rule = rules[at];
      if (rule instanceof CSSStyleRule) {
        let selector = rule.selectorText;
        if (outer) selector = selector.includes("&") ? selector.replaceAll("&", `:is(${outer})`) : `:is(${outer}) ${selector}`;
        if (states.test(selector) && touches(rule.style)) keep(index, selector, rule.style);
        for (const name of firm) {
          const value = rule.style.getPropertyPriority(name) ? rule.style.getPropertyValue(name) : "";
          if (value && shut[name].test(value) && index.firm.length < 2000) index.firm.push({ selector, name });
        }
        const content = rule.style.content;
        if (content && content.length > 3 && /::?(before|after)/.test(selector)) index.contents.push({ selector, content });
        if (rule.cssRules.length) readList(index, rule.cssRules, selector, depth + 1);
      } else if (rule instanceof CSSMediaRule) {
        if (root.matchMedia(rule.media.mediaText).matches) readList(index, rule.cssRules, outer, depth + 1);
      } else if (rule instanceof CSSImportRule) {
        readSheet(index, rule.styleSheet, depth + 1);
      } else if (rule instanceof CSSNestedDeclarations) {
        if (outer && states.test(outer) && touches(rule.style)) keep(index, outer, rule.style);
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
    const index = { byKey: new Map(), contents: [], firm: [], unreadable: 0, seen: 0, kept: 0 };
    cx.rules = index;
    for (const scope of dom.roots(cx)) {
      for (const sheet of [...scope.styleSheets, ...(scope.adoptedStyleSheets || [])]) readSheet(index, sheet, 0);
    }
    if (index.seen > rulesMax) cx.truncated.add("style rules");
    return index;
  };

  const keysOf = (el) => {
    const keys = ["*", dom.tag(el)];
    const id = dom.attr(el, "id");
    if (id) keys.push(`#${CSS.escape(id)}`);
    for (const name of dom.attr(el, "class").split(/\s+/).slice(0, 20)) if (name) keys.push(`.${CSS.escape(name)}`);
    return keys;
  };
  /** Whether a declaration marked important hides it, which no ordinary rule undoes. */
  const firmly = (index, hider) => {
    const inline = dom.inlineStyle(hider.el);
    if (inline && inline.getPropertyPriority(hider.property)) return "inline";
    return index.firm.some((one) => one.name === hider.property && dom.is(hider.el, one.selector)) ? "sheet" : "";
  };
  const important = (style, property) => (openers[property] || []).some((name) => style.getPropertyPriority(name) !== "");
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
        } else if (undoes(rule.style, hider.property) && (!held || important(rule.style, hider.property)) && dom.is(hider.el, rule.bare)) {
          found.push(rule);
        }
      }
    }
    return found;
  };
})(globalThis);
