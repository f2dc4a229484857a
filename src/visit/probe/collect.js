// The two questions that a visit asks of every frame: everything at the end (`collect`), and a cheap poll
// while the page settles (`state`).
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const emptyPage = {
    title: "",
    lang: "",
    charset: "",
    meta: [],
    width: 0,
    height: 0,
    element_count: 0,
    text: { start: "", length: 0, links: 0, images: 0, scripts: 0, forms: 0, markers: [] },
  };
  const emptyLayout = {
    page_width: 0,
    page_height: 0,
    viewport_width: 0,
    viewport_height: 0,
    html_background: "",
    body_background: "",
    page_filter: null,
    blocks: [],
  };

  const partLimit = 2500;
  lib.expose("collect", (argument) => {
    const { emc = {}, top = true, links_max: linksMax = 3000, blocks_max: blocksMax = 2500 } = argument || {};
    const cx = lib.context(0);
    const took = {};
    // Counts bound the work; the clock is a last resort, for under load it runs faster than the page.
    const part = (name, empty, work) => {
      const from = performance.now();
      cx.deadline = from + partLimit;
      const made = lib.part(cx, name, empty, work);
      took[name] = Math.round((performance.now() - from) * 10) / 10;
      return made;
    };
    const page = part("page", emptyPage, () => lib.page(cx));
    const code = part("code", { snippets: [], queue: null }, () => lib.code(cx, emc));
    const links = part("links", [], () => lib.links(cx, emc, linksMax));
    const layout = top ? part("layout", emptyLayout, () => lib.layout(cx, blocksMax)) : null;
    const iframes = part("iframes", [], () => lib.iframes(cx));
    // Last: it scrolls inside this task and back.
    const badges = part("badges", [], () => lib.badges(cx, emc));
    return {
      page: { ...page, badges, links, truncated: [...cx.truncated].slice(0, 40) },
      code,
      layout,
      iframes,
      took_ms: took,
    };
  });

  const textLength = () => {
    const body = dom.body();
    if (!body) return 0;
    const walker = Document.prototype.createTreeWalker.call(dom.doc, body, NodeFilter.SHOW_TEXT);
    let length = 0;
    let count = 0;
    for (let node = walker.nextNode(); node && count < 20000; node = walker.nextNode(), count += 1) {
      const { data } = node;
      if (data.length < 40 && !/\S/.test(data)) continue;
      const parent = dom.parentNode(node);
      if (parent && dom.nodeType(parent) === 1 && /^(script|style|noscript|template)$/.test(dom.tag(parent)))
        continue;
      length += data.length;
    }
    return length;
  };
  /** Badge candidates that seem to be drawn; the whole search only where its words occur at all. */
  const badgesSeen = (cx, emc) => {
    const words = lib.badgeWords(cx, emc);
    const elements = new Set();
    for (const selector of emc.badge_selectors || [])
      for (const el of [...dom.everywhere(cx, selector, 5)]) elements.add(el);
    if (!elements.size) {
      const body = dom.body();
      const text = body ? dom.textContent(body) : "";
      const attributes = words.quick
        ? dom.all(dom.doc, "[alt*=emc i],[title*=emc i],[aria-label*=emc i],input[value*=emc i]").length > 0
        : true;
      const inShadow = dom.roots(cx).length > 1;
      if (attributes || inShadow || text.length > 400000 || lib.wordsIn(words, text)) {
        for (const one of lib.badgeElements(cx, emc, true))
          if (one.kind !== "suggested") elements.add(one.el);
      }
    }
    let seen = 0;
    for (const el of elements) if (lib.seen(cx, el)) seen += 1;
    return seen;
  };
  const readyState = Object.getOwnPropertyDescriptor(Document.prototype, "readyState").get;

  lib.expose("state", (argument) => {
    const emc = (argument && argument.emc) || {};
    const cx = lib.context(60, 40000);
    return {
      url: root.location.href,
      ready_state: readyState.call(dom.doc),
      elements: dom.all(dom.doc, "*").length,
      text_length: lib.part(cx, "text", 0, textLength),
      badge: lib.part(cx, "badge", 0, () => badgesSeen(cx, emc)),
      code: lib.part(cx, "code", false, () => lib.hasLiveCode(cx, emc)),
      links: dom.all(dom.doc, "a[href]").length,
      height: lib.part(cx, "height", 0, () => dom.scrollHeight(dom.scroller())),
    };
  });
})(globalThis);
