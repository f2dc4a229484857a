// What may lead elsewhere although no address can be read: controls whose listeners cannot be seen from
// here, and options that carry a number. What they are worth is judged by their words.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const textMax = 160;
  const anchorsMax = 400;
  const tilesMax = 300;

  /** Words by which a portal, a unit of one, or a list of sites is named. */
  const namesSomebody = lib.pattern(
    String.raw`
        cổng|portal|gov\.vn|website|trang thông tin|liên kết|tỉnh|thành phố|sở |ban |chi cục|trung tâm|
        ubnd|[uủ][ỷỳy] ban|xã |phường |đặc khu|huyện|bộ |cục |thanh tra|hội đồng|hđnd`,
    "i",
  );
  const asksMore = /^(xem|tải|hiển thị|hiện) (thêm|tất cả|toàn bộ|đầy đủ)/i;
  const opensOwn = lib.joined(`
      [aria-controls],[aria-expanded],[aria-haspopup],[data-toggle],[data-bs-toggle],[data-target],
      [data-bs-target],[popovertarget],[commandfor]`);
  const leading = "a[href]:not([href^='#']):not([href^='javascript:' i])";
  const hasLinks = (el) => Boolean(el && dom.all(el, leading).length);
  /** What it opens is in the page already, where links are read as such. */
  const opensBlock = (el) => {
    if (dom.is(el, opensOwn) || hasLinks(dom.nextElement(el))) return true;
    const parent = dom.above(el);
    const alone = parent && !dom.nextElement(el) && !dom.previousElement(el);
    return Boolean(alone && hasLinks(dom.nextElement(parent)));
  };

  const typed = "textarea,input[type=email],input[type=tel],input[type=password],input[type=date],input[type=file]";
  const written = `${typed},input:not([type]),input[type=text],input[type=search],input[type=number]`;
  const linksOfAPage = 60;
  /** The form is there to be filled in; one around the whole page (ASP.NET) is not. */
  lib.isFilledIn = (form, fields) =>
    Boolean(form) && dom.all(form, fields || written).length > 0 && dom.all(form, "a[href]").length < linksOfAPage;

  const idle = /^(javascript:\s*)?(void\b[^;]*|undefined|false|return\b[^;]*)?[;\s]*$/i;
  /** An anchor that leads nowhere by itself: `#`, `#!`, `javascript:void(0)`, no address at all. */
  const leadsNowhere = (el) => {
    if (dom.hasAttr(el, "onclick") || dom.hasAttr(el, "onmousedown")) return false;
    const raw = dom.attr(el, "href").trim();
    if (!raw.startsWith("#")) return (raw === "" && !dom.hasAttr(el, "href")) || (raw !== "" && idle.test(raw));
    const id = raw.slice(1);
    return !id || !dom.all(dom.rootNode(el), `#${CSS.escape(id)},[name="${CSS.escape(id)}"]`).length;
  };
  const fromAnchors = (cx, add) => {
    let count = 0;
    for (const el of dom.everywhere(cx, "a:not([href]),a[href^='#'],a[href^='javascript:' i]", 3000)) {
      if (count >= anchorsMax) break;
      if (!leadsNowhere(el) || opensBlock(el)) continue;
      const words = lib.linkText(el);
      if (words.length < 2) continue;
      count += 1;
      add(el, "javascript:listener");
    }
  };

  const buttons = "button,[role=button],input[type=button],input[type=submit],input[type=image]";
  const submits = (el) =>
    dom.is(el, "input[type=submit],input[type=image]") ||
    (dom.tag(el) === "button" && dom.attr(el, "type") !== "button" && dom.closest(el, "form") !== null);
  const fromButtons = (cx, add) => {
    for (const el of dom.everywhere(cx, buttons, 1000)) {
      if (dom.tag(el) === "a" || dom.hasAttr(el, "onclick") || dom.hasAttr(el, "disabled") || opensBlock(el)) continue;
      const sends = submits(el);
      if (sends ? lib.isFilledIn(dom.closest(el, "form")) : !lib.canAct(cx)) continue;
      const words = lib.linkText(el).normalize("NFC");
      if (words && (namesSomebody.test(`${words} `) || asksMore.test(words)))
        add(el, sends ? "javascript:submit" : "javascript:listener");
    }
  };

  const own = "a,area,button,input,select,textarea,label,summary,[onclick],[role=button]";
  const drawnParts = "svg,g,path,polygon,rect,circle,text";
  const saidBy = (el) => {
    if (dom.tag(el) === "img") return dom.attr(el, "alt") || dom.attr(el, "title");
    if (dom.is(el, drawnParts)) {
      const title = dom.all(el, ":scope > title")[0];
      return dom.attr(el, "aria-label") || lib.squeeze(dom.textContent(title || el).slice(0, 400));
    }
    return lib.textBelow(el, textMax, true);
  };
  /** Banners, tiles and shapes: what has the hand for a pointer and names somebody. */
  const fromTiles = (cx, add) => {
    let count = 0;
    for (const el of dom.everywhere(cx, `div,span,img,td,li,p,h2,h3,h4,figure,${drawnParts}`, 6000)) {
      if (count >= tilesMax) break;
      const words = saidBy(el);
      if (!words || words.length >= textMax || !namesSomebody.test(`${words} `.normalize("NFC"))) continue;
      if (dom.closest(el, own) || dom.all(el, own).length > 0 || !lib.looksClickable(cx, el)) continue;
      const above = dom.above(el);
      // The outermost element with the hand stands for those in it; shapes inherit it from their picture.
      if (above && lib.looksClickable(cx, above) && !dom.is(el, drawnParts)) continue;
      count += 1;
      add(el, "javascript:listener");
    }
  };

  /** Something to press right beside a choice, or the button of its form. */
  const pressedAfter = (select) => {
    if (dom.all(dom.closest(select, "form") || select, buttons).length > 0) return true;
    let at = dom.above(select);
    for (let steps = 0; at && steps < 2; at = dom.above(at), steps += 1) {
      const near = dom.all(at, `${buttons},[onclick]`);
      if (near.length > 0) return near.length <= 8;
    }
    return false;
  };
  const goes = /location|open|href|submit|postback|redirect|link|go/i;
  /** What a choice runs, as far as it is written on the element. */
  lib.choiceCode = (select) =>
    ["onchange", "onclick", "ondblclick", "oninput", "onkeyup", "onblur"]
      .map((name) => dom.attr(select, name))
      .join("\n")
      .trim();
  /** Whether anything is there that could act upon a choice. */
  lib.choiceActs = (cx, select, code) => Boolean(code) || lib.canAct(cx) || pressedAfter(select);
  /** Whether choosing an option may lead somewhere although its value is no address. */
  lib.choiceMayLead = (cx, select, code) => {
    if (code) return goes.test(code);
    return !lib.isFilledIn(dom.closest(select, "form")) && lib.choiceActs(cx, select, code);
  };

  /** Gives `add(element, name)` each control of this kind. */
  lib.opaqueControls = (cx, add) => {
    fromButtons(cx, add);
    if (!lib.canAct(cx)) return;
    fromAnchors(cx, add);
    fromTiles(cx, add);
  };
})(globalThis);
