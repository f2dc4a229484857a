// What kind of place a badge candidate stands in: a frame area of the page, or news that speak of EMC.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const frameNames = lib.pattern(
    String.raw`
        (^|[\s_-])(footer|foot|ft|header|head|top-?bar|topbar|banner|bottom|sidebar|side-?bar|aside|
        col-?right|col-?left|right-?col|left-?col|chan-?trang|dau-?trang|copyright|lien-?ket|logo|
        partner|doi-?tac|qc|quang-?cao|widget|float|fixed|yhy)([\s_-]|$|\d)`,
    "i",
  );
  const footNames = lib.pattern(
    String.raw`
        (^|[\s_-])(footer|foot|ft|bottom|chan-?trang|copyright)([\s_-]|$|\d)`,
    "i",
  );
  // "Thông tin" is information, "tín nhiệm" trust and "tin học" computing: none of them is news.
  const newsNames = lib.pattern(
    String.raw`
        (^|[\s_-])(news|new-?item|(?<!thong[\s_-])tin(?![\s_-]?(nhiem|hoc))|tin-?tuc|tintuc|tin-?bai|bai-?viet|baiviet|article|articles|post|
        posts|entry|headline|headlines|su-?kien|thong-?bao|noi-?bat|tieu-?diem|story|blog|detail|
        chi-?tiet|magazine|latest|hot-?news|list-?news|comments?|binh-?luan|y-?kien)([\s_-]|$|\d)`,
    "i",
  );
  const headline = /^h[1-6]$/;
  const newsPath = lib.pattern(
    String.raw`
        \/(tin-?tuc|tin|news|bai-?viet|article|chi-?tiet|detail|su-?kien|thong-?bao|hoat-?dong|post|
        blog)s?([/_-]|$)|[-_/]\d{4,}(\.html?|\.aspx|$|[/?#])|\/20\d\d\/\d{1,2}\/|[?&](newsid|articleid|
        itemid|id|nid|post)=\d+`,
    "i",
  );
  /** Pages that gather what carries a keyword: a link to one is that keyword, whatever it says. */
  const keywordPath = /\/(tags?|tu-?khoa|keywords?|topics?|chu-?de|hashtag|search|tim-?kiem)([/?._-]|$)/i;
  const blocks =
    /^(block|flex|grid|table|table-cell|list-item|flow-root|inline-block|inline-flex|table-caption)$/;

  /** Names with their parts apart: `divFooter` is a `div-Footer`. */
  const namesOf = (el) => lib.names(el).replace(/([a-z0-9])([A-Z])/g, "$1-$2");

  const linkAround = (el) => {
    const around = dom.closest(el, "a[href],area[href]") || dom.all(el, "a[href]")[0];
    if (!around) return null;
    const raw = dom.attr(around, "href").trim();
    return lib.resolve(raw) || lib.cut(raw, 200) || null;
  };
  /** The smallest block around it whose text is more than its own, or its own block. */
  const blockAround = (cx, el) => {
    let at = el;
    for (let steps = 0; at && steps < 12; steps += 1) {
      if (
        blocks.test(lib.fact(cx, at).display) &&
        !/^(a|span|img|b|i|font|strong|em|label|svg|button|input)$/.test(dom.tag(at))
      )
        return at;
      at = dom.above(at);
    }
    return at || el;
  };
  const lengthOf = (el, max) => lib.squeeze(lib.textBelow(el, max, true)).length;

  const isFrameArea = (cx, el) => {
    const name = dom.tag(el);
    if (name === "footer" || name === "header" || name === "aside") return !dom.closest(el, "article");
    if (/^(contentinfo|banner|complementary)$/.test(dom.attr(el, "role"))) return true;
    const fact = lib.fact(cx, el);
    if (fact.position === "fixed" || fact.position === "sticky") return true;
    return name !== "body" && name !== "html" && frameNames.test(namesOf(el));
  };
  const isFooter = (el) =>
    dom.tag(el) === "footer" ||
    dom.attr(el, "role") === "contentinfo" ||
    (!/^(body|html)$/.test(dom.tag(el)) && footNames.test(namesOf(el)));
  const longTitles = (block) => [...dom.all(block, "a[href]")].filter((link) => lengthOf(link, 200) >= 30).length;
  /** Where the page's content ends: on a short page above the end of the window. */
  const contentEnd = (cx) => {
    const height = dom.scrollHeight(dom.scroller());
    if (height > root.innerHeight) return height;
    let outer = dom.body();
    for (let depth = 0; outer && depth < 4; depth += 1) {
      const inFlow = [];
      for (let at = dom.firstElement(outer); at; at = dom.nextElement(at)) {
        const out = /^(fixed|absolute)$/.test(lib.fact(cx, at).position);
        if (!out && lib.area(lib.box(cx, at)) > 0) inFlow.push(at);
      }
      if (!inFlow.length) break;
      const end = Math.max(...inFlow.map((at) => lib.box(cx, at).b)) + cx.scrollY;
      // One box around everything may be as high as the window, whatever is in it.
      if (inFlow.length > 1 || end < height) return Math.min(height, end);
      outer = inFlow[0];
    }
    return height;
  };
  /** A foot of the page that no name tells: its last lines, without headings and lists of news. */
  const atTheFoot = (cx, el) => {
    if (root !== root.top || dom.all(blockAround(cx, el), "h1,h2,h3").length) return false;
    const height = contentEnd(cx);
    const from = height - Math.min(Math.max(400, height * 0.15), height * 0.4);
    let block = null;
    for (let at = el; at && !/^(body|html)$/.test(dom.tag(at)); at = dom.above(at)) {
      if (lib.area(lib.box(cx, at)) > 0 && lib.box(cx, at).t + cx.scrollY < from) break;
      block = at;
    }
    return block !== null && lib.area(lib.drawnBox(cx, el)) > 0 && longTitles(block) < 2;
  };
  const isNews = (el, extra) => {
    const name = dom.tag(el);
    if (name === "figcaption" && extra > 4) return true;
    if (name === "article" || name === "blockquote") return true;
    if (/Article|NewsArticle|BlogPosting/.test(dom.attr(el, "itemtype"))) return true;
    return name !== "body" && name !== "html" && newsNames.test(namesOf(el));
  };
  /** A line or two with a link: no menu, and no row of a table that the whole page is laid out in. */
  const isTitle = (item) => {
    const links = dom.all(item, "a[href]").length;
    const length = lengthOf(item, 500);
    return links > 0 && links <= 3 && length >= 30 && length <= 400;
  };
  /** Siblings that read like a list of titles: three or more, each with a link and a line of text. */
  const inTitles = (el) => {
    const item = dom.closest(el, "li,dd,tr,[class*=item i]");
    const list = item && dom.above(item);
    if (!list || lengthOf(item, 500) > 400) return false;
    let titles = 0;
    let count = 0;
    for (let at = dom.firstElement(list); at && count < 40; at = dom.nextElement(at), count += 1) {
      if (at === item || dom.tag(at) !== dom.tag(item)) continue;
      if (isTitle(at)) titles += 1;
    }
    return titles >= 2;
  };

  const bordered = (cx, cell) => {
    const { style } = lib.fact(cx, cell);
    return ["Top", "Right", "Bottom", "Left"].some((side) => parseFloat(style[`border${side}Width`]) > 0);
  };
  /** A row that gives a value to something named beside it, in a table drawn as one: no layout table. */
  const isDataRow = (cx, cell, row) => {
    const table = row && dom.closest(row, "table,[role=table],[role=grid]");
    if (!table || !(bordered(cx, cell) || dom.all(table, "th,[role=columnheader]").length)) return false;
    const own = lengthOf(cell, 200);
    const rest = lengthOf(row, 400) - own;
    return rest > 0 && rest <= 120;
  };
  const entryText = (el) => (el ? lib.textBelow(el, 600, true) : "");
  /** The line that its words stand in, and what stands before and after that line. */
  const surroundings = (cx, el) => {
    const cell = dom.closest(el, "td,th,[role=cell],[role=gridcell]");
    const row = cell && dom.closest(cell, "tr,[role=row]");
    const entry = row || dom.closest(el, "li,dt,dd") || blockAround(cx, el);
    const beside = [dom.previousElement(entry), dom.nextElement(entry)].map(entryText);
    return {
      line: lib.cut(entryText(entry), 300),
      neighbours: lib.cut(beside.join(" "), 300),
      in_data_row: Boolean(cell) && isDataRow(cx, cell, row),
    };
  };

  /** A narrow block at one side of the page. */
  lib.inSideBox = (cx, el) => {
    const box = lib.box(cx, blockAround(cx, el));
    const wide = root.innerWidth;
    return box.r - box.l <= Math.min(380, wide * 0.35) && (box.l >= wide * 0.6 || box.r <= wide * 0.4);
  };

  /** What is around it: frame areas, footers and news among the elements above. */
  const areas = (cx, el, extra) => {
    const page = (cx.pageLength = cx.pageLength ?? lengthOf(dom.body() || dom.html(), 20000));
    const found = { frame: false, footer: false, news: false, article: false };
    for (let at = el, steps = 0; at && steps < 40; at = dom.above(at), steps += 1) {
      if (!found.frame && isFrameArea(cx, at)) found.frame = true;
      if (isFooter(at)) found.footer = true;
      if (isNews(at, extra) && !(lengthOf(at, 6000) > Math.max(1500, page * 0.6))) {
        found.article = true;
        if (!found.frame) found.news = true;
      }
      if (headline.test(dom.tag(at)) && !found.frame && extra > 12) found.news = true;
    }
    if (!found.frame && !found.news && atTheFoot(cx, el)) found.frame = found.footer = true;
    return found;
  };

  /**
   * Placement of a candidate; `extra` is the number of characters beside the badge's words. Where text has
   * them, `start` is the element that it was found in.
   */
  lib.placement = (cx, el, extra, words, start) => {
    const block = blockAround(cx, el);
    const link = linkAround(el);
    const { frame, footer, news: among, article } = areas(cx, el, extra);
    const ownPage = Boolean(link) && lib.hostOf(link) === root.location.host && !/^\w+:\/\/[^/]*\/?$/.test(link);
    const said = start ? lib.sayingOf(cx, words, start, frame && !ownPage) : { sentence: "", before: "" };
    // A footer says many things in one paragraph: there the one sentence counts.
    const within = said.sentence && frame && !ownPage ? lib.wordsIn(words, said.sentence) : null;
    const beside = within ? Math.min(extra, within.extra) : extra;
    const paragraph = lengthOf(dom.closest(el, "p,blockquote") || el, 2000) > 200;
    const own = link && lib.hostOf(link) === root.location.host;
    const news =
      among ||
      // Beside the bare words, what else it says and where it leads tell a title from a label.
      (extra > 0 && !frame && (article || inTitles(el) || (link && newsPath.test(link)))) ||
      (beside > 40 && link && newsPath.test(link)) ||
      (beside > 40 && !frame && dom.closest(el, "p,td,dd,li,blockquote,marquee,h1,h2,h3,h4,h5,h6")) ||
      (beside > 40 && paragraph) ||
      beside > 160 ||
      (own && keywordPath.test(link));
    return {
      in_news: Boolean(news),
      block_text_length: lengthOf(block, 6000),
      in_frame_area: frame,
      in_footer: footer,
      running: Boolean(dom.closest(el, "marquee")),
      link,
      sentence: lib.cut(said.sentence, 300),
      line_before: lib.cut(said.before, 100),
      ...surroundings(cx, el),
    };
  };
})(globalThis);
