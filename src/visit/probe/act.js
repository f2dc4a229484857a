// The few acts upon the page: hiding an element or everything around it for a picture, and putting it back
// exactly. Inline styles are set through CSSOM, which no policy of the page forbids; transitions are
// switched off with them, else the page would fade while its picture is taken.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;
  const held = root.__emcAudit.held;
  held.hidden = held.hidden || new Map();
  held.isolated = held.isolated || [];
  held.masked = held.masked || [];
  held.sheets = held.sheets || new Map();

  const visitMax = 60000;

  /** Sets `visibility: hidden` on one element and remembers its style as it was. */
  const vanish = (records, el) => {
    const style = dom.inlineStyle(el);
    if (!style) return;
    records.push({ el, raw: dom.hasAttr(el, "style") ? dom.attr(el, "style") : null, css: style.cssText });
    style.setProperty("transition", "none", "important");
    style.setProperty("visibility", "hidden", "important");
  };
  const restore = (records) => {
    for (const { el, raw, css } of records.splice(0).reverse()) {
      const style = dom.inlineStyle(el);
      style.cssText = css;
      // Reading the attribute first makes the browser write it out; else an empty one stays behind.
      if (raw === null) {
        dom.attr(el, "style");
        dom.removeAttribute(el, "style");
      }
      if (raw !== null && dom.attr(el, "style") !== raw) {
        // The text as written; a policy may refuse it, then the same declarations stay.
        dom.setAttribute(el, "style", raw);
        if (style.cssText !== css) style.cssText = css;
      }
    }
  };
  /** Hides an element with all below it, also what is `visibility: visible` by itself. */
  const vanishTree = (records, el) => {
    vanish(records, el);
    let seen = 0;
    const stack = [el];
    while (stack.length && seen < visitMax) {
      for (const child of dom.drawnChildren(stack.pop())) {
        if (dom.nodeType(child) !== 1) continue;
        seen += 1;
        if (getComputedStyle(child).visibility === "visible") vanish(records, child);
        stack.push(child);
      }
    }
    return seen + 1;
  };

  lib.expose("hide", (selector) => {
    const el = dom.find(selector);
    if (!el) return { found: false, elements: 0 };
    if (held.hidden.has(selector)) return { found: true, elements: held.hidden.get(selector).length };
    const records = [];
    held.hidden.set(selector, records);
    vanishTree(records, el);
    return { found: true, elements: records.length };
  });
  lib.expose("show", (selector) => {
    const records = held.hidden.get(selector);
    held.hidden.delete(selector);
    if (records) restore(records);
    return { found: Boolean(records) };
  });

  // --- style sheets of our own ---------------------------------------------------------------------

  lib.addSheet = (name, css) => {
    lib.removeSheet(name);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    held.sheets.set(name, sheet);
    dom.doc.adoptedStyleSheets.push(sheet);
  };
  lib.removeSheet = (name) => {
    const sheet = held.sheets.get(name);
    if (!sheet) return;
    held.sheets.delete(name);
    dom.doc.adoptedStyleSheets = dom.doc.adoptedStyleSheets.filter((one) => one !== sheet);
  };

  // --- one element alone ---------------------------------------------------------------------------

  const pseudoRules = (el) => {
    const rules = [];
    for (let at = dom.above(el), steps = 0; at && steps < 60; at = dom.above(at), steps += 1) {
      if (!(dom.rootNode(at) instanceof ShadowRoot)) rules.push(`${dom.selector(at)}::before`, `${dom.selector(at)}::after`);
    }
    return rules.length ? `${rules.join(",")} { visibility: hidden !important; transition: none !important; }` : "";
  };
  const unisolate = () => {
    restore(held.isolated);
    lib.removeSheet("isolate");
  };
  lib.expose("isolate", (selector) => {
    unisolate();
    const el = dom.find(selector);
    if (!el) return { found: false, elements: 0 };
    let seen = 0;
    for (let at = el, steps = 0; at && steps < 2000 && seen < visitMax; steps += 1) {
      const above = dom.above(at);
      if (!above) break;
      for (const child of dom.drawnChildren(above)) {
        if (child === at || dom.nodeType(child) !== 1 || /^(head|script|style)$/.test(dom.tag(child))) continue;
        seen += vanishTree(held.isolated, child);
      }
      at = above;
    }
    lib.addSheet("isolate", pseudoRules(el));
    return { found: true, elements: held.isolated.length };
  });
  lib.expose("unisolate", () => {
    const elements = held.isolated.length;
    unisolate();
    return { elements };
  });

  // --- floating buttons ----------------------------------------------------------------------------

  const floats = (cx) => {
    const found = [];
    let seen = 0;
    for (const scope of dom.roots(cx)) {
      for (const el of dom.all(scope, "*")) {
        seen += 1;
        if (seen > visitMax) break;
        if (getComputedStyle(el).position === "fixed") found.push(el);
      }
    }
    return found.filter((el) => !found.some((other) => other !== el && dom.holds(other, el) && small(other)));
  };
  /** A button, badge or hanging banner, not a bar across the page or a column of its layout. */
  const small = (el) => {
    const box = dom.box(el);
    const wide = box.width >= root.innerWidth * 0.5;
    const tall = box.height >= root.innerHeight * 0.85;
    return !wide && !tall && box.width * box.height < root.innerWidth * root.innerHeight * 0.2;
  };
  lib.expose("mask", () => {
    if (held.masked.length) return { elements: held.masked.length };
    const cx = lib.context(500);
    for (const el of floats(cx)) if (small(el)) vanishTree(held.masked, el);
    return { elements: held.masked.length };
  });
  lib.expose("unmask", () => {
    const elements = held.masked.length;
    restore(held.masked);
    return { elements };
  });

  /** Puts back everything that is hidden, isolated, masked or frozen, and scrolls to the top. */
  lib.expose("restore", () => {
    for (const selector of [...held.hidden.keys()].reverse()) root.__emcAudit.show(selector);
    unisolate();
    restore(held.masked);
    root.__emcAudit.unfreeze();
    root.scrollTo({ left: 0, top: 0, behavior: "instant" });
    return { done: true };
  });
})(globalThis);
