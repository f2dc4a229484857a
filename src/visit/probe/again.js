// Signs that something in header or footer moves: only where there is one are they looked at twice.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;
  const held = root.__emcAudit.held;
  held.watch = held.watch || null;

  const touchedMax = 400;
  const attributes = ["style", "class", "src", "srcset", "hidden", "background", "href", "transform"];
  const slideNames = lib.pattern(String.raw`
        slide|slick|carousel|swiper|owl-|nivo|flexslider|bxslider|camera_wrap|jssor|tp-banner|fotorama|cycle-`);
  /** Pictures that may be films; those of the size of an icon say nothing of the look. */
  const films = /\.(gif|apng)([?#]|$)|^data:image\/(gif|apng)/i;

  const meets = (el, rect) => {
    const box = dom.box(el);
    const [left, top] = [box.left + root.scrollX, box.top + root.scrollY];
    const wide = Math.min(left + box.width, rect.x + rect.width) - Math.max(left, rect.x);
    const high = Math.min(top + box.height, rect.y + rect.height) - Math.max(top, rect.y);
    return wide > 2 && high > 2;
  };
  const isLarge = (el, width, height) => {
    const box = dom.box(el);
    return box.width >= width && box.height >= height;
  };

  /** Something turns, runs or plays by itself. */
  const isMoving = (cx, rect) => {
    const endless = lib.animations(cx).some(({ effect }) => {
      const target = effect && effect.target;
      return target && !Number.isFinite(effect.getComputedTiming().endTime) && meets(target, rect);
    });
    if (endless) return true;
    const lines = [...dom.everywhere(cx, "marquee", 100)];
    const pictures = [...dom.everywhere(cx, "img", 300)].filter(
      (el) => films.test(dom.attr(el, "src")) && isLarge(el, 60, 30),
    );
    return [...lines, ...pictures].some((el) => meets(el, rect));
  };

  /**
   * Pictures of one box that take turns: one is seen, and others lie on the same spot, or two and more are
   * hidden or beside the box. A single hidden one is what a narrow window gets.
   */
  const takeTurns = (pictures, rect) => {
    const shown = pictures.find((el) => isLarge(el, 150, 40) && meets(el, rect));
    if (!shown) return false;
    const first = dom.box(shown);
    const places = pictures.map((el) => {
      const box = dom.box(el);
      if (el === shown) return "shown";
      if (box.width < 1 || !meets(el, rect)) return "away";
      const same = Math.abs(box.left - first.left) < 5 && Math.abs(box.top - first.top) < 5;
      return same && isLarge(el, 150, 40) ? "under" : "beside";
    });
    const count = (place) => places.filter((one) => one === place).length;
    return !count("beside") && (count("under") > 0 || count("away") > 1);
  };
  const hasSlides = (cx, rect) => {
    const groups = new Map();
    for (const el of dom.everywhere(cx, "img", 300)) {
      const parent = dom.above(el);
      for (const around of [parent, parent && dom.above(parent)]) {
        if (!around) continue;
        if (!groups.has(around)) groups.set(around, []);
        groups.get(around).push(el);
      }
    }
    for (const [around, pictures] of groups) {
      if (!meets(around, rect)) continue;
      if (takeTurns(pictures, rect)) return true;
      if (pictures.length > 1 && slideNames.test(lib.names(around).toLowerCase())) return true;
    }
    return false;
  };

  const end = () => {
    const watch = held.watch;
    held.watch = null;
    if (watch) watch.observer.disconnect();
  };
  /** Watches what is done to the regions from now on, and says what signs of motion they show already. */
  lib.expose("watch", ({ regions }) => {
    end();
    const cx = lib.context(300);
    const watch = { regions, touched: new Set(), wake: null };
    watch.observer = new MutationObserver((records) => {
      for (const { target } of records) {
        const el = dom.nodeType(target) === 1 ? target : dom.parentNode(target);
        if (el && watch.touched.size < touchedMax) watch.touched.add(el);
      }
      if (watch.wake) watch.wake();
    });
    for (const scope of dom.roots(cx))
      watch.observer.observe(scope, {
        subtree: true,
        childList: true,
        characterData: true,
        attributeFilter: attributes,
      });
    held.watch = watch;
    return {
      regions: regions.map((rect) => ({ moving: isMoving(cx, rect), slides: hasSlides(cx, rect) })),
    };
  });
  /**
   * Whether something was done to each of the regions since. For those of `await` it is waited for, `wait_ms`
   * at most.
   */
  lib.expose("touched", ({ wait_ms: most, await: awaited }) => {
    const watch = held.watch;
    if (!watch) return { regions: [] };
    const touched = () =>
      watch.regions.map((rect) => [...watch.touched].some((el) => dom.nodeType(el) === 1 && meets(el, rect)));
    const isEnough = (regions) => regions.every((one, at) => one || !awaited[at]);
    const now = touched();
    if (isEnough(now) || most <= 0) {
      end();
      return { regions: now };
    }
    return new Promise((resolve) => {
      const answer = () => {
        clearTimeout(over);
        resolve({ regions: touched() });
        end();
      };
      const over = setTimeout(answer, most);
      watch.wake = () => {
        if (isEnough(touched())) answer();
      };
    });
  });
})(globalThis);
