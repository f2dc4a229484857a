// What hides an element: its own style and that of everything above it, read once per element and call.
// A fact holds the chain of hiders from the outermost to the nearest; an element without hiders is drawn
// if it has a box that nothing clips away (clip.js).
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const zeroClip = (clip) => {
    const inner = /^rect\(([^)]*)\)/.exec(clip);
    if (!inner) return false;
    const [top, right, bottom, left] = inner[1].split(/[\s,]+/).map((side) => parseFloat(side));
    return bottom - top <= 1 || right - left <= 1;
  };
  const percent = (text, whole) => (text.endsWith("%") ? (parseFloat(text) / 100) * whole : parseFloat(text));
  const insetLeaves = (inside, width, height) => {
    const sides = inside
      .split(/\s+round\s+/)[0]
      .trim()
      .split(/\s+/);
    const at = (index) => sides[index] ?? sides[index - 2] ?? sides[0];
    const top = percent(at(0), height);
    const right = percent(at(1), width);
    const bottom = percent(at(2), height);
    const left = percent(at(3), width);
    return (width - left - right) * (height - top - bottom);
  };
  /** Whether a clip path leaves nothing of a box. */
  const zeroPath = (path, el) => {
    const shape = /^(inset|circle|ellipse|polygon)\((.*)\)/.exec(path);
    if (!shape) return false;
    const box = dom.box(el);
    if (shape[1] === "inset") {
      const left = insetLeaves(shape[2], box.width || 100, box.height || 100);
      return Number.isFinite(left) && left <= 1;
    }
    if (shape[1] === "polygon") {
      const points = shape[2].split(",").map((point) => point.trim().split(/\s+/));
      const flat = (axis) => new Set(points.map((point) => point[axis])).size === 1;
      return flat(0) || flat(1);
    }
    return /^0(px|%)?(\s|$)/.test(shape[2].trim());
  };
  const flatMatrix = (transform) => {
    const matrix = /^matrix(3d)?\(([^)]*)\)/.exec(transform);
    if (!matrix) return false;
    const cell = matrix[2].split(",").map(Number);
    const area = matrix[1] ? cell[0] * cell[5] - cell[1] * cell[4] : cell[0] * cell[3] - cell[1] * cell[2];
    return Math.abs(area) < 1e-4;
  };
  const zeroFilter = (filter) => /opacity\(0(\.0\d*)?%?\)/.test(filter);

  const hider = (el, property, value, outer) => ({ el, property, value: String(value).slice(0, 120), outer });
  const without = (chain, property) => {
    const kept = [];
    for (let at = chain; at; at = at.outer) if (at.property !== property) kept.push(at);
    let made = null;
    for (let at = kept.length - 1; at >= 0; at -= 1) made = { ...kept[at], outer: made };
    return made;
  };
  const inClosedDetails = (el, above) =>
    above !== null &&
    dom.tag(above.el) === "details" &&
    !dom.hasAttr(above.el, "open") &&
    !(dom.tag(el) === "summary" && dom.all(above.el, ":scope > summary")[0] === el);

  const make = (el, above) => {
    const style = getComputedStyle(el);
    const fact = {
      el,
      above,
      style,
      display: style.display,
      visibility: style.visibility,
      position: style.position,
      own: parseFloat(style.opacity),
      opacity: 1,
      hiders: above ? above.hiders : null,
    };
    fact.opacity = (above ? above.opacity : 1) * fact.own;
    const add = (property, value, by) => {
      fact.hiders = hider(by || el, property, value, fact.hiders);
    };
    if (above && above.skips) add("content-visibility", "hidden", above.el);
    if (inClosedDetails(el, above)) add("content-visibility", "hidden", above.el);
    if (fact.display === "none") add("display", "none");
    const seen = fact.visibility === "visible";
    const wasSeen = !above || above.visibility === "visible";
    if (!seen && wasSeen) add("visibility", fact.visibility);
    if (seen && !wasSeen) fact.hiders = without(fact.hiders, "visibility");
    if (fact.own <= 0.03) add("opacity", style.opacity);
    const filter = style.filter;
    if (filter !== "none" && zeroFilter(filter)) add("filter", filter);
    const transform = style.transform;
    if (transform !== "none" && flatMatrix(transform)) add("transform", transform);
    const scale = style.scale;
    if (scale !== "none" && /(^|\s)0(\s|$)/.test(scale)) add("scale", scale);
    const path = style.clipPath;
    if (path !== "none" && zeroPath(path, el)) add("clip-path", path);
    if ((fact.position === "absolute" || fact.position === "fixed") && zeroClip(style.clip)) {
      add("clip", style.clip);
    }
    fact.transforms = transform !== "none";
    fact.skips = style.contentVisibility === "hidden";
    return fact;
  };

  /** The fact of an element, made from the outermost unknown ancestor inwards. */
  lib.fact = (cx, el) => {
    const known = cx.facts.get(el);
    if (known) return known;
    const chain = [el];
    let at = dom.above(el);
    while (at && !cx.facts.has(at) && chain.length < 20000) {
      chain.push(at);
      at = dom.above(at);
    }
    let above = (at && cx.facts.get(at)) || null;
    for (let index = chain.length - 1; index >= 0; index -= 1) {
      above = make(chain[index], above);
      cx.facts.set(chain[index], above);
    }
    return above;
  };

  /** The box in viewport coordinates, read once. */
  lib.box = (cx, el) => {
    const fact = lib.fact(cx, el);
    if (!fact.box) {
      const box = dom.box(el);
      fact.box = { l: box.left, t: box.top, r: box.right, b: box.bottom };
    }
    return fact.box;
  };
  lib.area = (box) => Math.max(0, box.r - box.l) * Math.max(0, box.b - box.t);
  lib.meet = (one, other) => ({
    l: Math.max(one.l, other.l),
    t: Math.max(one.t, other.t),
    r: Math.min(one.r, other.r),
    b: Math.min(one.b, other.b),
  });
  const tenth = (value) => Math.round(value * 10) / 10;
  /** A box as Rect in page coordinates; sides that crossed become zero. */
  lib.rect = (cx, box) => ({
    x: tenth(box.l + cx.scrollX),
    y: tenth(box.t + cx.scrollY),
    width: tenth(Math.max(0, box.r - box.l)),
    height: tenth(Math.max(0, box.b - box.t)),
  });

  /** The box of an element or, where it has none of its own, the union of the nearest boxes below it. */
  lib.drawnBox = (cx, el) => {
    const box = lib.box(cx, el);
    // The box of an inline element leaves out what stands taller in it.
    const inline =
      lib.fact(cx, el).display === "inline" && dom.firstElement(el) !== null && !dom.is(el, "img,svg,input");
    if (lib.area(box) > 0 && !inline) return box;
    let union = lib.area(box) > 0 ? { ...box } : null;
    let looked = 0;
    for (const child of dom.all(el, "*")) {
      looked += 1;
      if (looked > 24) break;
      const part = lib.box(cx, child);
      if (lib.area(part) <= 0 || lib.fact(cx, child).hiders) continue;
      union = union
        ? {
            l: Math.min(union.l, part.l),
            t: Math.min(union.t, part.t),
            r: Math.max(union.r, part.r),
            b: Math.max(union.b, part.b),
          }
        : { ...part };
    }
    return union || box;
  };

  const pictures = "img,svg,canvas,video,picture,object,embed,input[type=image]";
  /** The pointer becomes a hand over it, as over what can be clicked. */
  lib.looksClickable = (cx, el) => lib.fact(cx, el).style.cursor === "pointer";
  lib.hasBackground = (cx, el) => /url\(/.test(lib.fact(cx, el).style.backgroundImage);
  /** Whether something other than text is drawn in it: a picture or a background picture. */
  lib.hasPicture = (cx, el) => {
    if (lib.hasBackground(cx, el) || dom.is(el, pictures)) return true;
    if (dom.all(el, pictures).length) return true;
    let looked = 0;
    for (const child of dom.all(el, "*")) {
      looked += 1;
      if (looked > 30) break;
      if (lib.hasBackground(cx, child)) return true;
    }
    return false;
  };
  const channels = (colour) => {
    const numbers = (/^rgba?\(([^)]*)\)/.exec(colour) || ["", ""])[1].split(/[\s,/]+/).map(Number);
    return numbers.length >= 3 ? { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 } : null;
  };
  /** Letters without ink, neither cut out of their background nor left to their shadow. */
  const inkless = (style) => {
    const ink = channels(style.webkitTextFillColor || style.color);
    const otherwise = /text/.test(style.backgroundClip) || style.textShadow !== "none";
    return Boolean(ink) && ink.alpha <= 0.03 && !otherwise && !/[1-9]/.test(style.webkitTextStrokeWidth);
  };
  /** The plain colour under an element, as those above it say; `null` where something placed or pictured may lie there. */
  const groundOf = (fact) => {
    const climbed = [];
    let found = null;
    for (let at = fact; at; at = at.above) {
      if (at.ground !== undefined) {
        found = at.ground;
        break;
      }
      climbed.push(at);
      const { style } = at;
      const ground = channels(style.backgroundColor);
      if (at.position !== "static" || style.backgroundImage !== "none" || style.filter !== "none" || !ground) break;
      if (ground.alpha > 0) {
        found = ground.alpha === 1 ? ground.rgb : null;
        break;
      }
    }
    for (const at of climbed) at.ground = found;
    return found;
  };
  /** Whether letters have the colour of the plain ground they stand on. */
  lib.inkIsGround = (cx, el) => {
    const fact = lib.fact(cx, el);
    const ground = groundOf(fact);
    if (!ground) return false;
    const ink = channels(fact.style.webkitTextFillColor || fact.style.color);
    const same = ink && ink.alpha === 1 && ground.every((value, at) => Math.abs(value - ink.rgb[at]) <= 3);
    return Boolean(same) && fact.style.textShadow === "none" && !dom.firstElement(el) && !lib.hasPicture(cx, el);
  };
  /** Text that is drawn nowhere: no size, or pushed out of its line. Pictures in it are another matter. */
  lib.textHider = (cx, el) => {
    const of = (holder) => {
      const style = lib.fact(cx, holder).style;
      if (parseFloat(style.fontSize) < 0.5)
        return { el: holder, property: "font-size", value: style.fontSize };
      if (parseFloat(style.textIndent) <= -500)
        return { el: holder, property: "text-indent", value: style.textIndent };
      return inkless(style) ? { el: holder, property: "color", value: style.color } : null;
    };
    let holder = el;
    if (dom.firstElement(el)) {
      let looked = 0;
      for (const child of dom.all(el, "*")) {
        const first = dom.firstChild(child);
        looked += 1;
        if (looked > 40) break;
        if (!first || dom.nodeType(first) !== 3 || !first.data.trim()) continue;
        holder = child;
        break;
      }
    }
    const found = of(holder);
    return found && !lib.hasPicture(cx, el) ? found : null;
  };
})(globalThis);
