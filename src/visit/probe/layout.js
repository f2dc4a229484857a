// The drawn boxes of the page that header and footer are found by: a bounded list in document order,
// with preference for the beginning and the end of the page.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const headZone = 1400;
  const footZone = 1600;
  const surveyMax = 60000;
  const styledMax = 9000;
  const closed = lib.pattern(String.raw`
        ^(script|style|noscript|template|textarea|select|iframe|canvas|video|audio|object|head|svg|
        picture|map|datalist)$`);
  const unseen =
    /^(script|style|noscript|template|head|meta|link|title|base|br|wbr|option|source|param|area|map|datalist)$/;
  const landmark = /^(header|footer|nav|main|aside|section|article|form|table|h1|h2|h3|marquee)$/;
  const pictureTags = /^(img|svg|canvas|video|object|embed)$/;

  /** Every element in document order with parent, end of its subtree and direct text. */
  lib.survey = (cx) => {
    if (cx.survey) return cx.survey;
    const els = [];
    const parents = [];
    const ends = [];
    const texts = [];
    const open = [];
    const enter = (el, parent) => {
      const at = els.length;
      els.push(el);
      parents.push(parent);
      ends.push(at + 1);
      texts.push("");
      if (closed.test(dom.tag(el)) && dom.tag(el) !== "picture") return;
      const drawn = dom.shadow(el) || el instanceof HTMLSlotElement;
      open.push({
        at,
        list: drawn ? dom.drawnChildren(el) : null,
        next: 0,
        node: drawn ? null : dom.firstChild(el),
      });
    };
    const html = dom.html();
    if (html) enter(html, -1);
    while (open.length) {
      const top = open[open.length - 1];
      let node;
      if (top.list) {
        node = top.list[top.next];
        top.next += 1;
      } else {
        node = top.node;
        if (node) top.node = dom.nextSibling(node);
      }
      if (!node || els.length >= surveyMax) {
        ends[top.at] = els.length;
        open.pop();
        continue;
      }
      const type = dom.nodeType(node);
      if (type === 1) enter(node, top.at);
      else if (type === 3 && texts[top.at].length < 6000) {
        const data = node.data;
        if (/\S/.test(data)) texts[top.at] += ` ${data.slice(0, 6000)}`;
      }
    }
    if (els.length >= surveyMax) cx.truncated.add("elements");
    cx.survey = { els, parents, ends, texts };
    return cx.survey;
  };

  /** Characters of drawn text of each surveyed element, by its own text nodes. */
  lib.drawnTextLengths = (cx) => {
    if (cx.textLengths) return cx.textLengths;
    const { els, texts } = lib.survey(cx);
    const lengths = new Uint32Array(els.length);
    let looked = 0;
    for (let at = 0; at < els.length; at += 1) {
      if (!texts[at]) continue;
      texts[at] = lib.squeeze(texts[at]);
      if (!texts[at] || unseen.test(dom.tag(els[at]))) continue;
      looked += 1;
      const far = looked > 20000 || (looked % 256 === 0 && lib.late(cx, "text"));
      if (far) cx.truncated.add("text");
      if (far || (!lib.fact(cx, els[at]).hiders && lib.area(lib.drawnBox(cx, els[at])) > 0))
        lengths[at] = texts[at].length;
    }
    cx.textLengths = lengths;
    return lengths;
  };

  const transparent = (colour) => colour === "transparent" || /,\s*0\)$|\/\s*0\)$/.test(colour);
  const pictureOf = (el, style) => {
    const name = dom.tag(el);
    if (name === "img" || (name === "input" && dom.attr(el, "type") === "image"))
      return ["img", el instanceof HTMLImageElement ? imageSource(el) : dom.attr(el, "src")];
    if (pictureTags.test(name))
      return [
        name === "object" || name === "embed" ? "img" : name,
        dom.attr(el, "src") || dom.attr(el, "data"),
      ];
    const background = /url\("?([^")]*)/.exec(style.backgroundImage);
    if (background) return ["background", background[1]];
    return style.backgroundImage.includes("gradient") ? ["background", ""] : ["", ""];
  };
  const imageSource = (() => {
    const get = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "currentSrc").get;
    return (el) => get.call(el) || dom.attr(el, "src");
  })();
  const bordered = (style) =>
    (parseFloat(style.borderTopWidth) > 0 && !transparent(style.borderTopColor)) ||
    (parseFloat(style.borderBottomWidth) > 0 && !transparent(style.borderBottomColor));

  /** Indexes worth styling: those of both zones and the large ones between. */
  const choose = (cx, survey) => {
    const { els } = survey;
    const height = dom.scrollHeight(dom.scroller());
    const zone = [];
    const middle = [];
    for (let at = 0; at < els.length; at += 1) {
      if (at % 4096 === 4095 && lib.late(cx, "layout")) break;
      if (unseen.test(dom.tag(els[at]))) continue;
      const known = cx.facts.get(els[at]);
      const box = known && known.box ? known.box : boxOf(els[at]);
      survey.boxes[at] = box;
      if (box.r - box.l < 1 || box.b - box.t < 1) continue;
      const top = box.t + cx.scrollY;
      const bottom = box.b + cx.scrollY;
      if (top < headZone || bottom > height - footZone) zone.push(at);
      else if (box.b - box.t >= 60 && box.r - box.l >= root.innerWidth * 0.4) middle.push(at);
    }
    return { zone, middle: middle.slice(0, 400) };
  };
  const boxOf = (el) => {
    const box = dom.box(el);
    return { l: box.left, t: box.top, r: box.right, b: box.bottom };
  };

  const describe = (cx, survey, at) => {
    const el = survey.els[at];
    const fact = lib.fact(cx, el);
    if (fact.hiders || fact.opacity <= 0.03) return null;
    const { style } = fact;
    const name = dom.tag(el);
    const box = survey.boxes[at];
    fact.box = fact.box || box;
    const [picture, source] = pictureOf(el, style);
    const background = transparent(style.backgroundColor) ? "" : style.backgroundColor;
    const names = lib.cut(lib.names(el).toLowerCase(), 160);
    const wide = box.r - box.l >= 200 && box.b - box.t >= 20;
    const role = dom.attr(el, "role");
    const matters =
      background ||
      picture ||
      names ||
      role ||
      survey.texts[at] ||
      landmark.test(name) ||
      (wide && !/^(span|b|i|em|strong|font)$/.test(name)) ||
      bordered(style);
    if (!matters) return null;
    return {
      at,
      weight: (background || picture ? 2 : 1) * (landmark.test(name) || role ? 4 : 1) * lib.area(box),
      block: {
        parent: null,
        tag: name.slice(0, 40),
        role: lib.cut(role, 40),
        names,
        rect: lib.rect(cx, box),
        position: /^(relative|absolute|fixed|sticky)$/.test(style.position) ? style.position : "static",
        text: lib.cut(survey.texts[at], 120),
        text_length: 0,
        links: 0,
        background,
        colour: style.color,
        font_size: parseFloat(style.fontSize) || 0,
        picture,
        picture_url: source ? lib.cut(lib.resolve(source) || source, 200) : "",
        align: alignOf(style.textAlign, style.direction),
        clicks_through: style.pointerEvents === "none",
      },
    };
  };
  const alignOf = (align, direction) => {
    if (/center/.test(align)) return "center";
    if (/right/.test(align)) return "right";
    if (align === "end") return direction === "rtl" ? "left" : "right";
    return align === "start" && direction === "rtl" ? "right" : "left";
  };

  const sums = (cx, survey) => {
    const lengths = lib.drawnTextLengths(cx);
    const text = new Float64Array(survey.els.length + 1);
    const links = new Float64Array(survey.els.length + 1);
    for (let at = 0; at < survey.els.length; at += 1) {
      text[at + 1] = text[at] + lengths[at];
      links[at + 1] =
        links[at] + (dom.tag(survey.els[at]) === "a" && dom.hasAttr(survey.els[at], "href") ? 1 : 0);
    }
    return { text, links };
  };
  const thin = (cx, made, max) => {
    if (made.length <= max) return made;
    cx.truncated.add("blocks");
    const least = made.map((one) => one.weight).sort((one, other) => other - one)[max - 1];
    let equal = max - made.filter((one) => one.weight > least).length;
    return made.filter((one) => one.weight > least || (one.weight === least && equal-- > 0));
  };

  const blocks = (cx, max) => {
    const survey = lib.survey(cx);
    survey.boxes = [];
    const { zone, middle } = choose(cx, survey);
    let chosen = [...zone, ...middle];
    if (chosen.length > styledMax) {
      cx.truncated.add("blocks");
      const area = (at) => lib.area(survey.boxes[at]);
      chosen = chosen.sort((one, other) => area(other) - area(one)).slice(0, styledMax);
    }
    chosen.sort((one, other) => one - other);
    let made = [];
    for (let index = 0; index < chosen.length; index += 1) {
      if (index % 256 === 255 && lib.late(cx, "layout")) break;
      const one = describe(cx, survey, chosen[index]);
      if (one) made.push(one);
    }
    made = thin(cx, made, max);
    const { text, links } = sums(cx, survey);
    const placeOf = new Map(made.map((one, place) => [one.at, place]));
    return made.map(({ at, block }) => {
      let up = survey.parents[at];
      while (up >= 0 && !placeOf.has(up)) up = survey.parents[up];
      block.parent = up >= 0 ? placeOf.get(up) : null;
      block.text_length = text[survey.ends[at]] - text[at];
      block.links = links[survey.ends[at]] - links[at];
      return block;
    });
  };

  const filterOf = (el) => {
    const filter = el ? getComputedStyle(el).filter : "none";
    return filter && filter !== "none" ? lib.cut(filter, 200) : null;
  };
  /** The filter over the whole page, or over its wrappers that together take most of it. */
  const pageFilter = (html, body) => {
    const whole = filterOf(html) || filterOf(body);
    if (whole || !body) return whole;
    const most = lib.area(boxOf(body)) * 0.6;
    let covered = 0;
    let found = null;
    for (const el of dom.drawnChildren(body).slice(0, 40)) {
      const filter = dom.nodeType(el) === 1 ? filterOf(el) : null;
      if (!filter) continue;
      covered += lib.area(boxOf(el));
      found = found || filter;
    }
    return covered >= most ? found : null;
  };
  /** `LayoutFacts` of this document. */
  lib.layout = (cx, max) => {
    const html = dom.html();
    const body = dom.body();
    const scroller = dom.scroller();
    return {
      page_width: dom.scrollWidth(scroller),
      page_height: dom.scrollHeight(scroller),
      viewport_width: root.innerWidth,
      viewport_height: root.innerHeight,
      html_background: getComputedStyle(html).backgroundColor,
      body_background: body ? getComputedStyle(body).backgroundColor : "",
      page_filter: pageFilter(html, body),
      blocks: blocks(cx, max),
    };
  };
  lib.expose("layout", ({ blocks_max: max }) => lib.layout(lib.context(1500), max));
})(globalThis);
