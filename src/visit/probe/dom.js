// Ground of the in-page half of a visit. The files of this folder (all but queue.js) are joined to one
// source in the order dom, sign, style, clip, rules, scripts, open, reach, urls, opaque, links, words, lines,
// place, badge, suggest, declared, look, layout, code, page, act, motion, again, close, overlay, splash,
// collect, view, and evaluated in an isolated world of a frame.
// They make one global, `__emcAudit`; evaluating them again replaces the functions and keeps what is held.
//
// The page is hostile. Its scripts cannot reach this world's functions, but its markup can: a form with
// <input name="parentNode"> answers for its own properties, and so does the document. So every property
// of a node is read through the getter of its prototype.
(function (root) {
  "use strict";
  const own = Object.prototype.hasOwnProperty.call(root, "__emcAudit");
  const audit = own ? root.__emcAudit : (root.__emcAudit = { lib: {}, held: {} });
  const lib = audit.lib;

  const reader = (proto, name) => {
    const get = Object.getOwnPropertyDescriptor(proto, name).get;
    return (node) => get.call(node);
  };
  const caller =
    (method) =>
    (node, ...given) =>
      method.apply(node, given);

  const doc = root.document;
  const dom = {
    doc,
    nodeType: reader(Node.prototype, "nodeType"),
    parentNode: reader(Node.prototype, "parentNode"),
    firstChild: reader(Node.prototype, "firstChild"),
    nextSibling: reader(Node.prototype, "nextSibling"),
    connected: reader(Node.prototype, "isConnected"),
    textContent: reader(Node.prototype, "textContent"),
    contains: caller(Node.prototype.contains),
    rootNode: caller(Node.prototype.getRootNode),
    tag: reader(Element.prototype, "localName"),
    space: reader(Element.prototype, "namespaceURI"),
    attributes: reader(Element.prototype, "attributes"),
    slotOf: reader(Element.prototype, "assignedSlot"),
    openShadow: reader(Element.prototype, "shadowRoot"),
    firstElement: reader(Element.prototype, "firstElementChild"),
    nextElement: reader(Element.prototype, "nextElementSibling"),
    previousElement: reader(Element.prototype, "previousElementSibling"),
    clientLeft: reader(Element.prototype, "clientLeft"),
    clientTop: reader(Element.prototype, "clientTop"),
    clientWidth: reader(Element.prototype, "clientWidth"),
    clientHeight: reader(Element.prototype, "clientHeight"),
    scrollWidth: reader(Element.prototype, "scrollWidth"),
    scrollHeight: reader(Element.prototype, "scrollHeight"),
    scrollLeft: reader(Element.prototype, "scrollLeft"),
    scrollTop: reader(Element.prototype, "scrollTop"),
    outerHtml: reader(Element.prototype, "outerHTML"),
    matches: caller(Element.prototype.matches),
    closest: caller(Element.prototype.closest),
    box: caller(Element.prototype.getBoundingClientRect),
    boxes: caller(Element.prototype.getClientRects),
    scrollElement: caller(Element.prototype.scrollTo),
    inlineStyle: (el) => {
      for (const [kind, read] of styleReaders) if (el instanceof kind) return read(el);
      return null;
    },
    setAttribute: caller(Element.prototype.setAttribute),
    removeAttribute: caller(Element.prototype.removeAttribute),
    html: () => documentElement(doc),
    body: () => bodyOf(doc),
    scroller: () => scrollingElement(doc) || documentElement(doc),
  };
  const styleReaders = [HTMLElement, SVGElement, MathMLElement].map((kind) => [
    kind,
    reader(kind.prototype, "style"),
  ]);
  const documentElement = reader(Document.prototype, "documentElement");
  const bodyOf = reader(Document.prototype, "body");
  const scrollingElement = reader(Document.prototype, "scrollingElement");
  const shadowHost = reader(ShadowRoot.prototype, "host");
  const assigned = caller(HTMLSlotElement.prototype.assignedNodes);
  const getAttribute = Element.prototype.getAttribute;
  const docAll = caller(Document.prototype.querySelectorAll);
  const elementAll = caller(Element.prototype.querySelectorAll);
  const fragmentAll = caller(DocumentFragment.prototype.querySelectorAll);

  /** An attribute as text; the empty string where there is none. */
  dom.attr = (el, name) => getAttribute.call(el, name) || "";
  dom.hasAttr = (el, name) => getAttribute.call(el, name) !== null;

  /** `querySelectorAll` on a document, shadow root or element; empty for a selector that does not parse. */
  dom.all = (node, selector) => {
    try {
      const type = dom.nodeType(node);
      const all = type === 9 ? docAll : type === 11 ? fragmentAll : elementAll;
      return all(node, selector);
    } catch {
      return [];
    }
  };
  dom.is = (el, selector) => {
    try {
      return dom.matches(el, selector);
    } catch {
      return false;
    }
  };

  // Closed roots, by their hosts: only the browser can hand them over (src/browser/page/shadow.rs).
  const closed = (audit.held.closed = audit.held.closed || new WeakMap());
  /** The shadow root of an element, also a closed one that was handed over; or null. */
  dom.shadow = (el) => dom.openShadow(el) || closed.get(el) || null;
  /** From now on the closed shadow roots that these nodes stand in are looked through too. */
  audit.takeClosed = (nodes) => {
    for (const within of nodes.map((node) => dom.rootNode(node))) {
      if (within instanceof ShadowRoot) closed.set(shadowHost(within), within);
    }
  };

  /** The element above in the tree as drawn: slot, parent, or host of a shadow root. */
  dom.above = (el) => {
    const slot = dom.slotOf(el);
    if (slot) return slot;
    const parent = dom.parentNode(el);
    if (!parent) return null;
    const type = dom.nodeType(parent);
    if (type === 1) return parent;
    return type === 11 && parent instanceof ShadowRoot ? shadowHost(parent) : null;
  };
  /** Whether `outer` is `el` or lies above it in the tree as drawn. */
  dom.holds = (outer, el) => {
    for (let at = el, steps = 0; at && steps < 5000; at = dom.above(at), steps += 1) {
      if (at === outer) return true;
    }
    return false;
  };
  /** Child nodes as drawn: those of the shadow root, of the slot, or the plain ones. */
  dom.drawnChildren = (el) => {
    const shadow = dom.shadow(el);
    const list = [];
    if (!shadow && el instanceof HTMLSlotElement) {
      const given = assigned(el, { flatten: false });
      if (given.length) return given;
    }
    for (let at = dom.firstChild(shadow || el); at; at = dom.nextSibling(at)) list.push(at);
    return list;
  };

  /** The document and every known shadow root in it, at most 400. */
  dom.roots = (cx) => {
    if (cx.roots) return cx.roots;
    const roots = [doc];
    let seen = 0;
    for (let at = 0; at < roots.length && roots.length < 400; at += 1) {
      for (const el of dom.all(roots[at], "*")) {
        seen += 1;
        if (seen > cx.elementsMax) break;
        const shadow = dom.shadow(el);
        if (shadow && roots.length < 400) roots.push(shadow);
      }
    }
    cx.roots = roots;
    return roots;
  };
  /** Elements matching a selector in the document and its known shadow roots. */
  dom.everywhere = (cx, selector, max) => {
    const found = [];
    for (const scope of dom.roots(cx)) {
      for (const el of dom.all(scope, selector)) {
        if (found.length >= max) {
          cx.truncated.add(`selector ${selector.slice(0, 24)}`);
          return found;
        }
        found.push(el);
      }
    }
    return found;
  };

  /** Elements below one that match, also in the known shadow roots below it and in its own. */
  dom.allDeep = (el, selector, max) => {
    const scopes = [el];
    const found = [];
    for (let at = 0; at < scopes.length && at < 100; at += 1) {
      if (at === 0 && dom.shadow(el)) scopes.push(dom.shadow(el));
      for (const one of dom.all(scopes[at], "*")) if (dom.shadow(one)) scopes.push(dom.shadow(one));
      for (const one of dom.all(scopes[at], selector)) {
        if (found.length >= max) return found;
        found.push(one);
      }
    }
    return found;
  };

  // --- selectors -----------------------------------------------------------------------------------

  const plainId = (id) => id.length > 0 && id.length <= 80 && !/\s/.test(id);
  const pathInRoot = (el, scope) => {
    const steps = [];
    for (let at = el, depth = 0; at && dom.nodeType(at) === 1 && depth < 600; depth += 1) {
      const id = dom.attr(at, "id");
      if (plainId(id) && dom.all(scope, `#${CSS.escape(id)}`).length === 1) {
        steps.unshift(`#${CSS.escape(id)}`);
        break;
      }
      const name = dom.tag(at);
      let nth = 1;
      for (let sib = dom.previousElement(at); sib; sib = dom.previousElement(sib)) {
        if (dom.tag(sib) === name) nth += 1;
      }
      const only = name === "html" || name === "body" || name === "head";
      steps.unshift(only ? name : `${CSS.escape(name)}:nth-of-type(${nth})`);
      at = dom.parentNode(at);
      if (at === scope) break;
    }
    return steps.join(" > ");
  };
  /** A selector for exactly this element; ` >>> ` steps into a shadow root. */
  dom.selector = (el) => {
    const parts = [];
    for (let at = el; at;) {
      const scope = dom.rootNode(at);
      parts.unshift(pathInRoot(at, scope));
      at = scope instanceof ShadowRoot ? shadowHost(scope) : null;
    }
    return parts.join(" >>> ");
  };
  /** The element of a selector made by `dom.selector`, or null. */
  dom.find = (selector) => {
    let scope = doc;
    let found = null;
    for (const part of String(selector).split(" >>> ")) {
      if (!scope) return null;
      found = dom.all(scope, part)[0] || null;
      scope = found && dom.shadow(found);
    }
    return found;
  };

  // --- words ---------------------------------------------------------------------------------------

  const invisible = /[\u00ad\u200b-\u200f\u2060\ufeff]/g;
  /** White space folded to single blanks, ends trimmed. */
  lib.squeeze = (text) => text.replace(invisible, "").replace(/\s+/g, " ").trim();
  /** NFC, lower case, white space folded; the Icelandic eth that old fonts used stands for đ. */
  lib.fold = (text) => lib.squeeze(text.normalize("NFC").toLowerCase()).replace(/\u00f0/g, "đ");
  /** Folded text cut to a number of UTF-16 units. */
  lib.cut = (text, max) => {
    const short = lib.squeeze(String(text).slice(0, max * 6));
    return short.length > max ? short.slice(0, max) : short;
  };
  /** A long expression that is written over several lines. */
  lib.pattern = (source, flags) => new RegExp(source.replace(/\s*\n\s*/g, ""), flags);
  /** A long selector list that is written over several lines. */
  lib.joined = (text) => text.replace(/\s*\n\s*/g, "");
  lib.names = (el) => `${dom.attr(el, "id")} ${dom.attr(el, "class")}`.slice(0, 400);

  // --- calls ---------------------------------------------------------------------------------------

  /** What one call carries about: caches, limits, names of what was cut short. */
  lib.context = (milliseconds, elementsMax) => ({
    started: performance.now(),
    deadline: performance.now() + milliseconds,
    elementsMax: elementsMax || 120000,
    truncated: new Set(),
    facts: new Map(),
    scrollX: root.scrollX,
    scrollY: root.scrollY,
  });
  lib.late = (cx, what) => {
    if (performance.now() < cx.deadline) return false;
    cx.truncated.add(`${what}: time`);
    return true;
  };
  /** Runs one part; what it throws becomes a name in `truncated` and the part's empty value. */
  lib.part = (cx, name, empty, work) => {
    try {
      return work();
    } catch (error) {
      cx.truncated.add(`${name}: ${lib.cut(error && error.message ? error.message : error, 80)}`);
      return empty;
    }
  };

  /** Plain data only: finite numbers, well-formed text. serde_json refuses lone surrogates. */
  lib.plain = (value) => {
    if (typeof value === "string") return value.toWellFormed();
    if (typeof value === "number") return Number.isFinite(value) ? value + 0 || 0 : 0;
    if (typeof value === "boolean" || value === null || value === undefined) return value ?? null;
    if (Array.isArray(value)) return value.map(lib.plain);
    const copy = {};
    for (const key of Object.keys(value)) copy[key] = lib.plain(value[key]);
    return copy;
  };
  const given = (argument) =>
    typeof argument === "string" && /^\s*[{[]/.test(argument) ? JSON.parse(argument) : argument;
  /** Makes a function of `__emcAudit`: never throws, returns plain data. */
  lib.expose = (name, work) => {
    const failed = (error) => ({ error: lib.cut(error && error.message ? error.message : error, 200) });
    audit[name] = (argument) => {
      try {
        const done = work(given(argument));
        if (!(done instanceof Promise)) return lib.plain(done);
        return done.then(lib.plain, (error) => lib.plain(failed(error)));
      } catch (error) {
        return lib.plain(failed(error));
      }
    };
  };

  /** Any function's answer as JSON text: for large answers a third of the cost of handing over objects. */
  audit.json = (name, argument) => {
    const done = audit[name](argument);
    return done instanceof Promise ? done.then((value) => JSON.stringify(value)) : JSON.stringify(done);
  };

  lib.audit = audit;
  lib.dom = dom;
  lib.win = root;
})(globalThis);
