// Whether this is a page before the home page (intro, greeting, choice of language) with one way in.
// In doubt it is not: a home page must never be left by its own link.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const enterWords = lib.pattern(String.raw`
        ^(vào trang|vào trang chủ|vào trang web|vào website|vào cổng|vào cổng thông tin|
        vào cổng thông tin điện tử|vào trang thông tin điện tử|truy cập|truy cập trang chủ|
        truy cập cổng|truy cập website|trang chủ|đến trang chủ|tới trang chủ|enter|enter site|
        enter website|enter the site|vào|bỏ qua|bỏ qua giới thiệu|bỏ qua intro|skip|skip intro|tiếp tục|
        tiếp tục vào trang|home|homepage|go to home|click để vào trang|bấm vào đây để vào trang|
        nhấn vào đây để vào trang chủ|xem trang chủ|bắt đầu)$`);
  const vietnamese = /^(tiếng việt|việt nam|vietnamese|vietnam|vn|vi|tiếng việt nam|bản tiếng việt)$/;
  const foreign = lib.pattern(String.raw`
        ^(english|tiếng anh|en|eng|中文|日本語|한국어|français|русский|lao|khmer|tiếng trung|tiếng nhật|
        tiếng hàn|tiếng pháp|tiếng lào)$`);
  const never = lib.pattern(
    String.raw`
        captcha|cloudflare|just a moment|checking your browser|verify you are|xác minh|xác thực|
        access denied|forbidden|403|404|not found|không tìm thấy|không tồn tại|bảo trì|
        nâng cấp hệ thống|maintenance|under construction|đang xây dựng|tạm ngừng|tạm dừng|error|\blỗi\b|
        suspended|tên miền|domain|đăng nhập|login|hết hạn|redirecting|chuyển hướng`,
    "i",
  );

  const clean = (text) =>
    lib
      .fold(text)
      .replace(/^[\s>»›→[\](){}.!|·:-]+|[\s<«‹←>»›→[\](){}.!|·:-]+$/g, "")
      .trim();
  const wordsOf = (el) => {
    const image = dom.all(el, "img")[0];
    const said = [
      lib.textBelow(el, 120, true),
      dom.attr(el, "title"),
      dom.attr(el, "aria-label"),
      dom.attr(el, "alt"),
      dom.attr(el, "value"),
      image ? dom.attr(image, "alt") : "",
      image ? dom.attr(image, "title") : "",
    ];
    return said.map(clean).filter(Boolean);
  };
  const targetOf = (el) => {
    if (dom.is(el, "a[href],area[href]")) {
      const raw = dom.attr(el, "href").trim();
      if (raw && !raw.startsWith("#") && !/^(javascript|mailto|tel):/i.test(raw)) return lib.resolve(raw);
    }
    return lib.openedBy(`${dom.attr(el, "onclick")} ${dom.attr(el, "href")}`)[0] || null;
  };
  /** Where a visitor would click on it, in viewport coordinates; null when it cannot be seen. */
  const spot = (cx, el) => {
    const at = dom.tag(el) === "area" ? lib.reachArea(cx, el) : lib.reach(cx, el);
    if (at.visibility !== "shown" || !at.rect) return null;
    const inner = [...dom.all(el, "img,svg")]
      .slice(0, 10)
      .map((picture) => lib.rect(cx, lib.box(cx, picture)));
    const rect = [at.rect, ...inner].sort(
      (one, other) => other.width * other.height - one.width * one.height,
    )[0];
    return {
      x: rect.x + rect.width / 2 - cx.scrollX,
      y: rect.y + rect.height / 2 - cx.scrollY,
      area: rect.width * rect.height,
    };
  };

  const ways = (cx) => {
    const found = [];
    for (const el of dom.everywhere(
      cx,
      "a,area,button,[role=button],input[type=button],input[type=submit],[onclick]",
      200,
    )) {
      const at = spot(cx, el);
      if (!at || found.some((other) => dom.holds(other.el, el))) continue;
      const raw = dom.attr(el, "href").trim();
      if (/^(mailto|tel):/i.test(raw)) continue;
      const href = targetOf(el);
      if (href === null && !dom.is(el, "button,input,[role=button],[onclick]")) continue;
      found.push({ el, at, href, words: wordsOf(el) });
    }
    return found;
  };
  /** Hosts of one owner: the same, or one below the other. */
  const kin = (one, other) => {
    const bare = (host) => host.replace(/^www\./, "").replace(/:\d+$/, "");
    const [a, b] = [bare(one), bare(other)];
    return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
  };
  const same = (list) => new Set(list.map((way) => way.href || dom.selector(way.el))).size === 1;
  /** At most one way that is neither this one nor another language: more is a home page. */
  const alone = (list, chosen, languages) => {
    const others = list.filter(
      (way) => !chosen.includes(way) && !languages.includes(way) && way.href !== chosen[0].href,
    );
    return others.length <= 1;
  };
  const pick = (cx, list) => {
    const at = (test) => list.filter((way) => way.words.some((words) => test.test(words)));
    const native = at(vietnamese);
    const others = at(foreign);
    if (native.length && others.length && same(native) && alone(list, native, others)) return native[0];
    const entering = at(enterWords);
    if (entering.length && same(entering) && alone(list, entering, [...native, ...others]))
      return entering[0];
    const places = list.filter((way) => way.href);
    const big = places.filter(
      (way) => way.at.area >= root.innerWidth * root.innerHeight * 0.15 && lib.hasPicture(cx, way.el),
    );
    if (big.length && same(places) && places.length === list.length) return big[0];
    return null;
  };

  lib.expose("splash", () => {
    const no = { is_splash: false };
    const cx = lib.context(300);
    const body = dom.body();
    if (!body || dom.all(body, "*").length > 400) return no;
    if (
      dom.all(body, "nav,[role=navigation],[role=menubar],form[action],[class*=menu i] a + a,article").length
    )
      return no;
    if (
      dom.all(
        body,
        "input[type=password],input[type=text],input[type=search],input:not([type]),textarea,select",
      ).length
    )
      return no;
    const text = lib.squeeze(lib.textBelow(body, 4000, true));
    const title = Object.getOwnPropertyDescriptor(Document.prototype, "title").get.call(dom.doc);
    if (text.length > 600 || never.test(`${title} ${text}`)) return no;
    if (dom.scrollHeight(dom.scroller()) > root.innerHeight * 2.2) return no;
    const list = ways(cx);
    const targets = new Set(list.map((way) => way.href).filter(Boolean));
    if (!list.length || list.length > 8 || targets.size > 6) return no;
    const way = pick(cx, list);
    if (!way) return no;
    if (way.href && !kin(lib.hostOf(way.href), root.location.host)) return no;
    const here = root.location.href.split("#")[0];
    if (way.href && way.href.split("#")[0] === here) return no;
    return {
      is_splash: true,
      href: way.href,
      x: way.at.x,
      y: way.at.y,
      words: lib.cut(way.words[0] || "", 80),
    };
  });
})(globalThis);
