// Motion: holding the page still for pictures, and scrolling it through once as a visitor does.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;
  const held = root.__emcAudit.held;
  held.frozen = held.frozen || null;

  const animationsMax = 2000;
  const running = (cx) => {
    const found = [];
    for (const scope of dom.roots(cx)) {
      for (const animation of scope.getAnimations()) {
        if (found.length < animationsMax) found.push(animation);
      }
    }
    return found;
  };
  const faint = (animation) => {
    const target = animation.effect && animation.effect.target;
    if (!target) return false;
    const style = getComputedStyle(target);
    return parseFloat(style.opacity) < 0.05 || style.visibility !== "visible";
  };
  /** A finite animation jumps to its end; an endless one is taken away, or stopped midway if that hides. */
  const still = (animation) => {
    try {
      const timing = animation.effect ? animation.effect.getComputedTiming() : null;
      if (!timing) return null;
      if (Number.isFinite(timing.endTime) && animation.playbackRate > 0) {
        animation.finish();
        return null;
      }
      const at = animation.currentTime;
      animation.cancel();
      if (faint(animation)) {
        animation.pause();
        animation.currentTime = (Number(timing.delay) || 0) + (Number(timing.duration) || 0) / 2;
      }
      return { animation, at };
    } catch {
      return null;
    }
  };
  const stopMarquee = HTMLMarqueeElement.prototype.stop;
  const startMarquee = HTMLMarqueeElement.prototype.start;
  const pauseMedia = HTMLMediaElement.prototype.pause;
  const playMedia = HTMLMediaElement.prototype.play;
  const pausedOf = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "paused").get;
  const isPaused = (el) => pausedOf.call(el);

  /** Holds still what moves now; calling it again holds what has begun to move since. */
  lib.expose("freeze", () => {
    const frozen = (held.frozen = held.frozen || { animations: [], marquees: new Set(), media: new Set() });
    const cx = lib.context(500);
    const all = running(cx).filter(
      (animation) => !frozen.animations.some((one) => one.animation === animation),
    );
    frozen.animations.push(...all.map(still).filter(Boolean));
    for (const el of dom.everywhere(cx, "marquee", 100)) {
      if (!(el instanceof HTMLMarqueeElement)) continue;
      stopMarquee.call(el);
      frozen.marquees.add(el);
    }
    for (const el of dom.everywhere(cx, "video,audio", 50)) {
      if (!(el instanceof HTMLMediaElement) || isPaused(el)) continue;
      pauseMedia.call(el);
      frozen.media.add(el);
    }
    for (const svg of dom.everywhere(cx, "svg", 300)) if (svg instanceof SVGSVGElement) svg.pauseAnimations();
    return {
      animations: all.length,
      held: frozen.animations.length,
      marquees: frozen.marquees.size,
      media: frozen.media.size,
    };
  });
  lib.expose("unfreeze", () => {
    const frozen = held.frozen;
    if (!frozen) return { done: false };
    held.frozen = null;
    for (const { animation, at } of frozen.animations) {
      try {
        animation.play();
        if (at !== null) animation.currentTime = at;
      } catch {
        // Its element is gone.
      }
    }
    for (const el of frozen.marquees) startMarquee.call(el);
    for (const el of frozen.media) playMedia.call(el).catch(() => {});
    const cx = lib.context(300);
    for (const svg of dom.everywhere(cx, "svg", 300))
      if (svg instanceof SVGSVGElement) svg.unpauseAnimations();
    return { done: true };
  });

  // --- scrolling -----------------------------------------------------------------------------------

  /** Resolves after three frames, or after the time when frames do not come. */
  const breathe = (milliseconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
      let frames = 0;
      const count = () => {
        frames += 1;
        if (frames >= 3) resolve();
        else requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
    });
  /** A block that scrolls in the place of the page, where the page itself does not. */
  const innerScroller = () => {
    for (let at = lib.topAt(root.innerWidth / 2, root.innerHeight / 2); at; at = dom.above(at)) {
      if (at === dom.html() || at === dom.body()) continue;
      const more = dom.scrollHeight(at) - dom.clientHeight(at);
      if (
        more < 200 ||
        dom.clientHeight(at) < root.innerHeight * 0.6 ||
        dom.clientWidth(at) < root.innerWidth * 0.6
      )
        continue;
      if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
    }
    return null;
  };
  lib.expose("scrollThrough", async (argument) => {
    const { max_px: most = 30000, max_ms: limit = 3000, step_px: step = 700 } = argument || {};
    const until = performance.now() + limit;
    const scroller = dom.scroller();
    const whole = () => dom.scrollHeight(scroller) - root.innerHeight;
    const inner = whole() < 50 ? innerScroller() : null;
    const end = () => (inner ? dom.scrollHeight(inner) - dom.clientHeight(inner) : whole());
    const to = (top) => {
      if (inner) dom.scrollElement(inner, { top, behavior: "instant" });
      else root.scrollTo({ left: 0, top, behavior: "instant" });
    };
    let at = 0;
    while (at < Math.min(end(), most) && performance.now() < until) {
      at = Math.min(at + Math.max(step, 50), Math.max(end(), 0), most);
      to(at);
      await breathe(60);
    }
    const complete = at >= end() - 2;
    to(0);
    root.scrollTo({ left: 0, top: 0, behavior: "instant" });
    await breathe(60);
    if (root.scrollY !== 0) root.scrollTo({ left: 0, top: 0, behavior: "instant" });
    const view = inner ? dom.clientHeight(inner) : root.innerHeight;
    return {
      reached: Math.round(at + view),
      height: dom.scrollHeight(inner || scroller),
      complete,
      inner: inner ? dom.selector(inner) : null,
    };
  });
})(globalThis);
