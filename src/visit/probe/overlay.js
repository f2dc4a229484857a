// Finds what the page has drawn over itself at load (greeting, survey, cookie notice, banner), and where a
// visitor's mouse would close it (close.js). Bars, menus, slideshows and wrappers are the page itself, not
// overlays.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;
  const held = root.__emcAudit.held;

  const dialogNames = lib.pattern(
    String.raw`
        modal|dialog|popup|pop-up|lightbox|fancybox|overlay|colorbox|mfp|swal|jconfirm|magnific|welcome|
        chao-?mung|khao-?sat|survey|splash|notice|interstitial|remodal|thickbox|facebox|
        ui-widget-overlay`,
    "i",
  );
  const layoutNames = lib.pattern(
    String.raw`
        (^|[\s_-])(menu|nav|navbar|sidebar|header|footer|toolbar|sticky|slider|carousel|slideshow|hero|
        banner-top|wrapper|container|page|site|app|root|main|chat|zalo|messenger|tawk|fb)([\s_-]|$)`,
    "i",
  );

  const wide = () => root.innerWidth;
  const tall = () => root.innerHeight;
  const points = () => {
    const made = [];
    for (let row = 0; row < 5; row += 1) {
      for (let column = 0; column < 7; column += 1) {
        const inner = row >= 1 && row <= 3 && column >= 2 && column <= 4;
        made.push({ x: ((column + 0.5) / 7) * wide(), y: ((row + 0.5) / 5) * tall(), inner });
      }
    }
    // Notices lie along the edges, between the points of the grid.
    for (const y of [16, tall() - 16])
      for (const part of [0.2, 0.5, 0.8]) made.push({ x: wide() * part, y, inner: false });
    return made;
  };
  const modalTop = (el) => dom.is(el, "dialog:modal") || dom.is(el, ":popover-open");
  const speaks = (el) =>
    /^(dialog|alertdialog)$/.test(dom.attr(el, "role")) ||
    dom.attr(el, "aria-modal") === "true" ||
    dom.tag(el) === "dialog";
  const zOf = (style) => (style.zIndex === "auto" ? 0 : Number(style.zIndex) || 0);

  /** Whether an element floats above the page by its own style. */
  const floats = (cx, el) => {
    const fact = lib.fact(cx, el);
    if (modalTop(el)) return true;
    const z = zOf(fact.style);
    if (z < 0) return false;
    if (fact.position === "fixed") return true;
    if (fact.position !== "absolute" || z < 10) return false;
    for (let at = fact.above; at; at = at.above) {
      if (at.el === dom.body() || at.el === dom.html()) return true;
      if (at.position !== "static")
        return z >= 1000 && lib.box(cx, at.el).r - lib.box(cx, at.el).l >= wide() * 0.95;
    }
    return true;
  };
  /** The outermost floating element above a hit element. */
  const rootOf = (cx, hit) => {
    const known = cx.rootOf.get(hit);
    if (known !== undefined) return known;
    let found = null;
    for (let at = hit; at && at !== dom.body() && at !== dom.html(); at = dom.above(at)) {
      if (floats(cx, at) && !isPage(cx, at)) found = at;
    }
    cx.rootOf.set(hit, found);
    return found;
  };
  const lengthOf = (el) => lib.squeeze(lib.textBelow(el, 20000, true)).length;
  /** Holds most of what there is to read: the page itself. */
  const isPage = (cx, el) => {
    if (cx.isPage.has(el)) return cx.isPage.get(el);
    const body = dom.body();
    cx.bodyLength = cx.bodyLength ?? (body ? lengthOf(body) : 0);
    const share = cx.bodyLength ? lengthOf(el) / cx.bodyLength : 0;
    const links = body ? dom.all(body, "a[href]").length : 0;
    const inside = dom.all(el, "a[href]").length;
    const is = !modalTop(el) && share > 0.5 && inside >= Math.max(6, links * 0.5);
    cx.isPage.set(el, is);
    return is;
  };
  const solid = (cx, el) => {
    const style = lib.fact(cx, el).style;
    const alpha = /rgba\([^)]*[,/]\s*([\d.]+)\)/.exec(style.backgroundColor);
    if (style.backgroundImage !== "none") return true;
    return style.backgroundColor !== "transparent" && (!alpha || Number(alpha[1]) > 0.02);
  };
  const content = (cx, el) =>
    lengthOf(el) >= 2 ||
    dom.allDeep(el, "img,iframe,video,canvas,svg,object,embed,form", 1).length > 0 ||
    dom.is(el, "iframe,img") ||
    lib.hasBackground(cx, el);
  const size = (box) => ({
    w: (Math.min(box.r, wide()) - Math.max(box.l, 0)) / wide(),
    h: (Math.min(box.b, tall()) - Math.max(box.t, 0)) / tall(),
  });

  /** The part of a full-screen root that is the dialog proper. */
  const innerBox = (cx, el) => {
    const whole = lib.box(cx, el);
    const part = size(whole);
    if (part.w < 0.85 || part.h < 0.85) return whole;
    let best = null;
    for (const child of dom.allDeep(el, "*", 400)) {
      const box = lib.box(cx, child);
      const share = size(box);
      if (share.w <= 0.05 || share.h <= 0.05 || (share.w > 0.9 && share.h > 0.9)) continue;
      if (lib.fact(cx, child).hiders || !(solid(cx, child) || dom.is(child, "img,iframe,video"))) continue;
      if (!best || lib.area(box) > lib.area(best)) best = box;
    }
    return best || whole;
  };

  // --- ways to close -------------------------------------------------------------------------------

  /** Words of the control that closes or folds the floating box that an element is in; null without one. */
  lib.closedBy = (cx, el) => {
    let box = null;
    for (let at = el; at && at !== dom.body() && at !== dom.html(); at = dom.above(at)) {
      if (floats(cx, at)) box = at;
    }
    if (!box || (lib.area(lib.box(cx, box)) > wide() * tall() * 0.9 && !speaks(box))) return null;
    const close = lib.closeIn(cx, box, innerBox(cx, box));
    return close && close.score >= lib.closing ? close.words || "×" : null;
  };
  const backdropAt = (cx, el, box) => {
    const edge = 10;
    const tries = [];
    for (const part of [0.5, 0.25, 0.75]) {
      tries.push(
        [edge, tall() * part],
        [wide() - edge, tall() * part],
        [wide() * part, tall() - edge],
        [wide() * part, edge],
      );
    }
    for (const [x, y] of tries) {
      if (x > box.l - 10 && x < box.r + 10 && y > box.t - 10 && y < box.b + 10) continue;
      const top = lib.topAt(x, y);
      if (!top || dom.is(top, "a,button,a *,button *,img,input,select,video,iframe")) continue;
      const own = top === el || (dom.holds(el, top) && lib.area(lib.box(cx, top)) > wide() * tall() * 0.8);
      const other = rootOf(cx, top);
      if (own || (other && other !== el && isBackdrop(cx, other))) return { x, y };
    }
    return null;
  };
  const isBackdrop = (cx, el) => {
    const part = size(lib.box(cx, el));
    return part.w > 0.9 && part.h > 0.9 && lengthOf(el) < 2;
  };

  // --- judging -------------------------------------------------------------------------------------

  const covers = (cx) => {
    const roots = new Map();
    for (const point of points()) {
      const top = lib.topAt(point.x, point.y);
      const over = top ? rootOf(cx, top) : null;
      if (!over) continue;
      const entry = roots.get(over) || { el: over, points: 0, inner: 0, beneath: false };
      entry.points += 1;
      entry.inner += point.inner ? 1 : 0;
      // What lies beneath is asked only where something floats: the browser's list of all is slow to make.
      entry.beneath =
        entry.beneath ||
        lib
          .listAt(point.x, point.y)
          .some(
            (el) =>
              el !== dom.body() &&
              el !== dom.html() &&
              !dom.holds(over, el) &&
              !dom.holds(el, over) &&
              !floats(cx, el),
          );
      roots.set(over, entry);
    }
    return [...roots.values()];
  };
  /** A sheet over the whole page, and the page shows or lies below it: no ground of the page itself. */
  const isVeil = (cx, entry) => entry.beneath && isBackdrop(cx, entry.el) && solid(cx, entry.el);
  const isPainted = (cx, el, box) =>
    solid(cx, el) ||
    lib.area(box) < lib.area(lib.box(cx, el)) ||
    dom.allDeep(el, "img,iframe,video", 1).length > 0 ||
    dom.allDeep(el, "*", 40).some((child) => solid(cx, child));

  /** What one floating element looks like: its size, its name, and what makes a dialog of it. */
  const describe = (cx, entry, all) => {
    const { el } = entry;
    const box = innerBox(cx, el);
    const part = size(box);
    const whole = size(lib.box(cx, el));
    const names = lib.names(el);
    const share = part.w * part.h;
    const full = whole.w > 0.9 && whole.h > 0.9;
    const named = dialogNames.test(names) || speaks(el) || modalTop(el);
    const others = all.filter((other) => other.el !== el);
    return {
      box,
      share,
      names,
      named,
      fixed: lib.fact(cx, el).position === "fixed",
      bar: part.w >= 0.5 && part.h < 0.4 && lib.speaksOfData(el),
      shaded:
        modalTop(el) ||
        (full && (share < 0.85 || named)) ||
        others.some((other) => isBackdrop(cx, other.el) && solid(cx, other.el)),
      veiled:
        modalTop(el) ||
        (full && entry.beneath && share < 0.85 && solid(cx, el)) ||
        others.some((other) => isVeil(cx, other)),
    };
  };
  /**
   * Names of the layout speak against a dialog only where nothing else speaks for one: a veil of its own under
   * it, or a cross on what is fixed over the middle of the view.
   */
  const isLayout = (entry, seen, close) => {
    const { el } = entry;
    const byTag = /^(header|footer|nav|aside|main)$/.test(dom.tag(el)) && !speaks(el);
    if (!byTag && !(layoutNames.test(seen.names) && !seen.named)) return false;
    const crossed = Boolean(close) && close.score >= lib.closing;
    return !(entry.inner >= 1 && (seen.veiled || (seen.fixed && crossed)));
  };
  const judge = (cx, entry, all) => {
    const { el } = entry;
    if (!content(cx, el)) return null;
    const seen = describe(cx, entry, all);
    const { box, share, named, bar, shaded } = seen;
    if (!isPainted(cx, el, box) || (!entry.beneath && !modalTop(el) && !shaded && !bar)) return null;
    const close = lib.closeIn(cx, el, box);
    if (!bar && isLayout(entry, seen, close)) return null;
    const modal = shaded && share >= 0.02 && (named || close || entry.points >= 3);
    const big = entry.points >= 9 && entry.inner >= 1 && (seen.fixed || named || close);
    const corner = share >= 0.07 && close && (named || entry.inner >= 1);
    // A dialog by name that has neither veil nor cross stands in the way all the same.
    const blocking = named && seen.fixed && entry.inner >= 1 && share >= 0.05;
    if (!(modal || big || (bar && close) || corner || blocking)) return null;
    return { el, box, close, weight: entry.points + (named ? 10 : 0) + (close ? 5 : 0) };
  };

  // --- consent -------------------------------------------------------------------------------------

  const isPinned = (cx, el) => {
    const { position, style } = lib.fact(cx, el);
    return position === "sticky" && (style.top !== "auto" || style.bottom !== "auto");
  };
  /**
   * A card of any size that hangs over the page, asks for consent and can be told yes. It is found by its
   * answers: a small one lies between the points at which covers are looked for.
   */
  const consentCard = (cx) => {
    for (const answer of lib.agreeingControls(cx)) {
      let card = null;
      for (let at = answer; at && at !== dom.body() && at !== dom.html() && !card; at = dom.above(at)) {
        const hangs = floats(cx, at) || isPinned(cx, at);
        if (hangs && !isPage(cx, at) && lib.asksConsent(at)) card = at;
      }
      if (!card) continue;
      const box = innerBox(cx, card);
      const close = lib.closeIn(cx, card, box);
      if (close && close.score >= lib.agreeing) return { el: card, box, close };
    }
    return null;
  };

  lib.expose("overlay", () => {
    const cx = lib.context(600);
    cx.rootOf = new Map();
    cx.isPage = new Map();
    const all = covers(cx);
    const judged = all
      .map((entry) => lib.part(cx, "overlay", null, () => judge(cx, entry, all)))
      .filter(Boolean);
    judged.sort((one, other) => other.weight - one.weight);
    const best = lib.part(cx, "consent", null, () => consentCard(cx)) || judged[0];
    held.dialog = best ? [best.el, ...all.map((one) => one.el).filter((el) => isBackdrop(cx, el))] : [];
    if (!best) return { found: false };
    return {
      found: true,
      selector: dom.selector(best.el),
      text: lib.cut(lib.textBelow(best.el, 1500, true), 400),
      rect: lib.rect(cx, best.box),
      veil: held.dialog.some((el) => veils(cx, el)),
      consent: Boolean(best.close) && best.close.score >= lib.agreeing,
      close: best.close,
      backdrop: backdropAt(cx, best.el, best.box),
    };
  });
  /** Whether it lies, painted, over the whole view. */
  const veils = (cx, el) => {
    const part = size(lib.box(cx, el));
    return modalTop(el) || (part.w > 0.9 && part.h > 0.9 && solid(cx, el));
  };
  lib.expose("overlayGone", (selector) => {
    const el = dom.find(selector);
    if (!el || !dom.connected(el)) return { gone: true };
    const cx = lib.context(200);
    const fact = lib.fact(cx, el);
    if (fact.hiders || fact.opacity < 0.05) return { gone: true };
    return {
      gone:
        !points().some((point) => dom.holds(el, lib.topAt(point.x, point.y) || dom.html())) && !small(cx, el),
    };
  });
  /** Too small for the grid of points: gone only when its own middle is not hit. */
  const small = (cx, el) => {
    const box = dom.boxes(el).length > 1 ? lib.largestBox(el) : lib.drawnBox(cx, el);
    const hit = lib.topAt((box.l + box.r) / 2, (box.t + box.b) / 2);
    return Boolean(hit) && dom.holds(el, hit);
  };
})(globalThis);
