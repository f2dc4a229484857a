// Which declaration gives an element the style that hides it, so that whoever mends the page finds it.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const rulesMax = 30000;
  /** Properties that may stand for another one in a style sheet. */
  const names = {
    height: ["height", "max-height"],
    width: ["width", "max-width"],
    overflow: ["overflow", "overflow-x", "overflow-y"],
    "clip-path": ["clip-path"],
  };
  /** Values that say the same as the computed one; any declaration counts for other properties. */
  const exact = /^(display|visibility|content-visibility)$/;

  const declaration = (style, property, value) => {
    for (const name of names[property] || [property]) {
      const written = style.getPropertyValue(name);
      if (!written || (exact.test(property) && written !== value)) continue;
      const important = style.getPropertyPriority(name) ? " !important" : "";
      return { text: `${name}: ${written}${important}`, important: important !== "" };
    }
    return null;
  };
  const made = (place, selector, text, media, sheet) => ({
    place,
    selector: lib.cut(selector, 400),
    declaration: lib.cut(text, 200),
    media: media ? lib.cut(media, 200) : null,
    sheet: sheet ? lib.cut(sheet, 1000) : null,
  });

  /** The declaration in style sheets: an important one, else the last that matches. */
  const inSheets = (el, property, value) => {
    let best = null;
    let seen = 0;
    const read = (rules, media, href, depth) => {
      for (let at = 0; at < rules.length && depth < 8; at += 1) {
        seen += 1;
        if (seen > rulesMax) return;
        const rule = rules[at];
        if (rule instanceof CSSStyleRule) {
          const found = declaration(rule.style, property, value);
          if (found && (found.important || !best || !best.important) && dom.is(el, rule.selectorText)) {
            const place = href ? "sheet" : "document";
            best = { ...found, rule: made(place, rule.selectorText, found.text, media, href) };
          }
        } else if (rule instanceof CSSMediaRule) {
          const text = rule.media.mediaText;
          if (root.matchMedia(text).matches) read(rule.cssRules, text, href, depth + 1);
        } else if (rule instanceof CSSImportRule) {
          readSheet(rule.styleSheet, depth + 1);
        } else if (rule.cssRules) {
          read(rule.cssRules, media, href, depth + 1);
        }
      }
    };
    const readSheet = (sheet, depth) => {
      if (!sheet || sheet.disabled) return;
      try {
        read(sheet.cssRules, null, sheet.href, depth);
      } catch {
        // A sheet of another origin cannot be read.
      }
    };
    for (const sheet of [...dom.doc.styleSheets, ...(dom.doc.adoptedStyleSheets || [])]) readSheet(sheet, 0);
    return best;
  };

  /** `StyleRule` without its line; null where no style sheet that can be read says it. */
  lib.declaredBy = (el, property, value) => {
    const inline = dom.inlineStyle(el);
    const own = inline && declaration(inline, property, value);
    const sheet = own && own.important ? null : inSheets(el, property, value);
    if (sheet && (sheet.important || !own)) return sheet.rule;
    return own ? made("attribute", "", own.text, null, null) : null;
  };
})(globalThis);
