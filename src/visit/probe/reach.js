// Whether a visitor can reach a link: shown, openable, unclear or hidden, with the reason.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const shown = (reason, rect) => ({ visibility: "shown", reason, rect });
  /** What has no place of its own is found at the control that opens it. */
  const judged = (cx, opened, rect) => ({
    visibility: opened.how === "open" ? "openable" : opened.how === "unclear" ? "unclear" : "hidden",
    reason: opened.reason,
    rect: rect || (opened.by && lib.seen(cx, opened.by) ? lib.rect(cx, lib.drawnBox(cx, opened.by)) : null),
  });
  /** Thinner than a stroke of a letter. */
  const speckPx = 2.5;
  const overflowHider = (fact) => {
    const style = fact.style;
    return {
      el: fact.el,
      property: "overflow",
      value: `${style.overflowX} ${lib.clientSize(fact.el)}`,
      outer: null,
    };
  };
  /** The element that carries the offset which puts a box out of reach. */
  const offsetHider = (cx, el) => {
    let carrier = el;
    let steps = 0;
    for (let at = lib.fact(cx, el); at && steps < 60; at = at.above, steps += 1) {
      const style = at.style;
      const placed =
        at.position !== "static" ||
        at.transforms ||
        parseFloat(style.marginLeft) < -200 ||
        parseFloat(style.textIndent) < -200;
      if (!placed) continue;
      carrier = at.el;
      const parent = at.above && lib.box(cx, at.above.el);
      if (parent && lib.area(parent) > 0 && !lib.offScreen(cx, at.above.el, parent)) break;
    }
    const style = lib.fact(cx, carrier).style;
    return {
      el: carrier,
      property: "position",
      value: `${style.position} left ${style.left} top ${style.top}`,
      outer: null,
    };
  };

  /** `{visibility, reason, rect}` of a drawn thing that leads somewhere. */
  lib.reach = (cx, el) => {
    const fact = lib.fact(cx, el);
    if (fact.hiders) return judged(cx, lib.openChain(cx, fact.hiders, 0), null);
    const box = lib.drawnBox(cx, el);
    if (lib.area(box) <= 0) {
      // Boxless but not hidden: it lies in something closed without styles, or it is empty.
      const empty = !dom.textContent(el).trim() && !lib.hasPicture(cx, el);
      const by = zeroAbove(cx, el);
      if (by) return judged(cx, lib.openChain(cx, by, 0), null);
      return { visibility: "hidden", reason: empty ? "empty" : "no box", rect: null };
    }
    const rect = lib.rect(cx, box);
    if (rect.width < speckPx || rect.height < speckPx)
      return { visibility: "hidden", reason: `${rect.width} × ${rect.height} px`, rect };
    const left = lib.clipped(cx, el, box);
    if (left.by) return judged(cx, lib.openChain(cx, overflowHider(left.by), 0), rect);
    if (left.comes) return shown("slides", rect);
    if (lib.offScreen(cx, el, left.box)) return judged(cx, lib.openChain(cx, offsetHider(cx, el), 0), rect);
    const text = lib.textHider(cx, el);
    if (text) return judged(cx, lib.openChain(cx, { ...text, outer: null }, 0), rect);
    if (fact.opacity <= 0.03) return { visibility: "hidden", reason: "opacity: 0 together", rect };
    if (lib.inkIsGround(cx, el)) return { visibility: "unclear", reason: "letters in the colour of their ground", rect };
    return shown(null, rect);
  };
  const zeroAbove = (cx, el) => {
    let found = null;
    lib.eachClipper(cx, el, (fact, clip) => {
      if (clip.r - clip.l < 2 || clip.b - clip.t < 2) found = found || overflowHider(fact);
    });
    return found;
  };

  const widgets = lib.joined(`
      .select2,.select2-container,.chosen-container,.nice-select,.bootstrap-select,.selectize-control,
      .ui-selectmenu-button,.selectric-wrapper,.selectric,.select-styled,.select-selected,.choices,
      .ts-wrapper,.custom-select,.jqTransformSelectWrapper,.sbHolder,.fs-wrap,.dk-select`);
  /** As `reach`, for a select: one that a script has redrawn is hidden, its stand-in is not. */
  lib.reachSelect = (cx, select) => {
    const plain = lib.reach(cx, select);
    if (plain.visibility === "shown") return plain;
    const near = [dom.nextElement(select), dom.previousElement(select), dom.closest(select, widgets)];
    const parent = dom.above(select);
    if (parent) near.push(dom.nextElement(parent), ...[...dom.all(parent, widgets)].slice(0, 4));
    for (const el of near) {
      if (!el || !(dom.is(el, widgets) || dom.all(el, widgets).length)) continue;
      if (lib.seen(cx, el))
        return {
          visibility: "openable",
          reason: `stand-in ${lib.brief(el)}`,
          rect: lib.rect(cx, lib.box(cx, el)),
        };
    }
    return plain;
  };

  /** The picture that an area of an image map belongs to, or null. */
  lib.pictureOfArea = (area) => {
    const map = dom.closest(area, "map");
    const name = map && (dom.attr(map, "name") || dom.attr(map, "id"));
    if (!name) return null;
    const users = dom.all(dom.rootNode(area), "img[usemap],object[usemap],input[usemap]");
    return [...users].find((el) => dom.attr(el, "usemap").replace(/^#/, "") === name) || null;
  };
  /** As `reach`, for an area of an image map: the picture that uses the map decides. */
  lib.reachArea = (cx, area) => {
    const image = lib.pictureOfArea(area);
    if (!image) return { visibility: "hidden", reason: "map without a picture", rect: null };
    const of = lib.reach(cx, image);
    if (of.rect) of.rect = areaRect(area, of.rect);
    return of;
  };
  const areaRect = (area, rect) => {
    const shape = dom.attr(area, "shape").toLowerCase();
    const at = dom
      .attr(area, "coords")
      .split(/[\s,]+/)
      .map(Number)
      .filter(Number.isFinite)
      .slice(0, 400);
    if (shape === "default" || at.length < 3) return rect;
    let left, top, right, bottom;
    if (shape.startsWith("circ")) {
      [left, top, right, bottom] = [at[0] - at[2], at[1] - at[2], at[0] + at[2], at[1] + at[2]];
    } else {
      const xs = at.filter((_, index) => index % 2 === 0);
      const ys = at.filter((_, index) => index % 2 === 1);
      [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    }
    const clamp = (value, max) => Math.max(0, Math.min(max, value));
    const x = clamp(left, rect.width);
    const y = clamp(top, rect.height);
    return {
      x: rect.x + x,
      y: rect.y + y,
      width: clamp(right, rect.width) - x,
      height: clamp(bottom, rect.height) - y,
    };
  };
})(globalThis);
