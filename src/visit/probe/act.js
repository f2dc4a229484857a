// The few acts upon the page: hiding an element or everything around it for a picture, and putting it back
// exactly. Inline styles are set through CSSOM, which no policy of the page forbids; transitions are
// switched off with them, else the page would fade while its picture is taken.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;
  const held = root.__emcAudit.held;
  // Each element that is hidden: its style as it was, and every act that hides it.
  held.vanished = held.vanished || new Map();
  held.sheets = held.sheets || new Map();

  const visitMax = 60000;

  /** Sets `visibility: hidden` on an element for an act; its style as it was before the first is kept. */
  const vanish = (act, el) => {
    const known = held.vanished.get(el);
    if (known) {
      known.acts.add(act);
      return;
    }
    const style = dom.inlineStyle(el);
    if (!style) return;
    const raw = dom.hasAttr(el, "style") ? dom.attr(el, "style") : null;
    held.vanished.set(el, { raw, css: style.cssText, acts: new Set([act]) });
    style.setProperty("transition", "none", "important");
    style.setProperty("visibility", "hidden", "important");
  };
  const putBack = (el, { raw, css }) => {
    const style = dom.inlineStyle(el);
    style.cssText = css;
    // Reading the attribute first makes the browser write it out; else an empty one stays behind.
    const written = dom.attr(el, "style");
    if (raw === null) dom.removeAttribute(el, "style");
    else if (written !== raw) {
      // The text as written; a policy may refuse it, then the same declarations stay.
      dom.setAttribute(el, "style", raw);
      if (style.cssText !== css) style.cssText = css;
    }
  };
  /** Ends an act: what no other act hides gets its own style back. Gives the number of its elements. */
  const restore = (act) => {
    let count = 0;
    for (const [el, entry] of [...held.vanished]) {
      if (!entry.acts.delete(act)) continue;
      count += 1;
      if (entry.acts.size) continue;
      held.vanished.delete(el);
      putBack(el, entry);
    }
    return count;
  };
  const countOf = (act) => {
    let count = 0;
    for (const entry of held.vanished.values()) if (entry.acts.has(act)) count += 1;
    return count;
  };
  /**
   * Hides elements with all below them, also what is `visibility: visible` by itself. First all writes,
   * then all reads: a style that is read after each write costs the whole page its styles each time.
   */
  const vanishTrees = (act, roots) => {
    for (const el of roots) vanish(act, el);
    const kept = [];
    let seen = 0;
    const stack = [...roots];
    while (stack.length && seen < visitMax) {
      for (const child of dom.drawnChildren(stack.pop())) {
        if (dom.nodeType(child) !== 1) continue;
        seen += 1;
        stack.push(child);
        if (getComputedStyle(child).visibility === "visible") kept.push(child);
      }
    }
    for (const el of kept) vanish(act, el);
  };

  // --- style sheets of our own ---------------------------------------------------------------------

  /** Gives a sheet to the document, or to the shadow root that it is about. */
  lib.addSheet = (name, css, scope = dom.doc) => {
    lib.removeSheet(name);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    held.sheets.set(name, { sheet, scope });
    scope.adoptedStyleSheets.push(sheet);
  };
  lib.removeSheet = (name) => {
    const known = held.sheets.get(name);
    if (!known) return;
    held.sheets.delete(name);
    const { sheet, scope } = known;
    scope.adoptedStyleSheets = scope.adoptedStyleSheets.filter((one) => one !== sheet);
  };

  // --- one element away ----------------------------------------------------------------------------

  const isGone = (el) => getComputedStyle(el).visibility !== "visible";
  /** More than any rule of the page is likely to weigh. */
  const weight = ":not(#_e):not(#_m):not(#_c):not(#_a)";
  /**
   * A style sheet hides it: scripts that watch over the styles of elements do not see that. Only what the
   * page itself declares visible as important, in the element, has its style changed.
   */
  lib.expose("hide", (selector) => {
    const el = dom.find(selector);
    if (!el) return { found: false, elements: 0 };
    const name = `hide ${selector}`;
    const inRoot = String(selector).split(" >>> ").pop();
    const hidden = "{ visibility: hidden !important; transition: none !important; }";
    const all = ["", " *", "::before", "::after", " *::before", " *::after"];
    const heavy = inRoot + weight;
    lib.addSheet(name, `${all.map((below) => heavy + below).join(",")} ${hidden}`, dom.rootNode(el));
    const left = [];
    let seen = 0;
    const stack = [el];
    while (stack.length && seen < visitMax) {
      const at = stack.pop();
      seen += 1;
      if (!isGone(at)) left.push(at);
      for (const child of dom.drawnChildren(at)) if (dom.nodeType(child) === 1) stack.push(child);
    }
    for (const one of left) vanish(name, one);
    return { found: true, elements: seen };
  });
  /** Whether an element that was hidden stayed so: a page may set its style right again. */
  lib.expose("isGone", (selector) => {
    const el = dom.find(selector);
    return { gone: Boolean(el) && isGone(el) };
  });
  lib.expose("show", (selector) => {
    lib.removeSheet(`hide ${selector}`);
    return { found: restore(`hide ${selector}`) > 0 };
  });

  // --- one element alone ---------------------------------------------------------------------------

  const pseudoRules = (el) => {
    const rules = [];
    for (let at = dom.above(el), steps = 0; at && steps < 60; at = dom.above(at), steps += 1) {
      if (!(dom.rootNode(at) instanceof ShadowRoot))
        rules.push(`${dom.selector(at)}::before`, `${dom.selector(at)}::after`);
    }
    return rules.length
      ? `${rules.join(",")} { visibility: hidden !important; transition: none !important; }`
      : "";
  };
  const unisolate = () => {
    lib.removeSheet("isolate");
    return restore("isolate");
  };
  lib.expose("isolate", (selector) => {
    unisolate();
    const el = dom.find(selector);
    if (!el) return { found: false, elements: 0 };
    const others = [];
    for (let at = el, steps = 0; at && steps < 2000; steps += 1) {
      const above = dom.above(at);
      if (!above) break;
      for (const child of dom.drawnChildren(above)) {
        if (
          child !== at &&
          dom.nodeType(child) === 1 &&
          !/^(head|script|style|link|meta)$/.test(dom.tag(child))
        )
          others.push(child);
      }
      at = above;
    }
    vanishTrees("isolate", others);
    lib.addSheet("isolate", pseudoRules(el));
    return { found: true, elements: countOf("isolate") };
  });
  lib.expose("unisolate", () => ({ elements: unisolate() }));

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
    vanishTrees("mask", floats(lib.context(500)).filter(small));
    return { elements: countOf("mask") };
  });
  lib.expose("unmask", () => ({ elements: restore("mask") }));

  /**
   * Puts back everything that is hidden, isolated, masked or frozen. Each element is forgotten before it is
   * touched: a script of the page that runs endlessly upon it is met once only.
   */
  lib.release = () => {
    for (const name of [...held.sheets.keys()]) lib.removeSheet(name);
    for (const [el, entry] of [...held.vanished]) {
      held.vanished.delete(el);
      putBack(el, entry);
    }
    root.__emcAudit.unfreeze();
  };
  lib.expose("release", () => {
    lib.release();
    return { done: true };
  });
  /** The same, and scrolls to the top. */
  lib.expose("restore", () => {
    lib.release();
    root.scrollTo({ left: 0, top: 0, behavior: "instant" });
    return { done: true };
  });
})(globalThis);
