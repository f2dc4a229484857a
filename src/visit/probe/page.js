// Title, meta, visible text, counts and frames of a document.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const startMax = 4000;
  const documentTitle = Object.getOwnPropertyDescriptor(Document.prototype, "title").get;
  const characterSet = Object.getOwnPropertyDescriptor(Document.prototype, "characterSet").get;

  const meta = (cx) => {
    const found = [];
    for (const el of dom.all(dom.doc, "meta")) {
      const name =
        dom.attr(el, "name") ||
        dom.attr(el, "property") ||
        dom.attr(el, "http-equiv") ||
        dom.attr(el, "itemprop");
      if (!name) continue;
      if (found.length >= 120) {
        cx.truncated.add("meta");
        break;
      }
      found.push([lib.cut(name, 120), lib.cut(dom.attr(el, "content"), 500)]);
    }
    return found;
  };

  const captchas = {
    recaptcha: lib.joined(`
        .g-recaptcha:not([data-size=invisible]),
        iframe[src*='recaptcha/api2/bframe'],
        iframe[src*='/recaptcha/'][title]:not(.grecaptcha-badge iframe),
        #g-recaptcha-response`),
    hcaptcha: ".h-captcha,iframe[src*='hcaptcha.com'],[name=h-captcha-response]",
    turnstile: lib.joined(`
        .cf-turnstile,
        iframe[src*='challenges.cloudflare.com'],
        [name=cf-turnstile-response],
        #challenge-form,
        #cf-challenge-running`),
    geetest: ".geetest_holder,.geetest_captcha,.geetest_btn,[class^=geetest_],#captcha-box-geetest",
    captcha: lib.joined(`
        img[src*=captcha i],img[id*=captcha i],input[name*=captcha i],input[id*=captcha i],
        iframe[src*=captcha i]:not([src*=recaptcha]):not([src*=hcaptcha]),[id=captcha],[class~=captcha]`),
  };
  const markers = () => {
    const found = [];
    if (dom.all(dom.doc, "input[type=password]").length) found.push("password");
    for (const name of Object.keys(captchas)) if (dom.all(dom.doc, captchas[name]).length) found.push(name);
    if (dom.all(dom.doc, ".grecaptcha-badge").length) found.push("recaptcha-badge");
    return found;
  };

  const pageText = (cx) => {
    const { texts } = lib.survey(cx);
    const lengths = lib.drawnTextLengths(cx);
    let start = "";
    let length = 0;
    for (let at = 0; at < lengths.length; at += 1) {
      if (!lengths[at]) continue;
      length += lengths[at] + (length ? 1 : 0);
      if (start.length < startMax) start += (start ? " " : "") + texts[at].slice(0, startMax);
    }
    const count = (selector) => dom.all(dom.doc, selector).length;
    return {
      start: start.slice(0, startMax),
      length,
      links: count("a[href]"),
      images: count("img"),
      scripts: count("script"),
      forms: count("form"),
      markers: markers(),
    };
  };

  /** The part of `PageFacts` that a document knows of itself, without badges and links. */
  lib.page = (cx) => {
    const scroller = dom.scroller();
    return {
      title: lib.cut(documentTitle.call(dom.doc), 500),
      lang: lib.cut(dom.attr(dom.html(), "lang") || dom.attr(dom.html(), "xml:lang"), 40),
      charset: String(characterSet.call(dom.doc)).slice(0, 40),
      meta: lib.part(cx, "meta", [], () => meta(cx)),
      text: lib.part(
        cx,
        "text",
        { start: "", length: 0, links: 0, images: 0, scripts: 0, forms: 0, markers: [] },
        () => pageText(cx),
      ),
      width: dom.scrollWidth(scroller),
      height: dom.scrollHeight(scroller),
      element_count: dom.all(dom.doc, "*").length,
    };
  };

  /** Frames in document order: `[{index, src, name, selector, rect, visible}]`, at most 60. */
  lib.iframes = (cx) => {
    const found = [];
    for (const el of dom.everywhere(cx, "iframe,frame", 60)) {
      const box = lib.box(cx, el);
      const seen = lib.seen(cx, el);
      const left = dom.clientLeft(el);
      const top = dom.clientTop(el);
      found.push({
        index: found.length,
        src: lib.resolve(dom.attr(el, "src")) || lib.cut(dom.attr(el, "src"), 500),
        name: lib.cut(dom.attr(el, "name") || dom.attr(el, "id"), 80),
        selector: dom.selector(el),
        rect: lib.area(box) > 0 ? lib.rect(cx, box) : null,
        // Where its own coordinates begin.
        content:
          lib.area(box) > 0 ? lib.rect(cx, { l: box.l + left, t: box.t + top, r: box.r, b: box.b }) : null,
        visible: seen,
      });
    }
    return found;
  };
})(globalThis);
