// Motion: holding the page still for pictures, and scrolling it through once as a visitor does.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;
  const held = root.__emcAudit.held;
  held.frozen = held.frozen || null;

  const animationsMax = 2000;
  /** Animations and transitions that run or hold their end. */
  lib.animations = (cx) => {
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
  const isEndless = (animation) => !Number.isFinite(animation.effect.getComputedTiming().endTime);
  /** Something that a header is made of, by its width, is still coming or going. */
  const isWide = (animation) => {
    const target = animation.effect.target;
    return (
      animation.playState === "running" && Boolean(target) && dom.box(target).width >= root.innerWidth * 0.4
    );
  };
  const phases = [0.5, 0.25, 0.1, 0.75];
  /**
   * A finite animation jumps to its end; an endless one is taken away, or stopped where it shows something if
   * that hides. With `turn` it is moved on by that share of its round instead: what it also shows.
   */
  const still = (animation, turn) => {
    try {
      if (!animation.effect) return null;
      if (!isEndless(animation) && animation.playbackRate > 0) {
        const ended = isWide(animation);
        animation.finish();
        return { ended };
      }
      const { delay, duration } = animation.effect.getComputedTiming();
      const round = Number(duration) || 0;
      const at = animation.currentTime;
      if (turn) {
        animation.pause();
        animation.currentTime = (Number(at) || 0) + round * turn;
        return { animation, at };
      }
      animation.cancel();
      for (const phase of phases) {
        if (!faint(animation)) break;
        animation.pause();
        animation.currentTime = (Number(delay) || 0) + round * phase;
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
  lib.expose("freeze", (argument) => {
    const { turn = 0 } = argument || {};
    const frozen = (held.frozen = held.frozen || { animations: [], marquees: new Set(), media: new Set() });
    const cx = lib.context(500);
    const all = lib
      .animations(cx)
      .filter((animation) => !frozen.animations.some((one) => one.animation === animation));
    const done = all.map((animation) => still(animation, turn)).filter(Boolean);
    frozen.animations.push(...done.filter((one) => one.animation));
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
      ended: done.filter((one) => one.ended).length,
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

  const frame = () =>
    new Promise((resolve) => {
      setTimeout(resolve, 100);
      requestAnimationFrame(resolve);
    });
  /**
   * Lets the page hear that it was scrolled back to its top: headers turn to their first look by that. Then waits
   * while a script fades something wide in or out, by the styles that it writes: no animation of the
   * browser's knows of that. A page without such styles is at rest at once.
   */
  lib.expose("comeToRest", async (argument) => {
    const { max_ms: most = 1500 } = argument || {};
    await frame();
    await frame();
    const opacity = (el) => parseFloat(getComputedStyle(el).opacity);
    const isHalfway = (el) => {
      const box = dom.box(el);
      const wide = box.width >= root.innerWidth * 0.4 && box.height >= 20;
      return wide && opacity(el) > 0.02 && opacity(el) < 0.98;
    };
    const fading = [...dom.everywhere(lib.context(300), '[style*="opacity"]', 300)].filter(isHalfway);
    const began = performance.now();
    let [before, changed, faded_ms] = [fading.map(opacity).join(), began, 0];
    // Scripts fade in steps of a twentieth of a second or less.
    while (fading.length && performance.now() - changed < 250 && performance.now() - began < most) {
      await frame();
      const now = fading.map(opacity).join();
      if (now !== before) {
        changed = performance.now();
        faded_ms = changed - began;
      }
      before = now;
    }
    return { faded_ms };
  });

  // --- scrolling -----------------------------------------------------------------------------------

  /** Resolves after two frames, so that what watches the view has heard of the first; or after the time, without. */
  const breathe = (milliseconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
      let frames = 0;
      const count = () => {
        frames += 1;
        if (frames >= 2) resolve();
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
    const { max_px: most = 30000, max_ms: limit = 3000, step_px: step = 800 } = argument || {};
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
