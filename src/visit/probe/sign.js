// What an element is called when people are told of it.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const plain = (name) => name.length > 0 && name.length <= 80 && !/\s/.test(name);
  // What scripts put on and off, or what a build makes anew, is no name.
  const passing = lib.pattern(
    `^(is-|has-|js-|ng-|v-)|(^|[-_])(active|show|shown|open|opened|current|visible|hidden|hide|in|out|fade|
      collapse|collapsed|collapsing|hover|focus|selected|loaded|loading|lazy|animated|sticky|fixed)$|
      ^(slick|swiper|owl|aos|wow)-|^(css|sc|jsx|svelte)-|[0-9a-f]{6,}`,
    "i",
  );
  /** The shortest selector by classes that fits this element alone, or null. */
  const byClass = (el, scope) => {
    const names = dom.attr(el, "class").split(/\s+/).filter((name) => plain(name) && !passing.test(name));
    const own = names.slice(0, 4).map((name) => `.${CSS.escape(name)}`);
    const tag = CSS.escape(dom.tag(el));
    const tried = [...own, ...own.map((name) => tag + name), own.slice(0, 2).join(""), tag + own.join("")];
    return own.length ? tried.find((one) => dom.all(scope, one).length === 1) || null : null;
  };
  /**
   * As `dom.selector`, but by names that people find in the source: for words, not to find the element again,
   * because a script may give the class to another one.
   */
  dom.sign = (el) => {
    const scope = dom.rootNode(el);
    const full = dom.selector(el);
    const steps = full.split(" > ");
    for (let at = el, below = 0; at && dom.nodeType(at) === 1 && below < 40; at = dom.parentNode(at), below += 1) {
      const id = dom.attr(at, "id");
      if (plain(id) && dom.all(scope, `#${CSS.escape(id)}`).length === 1) return full;
      const named = byClass(at, scope);
      if (!named) continue;
      const inRoot = [named, ...steps.slice(steps.length - below)].join(" > ");
      const hosts = full.includes(" >>> ") ? `${full.slice(0, full.lastIndexOf(" >>> "))} >>> ` : "";
      return hosts + inRoot;
    }
    return full;
  };
})(globalThis);
