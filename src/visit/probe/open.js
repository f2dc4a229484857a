// Whether a visitor can bring up what a style hides: proof by style rules and by the browser's own
// controls first, then by references from controls, handlers and scripts, last by well-known structures.
// A control that is not itself in reach opens nothing; then the answer is at best "unclear".
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const open = (reason, by) => ({ how: "open", reason, by: by || null });
  const unclear = (reason) => ({ how: "unclear", reason });
  /** An element in few words: tag, id, first classes. */
  lib.brief = (el) => {
    const id = dom.attr(el, "id");
    const names = dom.attr(el, "class").split(/\s+/).filter(Boolean).slice(0, 2);
    return lib.cut(dom.tag(el) + (id ? `#${id}` : "") + names.map((name) => `.${name}`).join(""), 60);
  };

  /** Drawn now: nothing hides it, it has a box, and the box is within reach. */
  lib.seen = (cx, el) => {
    const fact = lib.fact(cx, el);
    if (fact.seen !== undefined) return fact.seen;
    fact.seen = false;
    if (fact.hiders) return false;
    const box = lib.drawnBox(cx, el);
    if (lib.area(box) < 4) return false;
    const left = lib.clipped(cx, el, box);
    fact.seen = !left.by && (left.comes || !lib.offScreen(cx, el, left.box));
    return fact.seen;
  };
  /** In reach: drawn, or brought up by something else. */
  const usable = (cx, el, depth) => {
    if (lib.seen(cx, el)) return true;
    if (depth >= 4) return false;
    const hiders = lib.fact(cx, el).hiders;
    return Boolean(hiders) && lib.openChain(cx, hiders, depth + 1).how === "open";
  };

  // --- style rules ---------------------------------------------------------------------------------

  const nearActors = (el, selector) => {
    const found = [];
    let steps = 0;
    for (let at = el; at && steps < 40; at = dom.above(at), steps += 1) {
      if (dom.is(at, selector)) found.push(at);
      let sib = dom.previousElement(at);
      for (let count = 0; sib && count < 60; count += 1, sib = dom.previousElement(sib)) {
        if (dom.is(sib, selector)) found.push(sib);
      }
      if (found.length >= 20) break;
    }
    return found;
  };
  const focusable = "a[href],button,input,select,textarea,summary,[tabindex],area[href]";
  const labelsOf = (input) => {
    const id = dom.attr(input, "id");
    const scope = dom.rootNode(input);
    const around = dom.closest(input, "label");
    return [
      ...(id ? [...dom.all(scope, `label[for="${CSS.escape(id)}"]`)].slice(0, 20) : []),
      ...(around ? [around] : []),
    ];
  };
  const pageLinksTo = (el) => {
    const id = dom.attr(el, "id");
    return id
      ? [
          ...dom.all(dom.rootNode(el), `a[href$="#${CSS.escape(id)}"],area[href$="#${CSS.escape(id)}"]`),
        ].slice(0, 20)
      : [];
  };

  const works = (cx, rule, actor, hider, depth) => {
    const self = actor === hider.el;
    const boxless = /^(display|visibility|content-visibility)$/.test(hider.property);
    if (rule.state === "checked") {
      return (
        usable(cx, actor, depth) ||
        labelsOf(actor).some((label) => !dom.holds(hider.el, label) && usable(cx, label, depth))
      );
    }
    if (rule.state.startsWith("target")) {
      return pageLinksTo(actor).some((link) => !dom.holds(hider.el, link) && usable(cx, link, depth));
    }
    if (rule.state.startsWith("focus")) {
      if (self) return !boxless && (dom.is(actor, focusable) || dom.all(actor, focusable).length > 0);
      if (dom.is(actor, focusable) && usable(cx, actor, depth)) return true;
      if (rule.state !== "focus-within") return false;
      return [...dom.all(actor, focusable)]
        .slice(0, 60)
        .some((inner) => !dom.holds(hider.el, inner) && usable(cx, inner, depth));
    }
    if (rule.state === "open" || rule.state === "popover-open") return false;
    if (self)
      return !boxless && hider.property !== "position" && usable(cx, dom.above(actor) || actor, depth);
    return usable(cx, actor, depth);
  };
  /** A rule that waits for a class that a readable script adds, or an unreadable one may, to what is shown. */
  const byClass = (cx, rule, acted, hider, depth) => {
    if (!lib.canAct(cx)) return null;
    const control = lib.classAdder(cx, rule.word, hider.el);
    if (control) return open(`script, by ${lib.brief(control)}`, control);
    if (!cx.scripts.external) return null;
    const actor = nearActors(hider.el, acted).find(
      (el) => el !== hider.el && el !== dom.body() && el !== dom.html(),
    );
    if (!actor || dom.holds(hider.el, actor)) return null;
    if (usable(cx, actor, depth) && shownBeside(cx, hider.el))
      return open(`class ${rule.word || "state"} of ${lib.brief(actor)}`, actor);
    return null;
  };
  const byRule = (cx, hider, depth) => {
    let spoilt = null;
    for (const rule of lib.openingRules(cx, hider)) {
      if (rule.negated) {
        const parent = dom.above(hider.el);
        if (parent && usable(cx, parent, depth)) return open(`:not(:${rule.state}) rule`);
        continue;
      }
      const acted = lib.actorOf(rule);
      if (rule.state === "class") {
        const found = byClass(cx, rule, acted, hider, depth);
        if (found && found.how === "open") return found;
        spoilt = spoilt || found;
        continue;
      }
      const actors = rule.has
        ? [...dom.all(dom.rootNode(hider.el), acted)].slice(0, 20)
        : nearActors(hider.el, acted);
      for (const actor of actors) {
        if (works(cx, rule, actor, hider, depth)) return open(`:${rule.state} of ${lib.brief(actor)}`, actor);
        if (actor !== hider.el && !usable(cx, actor, depth))
          spoilt = spoilt || unclear(`:${rule.state} of ${lib.brief(actor)}, itself hidden`);
      }
    }
    return spoilt;
  };

  // --- the browser's own controls ------------------------------------------------------------------

  const byBrowser = (cx, hider, depth) => {
    const details = dom.closest(hider.el, "details:not([open])");
    if (details) {
      const summary = dom.all(details, ":scope > summary")[0] || dom.above(details) || details;
      if (usable(cx, summary, depth)) return open("details", summary);
      return unclear("details, itself hidden");
    }
    const id = dom.attr(hider.el, "id");
    if (!id || !(dom.hasAttr(hider.el, "popover") || dom.tag(hider.el) === "dialog")) return null;
    const callers = [
      ...dom.all(dom.doc, `[popovertarget="${CSS.escape(id)}"],[commandfor="${CSS.escape(id)}"]`),
    ];
    const control = callers.find((el) => !dom.holds(hider.el, el) && usable(cx, el, depth));
    return control ? open(`control ${lib.brief(control)}`, control) : null;
  };

  // --- references ----------------------------------------------------------------------------------

  const handlers = [
    "onclick",
    "onmouseover",
    "onmouseenter",
    "onmousedown",
    "onfocus",
    "onchange",
    "ontouchstart",
  ];
  const referring = /^(aria-controls|aria-owns|href|rel|rev|target|for|data-.*)$/;
  const addTo = (map, key, el) => {
    const list = map.get(key);
    if (!list) map.set(key, [el]);
    else if (list.length < 12) list.push(el);
  };
  const references = (cx) => {
    if (cx.references) return cx.references;
    const byName = new Map();
    const codes = [];
    let seen = 0;
    for (const scope of dom.roots(cx)) {
      for (const el of dom.all(scope, "*")) {
        seen += 1;
        if (seen > 30000) break;
        const list = dom.attributes(el);
        for (let at = 0; at < list.length && at < 40; at += 1) {
          const { name, value } = list[at];
          if (name.startsWith("on") && handlers.includes(name) && codes.length < 3000)
            codes.push({ el, code: value.slice(0, 2000) });
          if (name === "href" && value.startsWith("javascript:") && codes.length < 3000)
            codes.push({ el, code: value.slice(0, 2000) });
          if (!referring.test(name) || value === "" || value.length > 120) continue;
          if (name === "href" && !value.startsWith("#")) continue;
          for (const word of value.split(/[\s,]+/).slice(0, 6)) if (word) addTo(byName, word, el);
        }
      }
    }
    if (seen > 30000) cx.truncated.add("references");
    cx.references = { byName, codes };
    return cx.references;
  };
  const controlsOf = (cx, block) => {
    const { byName } = references(cx);
    const found = new Set();
    const id = dom.attr(block, "id");
    if (id) for (const key of [id, `#${id}`]) for (const el of byName.get(key) || []) found.add(el);
    for (const name of dom.attr(block, "class").split(/\s+/).slice(0, 12)) {
      if (name.length < 3) continue;
      for (const el of byName.get(`.${name}`) || []) found.add(el);
    }
    return [...found].filter(
      (el) => !dom.holds(block, el) && !/^(label|style|script|link|meta)$/.test(dom.tag(el)),
    );
  };
  const dropToggles = "[data-toggle=dropdown],[data-bs-toggle=dropdown]";
  /** A toggle of Bootstrap's opens the menu that stands with it in one element. */
  const togglesBeside = (block) => {
    const parent = dom.above(block);
    if (!parent || !/(^|\s)dropdown-menu(\s|$)/.test(dom.attr(block, "class"))) return [];
    return [...dom.all(parent, dropToggles)].filter((el) => !dom.holds(block, el)).slice(0, 6);
  };
  const byReference = (cx, hider, depth) => {
    if (!lib.canAct(cx)) return null;
    const controls = [...controlsOf(cx, hider.el), ...togglesBeside(hider.el)];
    const control = controls.find((el) => usable(cx, el, depth));
    if (control) return open(`control ${lib.brief(control)}`, control);
    return controls.length ? unclear(`control ${lib.brief(controls[0])}, itself hidden`) : null;
  };

  const beside = (control, block) => {
    const parent = dom.above(block);
    return (
      parent !== null &&
      parent !== dom.body() &&
      (dom.holds(parent, control) || dom.previousElement(parent) === control)
    );
  };
  const byHandler = (cx, hider, depth) => {
    let best = null;
    for (const { el, code } of references(cx).codes) {
      if (dom.holds(hider.el, el)) continue;
      let says = lib.codeOn(code, hider.el);
      if (!says && lib.goesBeside(code) && beside(el, hider.el) && lib.showsIn(code)) says = "shows";
      if (!says) continue;
      if (says === "shows" && usable(cx, el, depth)) return open(`handler of ${lib.brief(el)}`, el);
      best = best || unclear(`named by a handler of ${lib.brief(el)}`);
    }
    return best;
  };
  const byScript = (cx, hider) => {
    const says = lib.scriptOn(cx, hider.el);
    if (!says || !says.shows) {
      const [control] = lib.besideControls(cx, hider.el, (el) => beside(el, hider.el));
      if (control === dom.previousElement(hider.el) && control) return open(`script beside ${lib.brief(control)}`, control);
      if (control) return unclear(`script beside ${lib.brief(control)}`);
    }
    if (!says) return null;
    return says.shows ? open(`script, by ${lib.brief(says.control)}`, says.control) : unclear("named by a script");
  };

  // --- structures ----------------------------------------------------------------------------------

  const menuNames = lib.pattern(
    String.raw`
        (^|[\s_-])(dropdown|dropdown-menu|drop-?down|sub-?menus?|sub_menu|menu-?sub|mega-?menu|children|
        child-?menu|menu-?child|sub-?nav|nav-?sub|ul-?sub|sub-?list|rmSlide|rmGroup|dynamic|popout|
        level[-_]?[1-4]|lv[-_]?[2-4]|cap[-_]?[2-4]|hover-?menu|flyout)($|[\s_-])`,
    "i",
  );
  const tabNames = lib.pattern(
    String.raw`
        (^|[\s_-])(tab-?panes?|tab-?panels?|tab-?contents?|tabs?-?content|tab-?item|tabs?-?body|
        ui-tabs-panel|resp-tab-content|pane)($|[\s_-])`,
    "i",
  );
  const foldNames = lib.pattern(
    String.raw`
        (^|[\s_-])(accordion|collapse|collapsible|panel-collapse|toggle-?content|acc-?content|
        expand(able)?|spoiler)($|[\s_-])`,
    "i",
  );
  const slideNames =
    /slick|swiper|owl-|carousel|slider|slide\b|slides\b|slideshow|cycle|bx-|flexslider|splide|glide/i;
  const offNames = lib.pattern(
    String.raw`
        offcanvas|off-canvas|mobile-?(menu|nav)|menu-?mobile|nav-?mobile|m-menu|side-?(menu|nav)|
        sidenav|drawer|mm-menu|mean-nav|slicknav|navbar-collapse|main-?nav|menu-?main`,
    "i",
  );
  const togglers = lib.joined(`
      .navbar-toggle,.navbar-toggler,.menu-toggle,.hamburger,.btn-menu,.menu-btn,.toggle-menu,
      .nav-toggle,.burger,.mobile-menu-btn,.btn-mobile,.open-menu,.menu-icon,.icon-menu,.slicknav_btn,
      .meanmenu-reveal,.btn-toggle,[class*=toggle-nav],[class*=menu-bar],[aria-label*=menu i]`);
  const offCanvas = (el) =>
    offNames.test(lib.names(el)) ||
    Boolean(dom.closest(el, "[class*=mobile i],[id*=mobile i],[class*=offcanvas i]"));

  const shownBeside = (cx, block) => {
    const parent = dom.above(block);
    if (!parent) return null;
    for (
      let el = dom.firstElement(parent), count = 0;
      el && count < 60;
      el = dom.nextElement(el), count += 1
    ) {
      if (el !== block && !/^(script|style|br|hr|link)$/.test(dom.tag(el)) && lib.seen(cx, el)) return el;
    }
    return null;
  };
  const inList = (el) => {
    const parent = dom.above(el);
    return parent !== null && /^(li|dd|dt)$/.test(dom.tag(parent));
  };
  const actsOnStructures = (cx) => cx.scripts && (cx.scripts.external > 0 || lib.scriptOnLists(cx));
  const byStructure = (cx, hider) => {
    const block = hider.el;
    const names = lib.names(block);
    if (!actsOnStructures(cx)) return null;
    const slides = dom.closest(
      block,
      lib.joined(`
        [class*=slick],[class*=swiper],[class*=owl-],[class*=carousel],[class*=slider],[class*=slide],
        [class*=cycle],[class*=bx-]`),
    );
    if (slides && (slides !== block || slideNames.test(names)) && shownBeside(cx, block))
      return open("slide");
    if (offCanvas(block)) return byToggler(cx, block);
    const label = shownBeside(cx, block);
    if (menuNames.test(names) && label) return open(`menu of ${lib.brief(label)}`, label);
    if (tabNames.test(names) && label) return open("tab", label);
    if (foldNames.test(names) && label) return open(`folded under ${lib.brief(label)}`, label);
    return null;
  };
  const byToggler = (cx, block) => {
    const all = dom.everywhere(cx, togglers, 40).filter((el) => !dom.holds(block, el));
    const drawn = all.find((el) => lib.seen(cx, el));
    if (drawn) return open(`menu button ${lib.brief(drawn)}`, drawn);
    return unclear("menu of another screen size");
  };

  const menuLike = (cx, block) =>
    /^(ul|ol|nav|menu|dl)$/.test(dom.tag(block)) ||
    menuNames.test(lib.names(block)) ||
    /(^|[\s_-])(menu|nav)/i.test(lib.names(block)) ||
    Boolean(dom.closest(block, "nav,[role=navigation],[role=menu],[class*=menu i],[id*=menu i]"));
  const controlLike = lib.joined(`
      button,[role=button],summary,[aria-expanded],[aria-haspopup],[data-toggle],[data-bs-toggle]`);
  const byDoubt = (cx, hider) => {
    const block = hider.el;
    // Listeners cannot be seen from here; a visitor tries what has the hand for a pointer.
    const before = dom.previousElement(block);
    const control = before && (lib.looksClickable(cx, before) || dom.is(before, controlLike));
    if (control && lib.canAct(cx) && lib.seen(cx, before))
      return unclear(`under ${lib.brief(before)}, which looks like a control`);
    if (!menuLike(cx, block)) return null;
    if (lib.rules(cx).unreadable > 0) return unclear("style sheets of another host");
    if (!lib.canAct(cx)) return null;
    if (inList(block) && shownBeside(cx, block)) return unclear("list under a shown entry");
    if (offCanvas(block)) return unclear("menu of another screen size");
    return null;
  };

  /** What opens one hider: `{how: "open" | "unclear" | "shut", reason}`. */
  const openOne = (cx, hider, depth) => {
    const memo = (cx.opened = cx.opened || new Map());
    const key = hider.property;
    const known = memo.get(hider.el);
    if (known && known[key]) return known[key];
    const record = known || {};
    memo.set(hider.el, record);
    record[key] = { how: "shut", reason: "asked again" };
    let doubt = null;
    let found = null;
    for (const way of [byRule, byBrowser, byReference, byHandler, byScript, byStructure, byDoubt]) {
      found = lib.part(cx, "open", null, () => way(cx, hider, depth));
      if (found && found.how === "open") break;
      doubt = doubt || found;
      found = null;
      if (lib.late(cx, "open")) break;
    }
    const value = lib.cut(hider.value, 40);
    record[key] = found ||
      doubt || { how: "shut", reason: `${hider.property}: ${value} on ${lib.cut(dom.sign(hider.el), 100)}` };
    return record[key];
  };
  /** The worst of a chain of hiders: each of them has to be opened. */
  lib.openChain = (cx, hiders, depth) => {
    let worst = null;
    let steps = 0;
    for (let at = hiders; at && steps < 12; at = at.outer, steps += 1) {
      const one = openOne(cx, at, depth);
      if (one.how === "shut") return one;
      // The outermost control is the one that a visitor sees first.
      const by = one.by || (worst && worst.by) || null;
      worst = { ...(!worst || one.how === "unclear" ? one : worst), by };
    }
    return worst || open("");
  };
})(globalThis);
