// How one element stands on the page now: box, what clips, hides or covers it, and what a visitor's mouse
// would hit there. The page is scrolled inside one task and put back where it was.
(function (root) {
  "use strict";
  const audit = root.__emcAudit;
  const { lib } = audit;
  const { dom } = lib;

  /** Scrolls an element to the middle of the view as a visitor could; gives a function that undoes it. */
  lib.bringIntoView = (el) => {
    const kept = [];
    const html = dom.html();
    const body = dom.body();
    for (let at = dom.above(el), steps = 0; at && steps < 200; at = dom.above(at), steps += 1) {
      if (at === html || at === body) continue;
      const tall = dom.scrollHeight(at) > dom.clientHeight(at) + 1;
      const wide = dom.scrollWidth(at) > dom.clientWidth(at) + 1;
      if (!tall && !wide) continue;
      const style = getComputedStyle(at);
      const down = tall && /auto|scroll/.test(style.overflowY);
      const along = wide && /auto|scroll/.test(style.overflowX);
      if (!down && !along) continue;
      const outer = dom.box(at);
      const inner = dom.box(el);
      const left = dom.scrollLeft(at);
      const top = dom.scrollTop(at);
      kept.push({ at, left, top });
      dom.scrollElement(at, {
        left: along ? left + (inner.left + inner.width / 2) - (outer.left + outer.width / 2) : left,
        top: down ? top + (inner.top + inner.height / 2) - (outer.top + outer.height / 2) : top,
        behavior: "instant",
      });
    }
    const from = { x: root.scrollX, y: root.scrollY };
    const box = dom.box(el);
    const inside =
      box.top >= 0 && box.bottom <= root.innerHeight && box.left >= 0 && box.right <= root.innerWidth;
    if (!inside) {
      const left =
        box.left >= 0 && box.right <= root.innerWidth
          ? from.x
          : from.x + box.left + box.width / 2 - root.innerWidth / 2;
      root.scrollTo({
        left,
        top: from.y + box.top + box.height / 2 - root.innerHeight / 2,
        behavior: "instant",
      });
    }
    return () => {
      if (!inside) root.scrollTo({ left: from.x, top: from.y, behavior: "instant" });
      for (const one of kept.reverse())
        dom.scrollElement(one.at, { left: one.left, top: one.top, behavior: "instant" });
    };
  };

  const grid = (box) => {
    const points = [];
    for (let row = 0; row < 3; row += 1) {
      for (let column = 0; column < 5; column += 1) {
        const x = box.l + ((column + 0.5) / 5) * (box.r - box.l);
        const y = box.t + ((row + 0.5) / 3) * (box.b - box.t);
        if (x >= 0 && y >= 0 && x < root.innerWidth && y < root.innerHeight) points.push([x, y]);
      }
    }
    return points;
  };
  const docAt = Document.prototype.elementsFromPoint;
  const docTop = Document.prototype.elementFromPoint;
  const shadowAt = ShadowRoot.prototype.elementsFromPoint;
  const shadowTop = ShadowRoot.prototype.elementFromPoint;
  const inShadow = (el) => dom.rootNode(el) instanceof ShadowRoot;
  const topAt = (el, x, y) =>
    inShadow(el) ? shadowTop.call(dom.rootNode(el), x, y) : docTop.call(dom.doc, x, y);
  const listAt = (el, x, y) =>
    inShadow(el) ? shadowAt.call(dom.rootNode(el), x, y) : docAt.call(dom.doc, x, y);
  /** What a mouse would hit, also in the known shadow roots: the document names their hosts only. */
  lib.topAt = (x, y) => {
    let top = docTop.call(dom.doc, x, y);
    for (let depth = 0; top && depth < 20; depth += 1) {
      const shadow = dom.shadow(top);
      const inner = shadow && shadowTop.call(shadow, x, y);
      if (!inner || dom.rootNode(inner) !== shadow) break;
      top = inner;
    }
    return top;
  };
  /** All that lies at a point from top to bottom, what is in a known shadow root before its host. */
  lib.listAt = (x, y) => {
    const within = (el, depth) => {
      const shadow = depth < 20 ? dom.shadow(el) : null;
      const inner = shadow ? shadowAt.call(shadow, x, y).filter((one) => dom.rootNode(one) === shadow) : [];
      return [...inner.flatMap((one) => within(one, depth + 1)), el];
    };
    return docAt.call(dom.doc, x, y).flatMap((el) => within(el, 0));
  };
  /** What lies over the element at a point: null when it is hit itself, else the element on top. */
  const coverAt = (el, x, y, mute) => {
    const top = topAt(el, x, y);
    if (!top) return el;
    if (top === el || dom.holds(el, top)) return null;
    if (!dom.holds(top, el)) return top;
    // An ancestor on top covers only what is listed below it; an element deaf to the mouse is not listed.
    return mute || !listAt(el, x, y).includes(el) ? null : top;
  };
  const tally = (el, points, mute) => {
    const counts = new Map();
    let hits = 0;
    for (const [x, y] of points) {
      const over = coverAt(el, x, y, mute);
      if (over === null) hits += 1;
      else if (over !== el) counts.set(over, (counts.get(over) || 0) + 1);
    }
    const most = [...counts].sort((one, other) => other[1] - one[1])[0];
    return { hits, most: most || null };
  };
  const paints = (el) => {
    const style = getComputedStyle(el);
    if (style.visibility !== "visible" || parseFloat(style.opacity) < 0.05) return false;
    if (/^(img|canvas|video|svg|iframe|embed|object)$/.test(dom.tag(el)) || style.backgroundImage !== "none")
      return true;
    const colour = /rgba?\(([^)]*)\)/.exec(style.backgroundColor);
    const alpha = colour ? Number(colour[1].split(/[,/\s]+/)[3] ?? 1) : 1;
    return alpha > 0.05 && style.backgroundColor !== "transparent";
  };
  /**
   * Elements without pointer events that lie over a box: the hit test cannot know them. Only painted ones
   * of the same or a higher layer count, later in the document or raised by their z-index.
   */
  const ghostsOver = (cx, el, box) => {
    const layer = (one) => {
      let z = 0;
      for (let at = lib.fact(cx, one); at; at = at.above) {
        if (at.position !== "static" && at.style.zIndex !== "auto") z = Number(at.style.zIndex) || 0;
      }
      return z;
    };
    const area = lib.area(box);
    let looked = 0;
    for (const one of dom.everywhere(cx, "*", 40000)) {
      const known = cx.facts.get(one);
      // Without a fact, styles are read for a bounded number only.
      if (!known && (looked += 1) > 6000) continue;
      const style = known ? known.style : getComputedStyle(one);
      if (style.pointerEvents !== "none") continue;
      const over = lib.meet(lib.box(cx, one), box);
      if (over.r <= over.l || over.b <= over.t || lib.area(over) < area * 0.2) continue;
      if (dom.holds(one, el) || dom.holds(el, one) || lib.fact(cx, one).hiders || !paints(one)) continue;
      const follows = position(el, one) & Node.DOCUMENT_POSITION_FOLLOWING;
      const mine = layer(el);
      const its = layer(one);
      if (its < mine || (its === mine && !follows) || (lib.fact(cx, one).position === "static" && its <= 0))
        continue;
      return { el: one, points: Math.round((lib.area(over) / area) * 15) };
    }
    return null;
  };
  const position = (one, other) => Node.prototype.compareDocumentPosition.call(one, other);

  /** Whether the dialog that was found, or its veil, is painted over the element at a point. */
  const isUnderDialog = (el, x, y) => {
    const dialog = audit.held.dialog || [];
    if (!dialog.length) return false;
    for (const one of lib.listAt(x, y)) {
      if (one === el || dom.holds(el, one)) return false;
      if (paints(one) && dialog.some((part) => dom.holds(part, one))) return true;
    }
    return false;
  };
  /** Hit test over what is left of the box, at the current scroll position. */
  const hitTest = (cx, el, box) => {
    const none = { points: 0, hits: 0, under_dialog: 0, coverer: null };
    if (box.r - box.l < 1 || box.b - box.t < 1) return none;
    const points = grid(box);
    if (!points.length) return none;
    const mute = getComputedStyle(el).pointerEvents === "none";
    let { hits, most } = tally(el, points, mute);
    if (hits === points.length) {
      const ghost = ghostsOver(cx, el, box);
      if (ghost) most = [ghost.el, ghost.points];
    }
    const coverer = most && {
      selector: lib.cut(dom.sign(most[0]), 400),
      rect: lib.rect(cx, lib.box(cx, most[0])),
      points: most[1],
      closed_by: lib.closedBy(cx, most[0]),
    };
    const under = points.filter(([x, y]) => isUnderDialog(el, x, y)).length;
    return { points: points.length, hits, under_dialog: under, coverer };
  };

  const selectNode = Range.prototype.selectNodeContents;
  const rangeBox = Range.prototype.getBoundingClientRect;
  /**
   * The box of a label as a person would draw it: a block that is much wider than its words, as blocks
   * are, stands for its words and pictures only.
   */
  lib.badgeBox = (cx, el) => {
    const box = lib.drawnBox(cx, el);
    if (lib.area(box) <= 0 || dom.is(el, "img,svg,input,object,embed,canvas,video")) return box;
    const range = Document.prototype.createRange.call(dom.doc);
    selectNode.call(range, el);
    const found = rangeBox.call(range);
    const inner = lib.meet(box, { l: found.left, t: found.top, r: found.right, b: found.bottom });
    if (lib.area(inner) < 40 || lib.area(box) < lib.area(inner) * 2.5) return box;
    return dom.textContent(el).trim() || !lib.hasBackground(cx, el) ? inner : box;
  };

  const zeroCause = (cx, el, box) => {
    const style = lib.fact(cx, el).style;
    const flat = box.r - box.l < 1 ? "width" : "height";
    return causeOf({ el, property: flat, value: style[flat] });
  };
  const causeOf = (hider) => ({
    selector: lib.cut(dom.sign(hider.el), 400),
    property: hider.property,
    value: lib.cut(hider.value, 120),
    rule: lib.declaredBy(hider.el, hider.property, hider.value),
  });
  const clipCause = (fact) =>
    causeOf({
      el: fact.el,
      property: "overflow",
      value: `${fact.style.overflowX} (${lib.clientSize(fact.el)})`,
    });
  /** The style that keeps the element from being drawn, the outermost first; null when nothing does. */
  const hiddenBy = (cx, el, left) => {
    let outermost = null;
    for (let at = lib.fact(cx, el).hiders; at; at = at.outer) outermost = at;
    if (outermost) return causeOf(outermost);
    if (lib.fact(cx, el).opacity <= 0.03)
      return causeOf({ el, property: "opacity", value: lib.fact(cx, el).opacity.toFixed(3) });
    const box = lib.drawnBox(cx, el);
    if (left.by) return clipCause(left.by);
    if (box.r - box.l < 1 || box.b - box.t < 1) return zeroCause(cx, el, box);
    const text = lib.textHider(cx, el);
    if (text) return causeOf(text);
    if (lib.area(left.box) <= 0 && !left.comes)
      return causeOf({ el, property: "clip-path", value: lib.fact(cx, el).style.clipPath });
    return null;
  };
  const shift = (box, x, y) => ({ l: box.l + x, t: box.t + y, r: box.r + x, b: box.b + y });
  const frameOf = Object.getOwnPropertyDescriptor(root, "frameElement").get;
  /** A frame whose page cannot be scrolled, by its own style or by the page around it. */
  const frameIsShut = (cx) => {
    if (root === root.top) return false;
    const { x, y } = lib.viewportOverflow(cx);
    const around = frameOf.call(root);
    return (
      (/hidden|clip/.test(x) && /hidden|clip/.test(y)) ||
      (around !== null && /^(no|off)$/i.test(dom.attr(around, "scrolling")))
    );
  };
  /** What keeps the element out of a frame that is too small for it and cannot be scrolled. */
  const cutOffByFrame = (cx, seen) => {
    const view = { l: 0, t: 0, r: root.innerWidth, b: root.innerHeight };
    const box = shift(seen, cx.scrollX, cx.scrollY);
    if (lib.area(box) <= 0 || lib.area(lib.meet(box, view)) > 0 || !frameIsShut(cx)) return null;
    const overflow = { property: "overflow", value: `hidden (${root.innerWidth}x${root.innerHeight})` };
    return { selector: lib.cut(dom.selector(dom.html()), 400), ...overflow };
  };

  /**
   * Facts of one element: `{rect, clipped, opacity, hidden_by, off_screen, displayed, hit_test}`, in page
   * coordinates at the present scroll position. With `stay` the page is left scrolled to it.
   */
  lib.look = (cx, el, stay) => {
    const rest = lib.badgeBox(cx, el);
    const facts = lib.fact(cx, el);
    const outside = cutOffByFrame(cx, rest);
    const back = outside ? () => {} : lib.bringIntoView(el);
    // Boxes were read before the scrolling: measure anew.
    const now = lib.context(1000);
    now.roots = cx.roots;
    const box = lib.badgeBox(now, el);
    const drawn = lib.clipped(now, el, box, 0.25);
    const hidden = hiddenBy(now, el, drawn) || outside;
    if (outside) drawn.box = { l: box.l, t: box.t, r: box.l, b: box.t };
    const away = lib.area(box) > 0 && !drawn.by && !drawn.comes && lib.offScreen(now, el, drawn.box);
    const hit = hidden ? { points: 0, hits: 0, under_dialog: 0, coverer: null } : hitTest(now, el, drawn.box);
    const inView = { ...drawn.box };
    const page = { x: root.scrollX, y: root.scrollY };
    if (!stay) back();
    const byX = rest.l - box.l;
    const byY = rest.t - box.t;
    return {
      rect: lib.rect(cx, rest),
      clipped: lib.rect(cx, shift(drawn.box, byX, byY)),
      opacity: Math.round(facts.opacity * 1000) / 1000,
      hidden_by: hidden,
      off_screen: away,
      displayed: !hidden && !away && lib.area(box) > 0,
      hit_test: hit,
      in_viewport_rect: {
        x: inView.l,
        y: inView.t,
        width: Math.max(0, inView.r - inView.l),
        height: Math.max(0, inView.b - inView.t),
      },
      scroll: page,
    };
  };

  lib.expose("badge", (selector) => {
    // What an act that was cut short left behind is ours, not the page's.
    lib.release();
    const el = dom.find(selector);
    const cx = lib.context(1500);
    return el ? { found: true, ...lib.look(cx, el, true) } : { found: false };
  });
})(globalThis);
