// What is left of a box after the elements that clip it, and whether scrolling can reach it.
// A box that a slider, ticker or scrolling block clips away is not lost: it comes round.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const moverNames = lib.pattern(
    String.raw`
        slick|owl-|owl_|swiper|carousel|marquee|ticker|slider|slideshow|\bslides?\b|flickity|splide|
        glide|bx-|bxslider|flexslider|jcarousel|nivo|lslide|lightslider|cycle|keen|tns-|vticker|
        newsticker|scroller|chu-?chay`,
    "i",
  );
  const named = (el) => moverNames.test(lib.names(el)) || dom.tag(el) === "marquee";
  const animated = (style) =>
    style.animationName !== "none" && parseFloat(style.animationDuration) > 0 && style.animationName !== "";
  const shifted = (fact) => {
    const inline = dom.attr(fact.el, "style");
    if (/(^|[;\s])(top|left|margin-top|margin-left|transform)\s*:/i.test(inline)) return true;
    return (
      fact.transforms &&
      /transform|all/.test(fact.style.transitionProperty) &&
      parseFloat(fact.style.transitionDuration) > 0
    );
  };
  /** Whether what lies between a clipping element and the clipped one moves by itself. */
  const moves = (cx, clipper, el) => {
    if (named(clipper)) return true;
    for (let at = el; at && at !== clipper; at = dom.above(at)) {
      const fact = lib.fact(cx, at);
      if (named(at) || animated(fact.style)) return true;
      if (at !== el && shifted(fact)) return true;
    }
    const outer = dom.above(clipper);
    return outer !== null && named(outer) && dom.tag(outer) !== "body";
  };

  const holdsFixed = (fact) =>
    fact.transforms ||
    fact.style.filter !== "none" ||
    fact.style.perspective !== "none" ||
    /paint|layout|strict|content/.test(fact.style.contain) ||
    /transform|filter|perspective/.test(fact.style.willChange);

  /** Overflow of the viewport: that of `html`, or of `body` where `html` leaves it open. */
  lib.viewportOverflow = (cx) => {
    if (cx.viewportOverflow) return cx.viewportOverflow;
    const html = dom.html();
    const body = dom.body();
    const of = (el) => {
      const style = lib.fact(cx, el).style;
      return { x: style.overflowX, y: style.overflowY };
    };
    const outer = html ? of(html) : { x: "visible", y: "visible" };
    const fromBody = body && outer.x === "visible" && outer.y === "visible";
    cx.viewportOverflow = { ...(fromBody ? of(body) : outer), taker: fromBody ? body : html };
    return cx.viewportOverflow;
  };

  /** The padding box of an element that clips its contents, or null; open sides are endless. */
  const clipOf = (cx, fact) => {
    if (fact.clip !== undefined) return fact.clip;
    fact.clip = null;
    const x = fact.style.overflowX;
    const y = fact.style.overflowY;
    const paint = /paint|strict|content/.test(fact.style.contain);
    const clips = x !== "visible" || y !== "visible" || paint;
    const own = fact.display !== "inline" && fact.display !== "contents" && fact.display !== "none";
    if (!clips || !own || fact.el === dom.html() || fact.el === lib.viewportOverflow(cx).taker) return null;
    const box = lib.box(cx, fact.el);
    const left = box.l + dom.clientLeft(fact.el);
    const top = box.t + dom.clientTop(fact.el);
    const far = 1e7;
    const openX = x === "visible" && !paint;
    const openY = y === "visible" && !paint;
    fact.clip = {
      l: openX ? -far : left,
      r: openX ? far : Math.min(box.r, left + dom.clientWidth(fact.el)),
      t: openY ? -far : top,
      b: openY ? far : Math.min(box.b, top + dom.clientHeight(fact.el)),
      scrolls: /auto|scroll/.test(`${x} ${y}`),
    };
    return fact.clip;
  };

  /** Calls `found(fact, clip)` for each element above that clips this one, nearest first. */
  lib.eachClipper = (cx, el, found) => {
    let position = lib.fact(cx, el).position;
    for (let at = lib.fact(cx, el).above; at; at = at.above) {
      const takes =
        position === "fixed"
          ? holdsFixed(at)
          : position !== "absolute" || at.position !== "static" || holdsFixed(at);
      if (!takes) continue;
      const clip = clipOf(cx, at);
      if (clip && found(at, clip) === false) return;
      position = at.position;
    }
  };

  const pathBox = (fact, box) => {
    const inset = /^inset\(([^)]*)\)/.exec(fact.style.clipPath);
    if (!inset) return null;
    const sides = inset[1]
      .split(/\s+round\s+/)[0]
      .trim()
      .split(/\s+/);
    const at = (index) => sides[index] ?? sides[index - 2] ?? sides[0];
    const length = (text, whole) =>
      text.endsWith("%") ? (parseFloat(text) / 100) * whole : parseFloat(text) || 0;
    return {
      l: box.l + length(at(3), box.r - box.l),
      t: box.t + length(at(0), box.b - box.t),
      r: box.r - length(at(1), box.r - box.l),
      b: box.b - length(at(2), box.b - box.t),
    };
  };

  /**
   * What is left of a box: `{box, by, comes}`. `by` is the fact of the element that leaves nothing of it,
   * that is less than `least` pixels either way; `comes` says that it can be scrolled to or moves into view
   * by itself.
   */
  lib.clipped = (cx, el, given, least = 1) => {
    let box = given || lib.box(cx, el);
    let by = null;
    let comes = false;
    const own = lib.fact(cx, el);
    for (let at = own; at; at = at.above) {
      const path = at.style.clipPath !== "none" && pathBox(at, lib.box(cx, at.el));
      if (path) box = lib.meet(box, path);
    }
    lib.eachClipper(cx, el, (fact, clip) => {
      const met = lib.meet(box, clip);
      const lost = met.r - met.l < least || met.b - met.t < least;
      const zero = clip.r - clip.l < 2 || clip.b - clip.t < 2;
      if (lost && !zero && (clip.scrolls || moves(cx, fact.el, el))) {
        comes = true;
        // Once it comes round, it stands somewhere in its clipper: go on with the clipper's own box.
        box = { l: clip.l, t: clip.t, r: clip.r, b: clip.b };
        return true;
      }
      box = met;
      if (lost && !by) by = fact;
      return !lost;
    });
    return { box, by, comes };
  };

  lib.clientSize = (el) => `${Math.round(dom.clientWidth(el))}x${Math.round(dom.clientHeight(el))}`;

  const pinned = (cx, el) => {
    for (let at = lib.fact(cx, el); at; at = at.above) {
      if (at.position !== "fixed") continue;
      let free = true;
      for (let up = at.above; up && free; up = up.above) if (holdsFixed(up)) free = false;
      if (free) return true;
    }
    return false;
  };
  /** Whether the box is out of reach: outside what scrolling reaches, or fixed outside the viewport. */
  lib.offScreen = (cx, el, box) => {
    const wide = root.innerWidth;
    if (pinned(cx, el)) {
      return box.r <= 1 || box.b <= 1 || box.l >= wide - 1 || box.t >= root.innerHeight - 1;
    }
    const scroller = dom.scroller();
    const overflow = lib.viewportOverflow(cx);
    const shut = /hidden|clip/.test(overflow.x);
    const right = shut ? dom.clientWidth(scroller) || wide : dom.scrollWidth(scroller);
    const at = { l: box.l + cx.scrollX, t: box.t + cx.scrollY, r: box.r + cx.scrollX, b: box.b + cx.scrollY };
    // Right-to-left pages scroll to negative offsets.
    const rtl = getComputedStyle(dom.html()).direction === "rtl";
    const first = rtl && !shut ? dom.clientWidth(scroller) - dom.scrollWidth(scroller) : 0;
    return at.r <= first + 1 || at.b <= 1 || at.l >= right - 1 || at.t >= dom.scrollHeight(scroller) - 1;
  };
})(globalThis);
