// Where a visitor's mouse would close a box that the page has drawn over itself, and where it would say yes
// to a question for consent.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  // --- words ---------------------------------------------------------------------------------------

  const noticeWords = lib.pattern(
    String.raw`
        cookie|quyền riêng tư|chính sách bảo mật|dữ liệu cá nhân|thông tin cá nhân|
        thu thập (dữ liệu|thông tin)|privacy|consent`,
    "i",
  );
  const closeWords = lib.pattern(String.raw`
        ^(x|×|✕|✖|✗|⨯|╳|❌|🗙|đóng|đóng lại|đóng cửa sổ|đóng thông báo|đóng popup|close|close this|
        close dialog|close popup|close modal|dismiss|tắt|tắt quảng cáo|tắt thông báo|thoát|ẩn|hide|thu nhỏ|thu gọn|minimize|
        đóng x|x đóng|close|x close|close x)$`);
  const laterWords = lib.pattern(String.raw`
        ^(bỏ qua|để sau|lúc khác|không, cảm ơn|không cảm ơn|không|skip|skip intro|later|no thanks|
        no, thanks|not now|cancel|hủy|huỷ|hủy bỏ|tiếp tục vào trang|vào trang)$`);
  /** A visitor who says no may be kept from what the agency shows everyone else. */
  const refuseWords = lib.pattern(String.raw`
        ^(từ chối|không đồng ý|từ chối tất cả|không chấp nhận|reject|reject all|decline|deny|refuse)$`);
  const acceptWords = lib.pattern(String.raw`
        ^(đồng ý|tôi đồng ý|đồng ý tất cả|(đồng ý|chấp nhận) (và|&) (tiếp tục|đóng)|tiếp tục|chấp nhận|chấp nhận tất cả|tôi đã hiểu|đã hiểu|tôi hiểu|ok|oki|okay|đã rõ|
        xác nhận|accept|accept all|agree|i agree|got it|understood|allow|allow all|cho phép|hoàn tất|
        xong|đã đọc|tôi đã đọc)$`);
  const agreeWords = lib.pattern(String.raw`
        ^((vâng|có|yes|ok),? )?(tôi |tôi xin |i )?(đồng ý|chấp nhận|cho phép|đã hiểu|hiểu rồi|accept|allow|agree|enable).{0,30}$`);
  const saysYes = /^(có|vâng|yes|yes, please|sure)$/;
  const allWords = /tất cả|toàn bộ|(^|[^a-z])all([^a-z]|$)/;
  /** Yes to a part of it only, or to as little as can be. */
  const partWords = lib.pattern(String.raw`
        cần thiết|thiết yếu|bắt buộc|tối thiểu|lựa chọn|đã chọn|một phần|từ chối|không|
        (^|[^a-z])(necessary|essential|required|minimal|only|selected|selection|choices|reject|decline|not)([^a-z]|$)`);
  const closeClass = lib.pattern(
    String.raw`
        (^|[\s_-])(close|btn-?close|closebtn|close-?button|popup-?close|modal-?close|mfp-close|
        fancybox-close\S*|cboxclose|dismiss|dong|tat|exit)([\s_-]|$)`,
    "i",
  );
  /** Names of pictures of a cross. Those of two letters are parts of other names too: they count at the corner. */
  const closeFile = /close|dismiss|(^|[-_])(exit|cancel|thoat)([-_\d]|$)/i;
  const crossFile = /^((btn|icon|ico|nut|nut-?bam|img|anh)[-_]?)?(dong|tat|x|cross|delete|del|huy|exit|cancel|thoat)([-_\d].*)?$/i;

  const controls = "button,a,[role=button],input[type=button],input[type=submit],input[type=image]";
  const clickable = lib.joined(`${controls},span,i,em,b,strong,svg,img,div,p,label`);
  const dismissing = lib.joined(`
      [data-dismiss],[data-bs-dismiss],[data-fancybox-close],[data-micromodal-close],[data-close],
      [data-modal-close]`);

  const labelsOf = (el) => {
    const said = ["aria-label", "title", "alt", "value", "data-original-title"].map((name) =>
      dom.attr(el, name),
    );
    const inner = dom.all(el, "img[alt]")[0];
    const text = lib.textBelow(el, 60, true);
    return [...said, text, inner ? dom.attr(inner, "alt") : ""]
      .map((one) =>
        lib
          .fold(one)
          .replace(/^[\s[\](){}«»"'.!|·✓✔✅-]+|[\s[\](){}«»"'.!|·✓✔✅-]+$/g, "")
          .replace(/[[\]()]/g, "")
          .trim(),
      )
      .filter(Boolean);
  };
  /** Whether a click on it goes over to another page. */
  const leaves = (el) => {
    const link = dom.closest(el, "a[href],area[href]");
    const raw = link ? dom.attr(link, "href").trim() : "";
    if (raw === "" || raw.startsWith("#") || /^javascript:/i.test(raw)) return false;
    return (lib.resolve(raw) || raw).split("#")[0] !== root.location.href.split("#")[0];
  };
  const isControl = (cx, el) => dom.is(el, controls) || dom.hasAttr(el, "onclick") || lib.looksClickable(cx, el);

  // --- crosses -------------------------------------------------------------------------------------

  const cornerReach = 44;
  const crossSide = 64;
  /** Small, and at the top right corner of the box, or of the view that a whole dialog fills. */
  const atCorner = (box, corners) => {
    const side = Math.max(box.r - box.l, box.b - box.t);
    if (side < 8 || side > crossSide) return false;
    const [x, y] = [(box.l + box.r) / 2, (box.t + box.b) / 2];
    return corners.some((one) => Math.abs(one.r - x) <= cornerReach && Math.abs(one.t - y) <= cornerReach);
  };
  const fileOf = (el) => {
    const raw = dom.attr(el, "src") || (/url\(["']?([^"')]*)/.exec(dom.attr(el, "style")) || ["", ""])[1];
    const last = raw.split(/[?#]/)[0].split("/").pop() || "";
    return raw.startsWith("data:") ? "" : last.replace(/\.\w+$/, "");
  };
  /** What stands at the corner of a box without a word of its own is its cross. */
  const crossScore = (cx, el, labels, corners) => {
    if (!atCorner(lib.box(cx, el), corners)) return 0;
    if (crossFile.test(fileOf(el))) return 90;
    const mute = labels.every((label) => label.length <= 2 || /^(đóng|tắt|thoát|close)[^\p{L}]/u.test(label));
    const drawn = lib.hasPicture(cx, el) || labels.length > 0 || dom.is(el, "button");
    return mute && drawn && isControl(cx, el) ? 86 : 0;
  };

  // --- scores --------------------------------------------------------------------------------------

  /** From this score on, a control says that it closes what it stands in; from the other, that it says yes. */
  lib.closing = 85;
  lib.agreeing = 110;
  const scoreOf = (cx, el, corners) => {
    const labels = labelsOf(el);
    const control = dom.is(el, "button,a,[role=button],input,label") || dom.hasAttr(el, "onclick");
    const bonus = control ? 5 : 0;
    const away = leaves(el);
    if (labels.some((label) => closeWords.test(label))) return 100 + bonus - (away ? 30 : 0);
    if (away) return 0;
    if (dom.is(el, dismissing)) return 95 + bonus;
    if (closeClass.test(lib.names(el)) && (labels[0] || "").length <= 20) return 85 + bonus;
    const cross = crossScore(cx, el, labels, corners);
    if (cross) return cross;
    if (closeFile.test(fileOf(el))) return 80;
    if (labels.some((label) => laterWords.test(label))) return 70 + bonus;
    if (labels.some((label) => refuseWords.test(label))) return 30;
    const accepts = labels.some((label) => acceptWords.test(label));
    return accepts && (control || lib.looksClickable(cx, el)) ? 50 : 0;
  };
  /** How plainly a control says yes: to all, to what is asked, to a part; 0 for every other answer. */
  const yesScore = (cx, el) => {
    if (!isControl(cx, el) || leaves(el)) return 0;
    let best = 0;
    for (const label of labelsOf(el)) {
      if (!(acceptWords.test(label) || agreeWords.test(label) || saysYes.test(label))) continue;
      const score = partWords.test(label) ? 40 : allWords.test(label) ? 130 : 120;
      best = Math.max(best, score);
    }
    return best;
  };
  /** Scores of controls that answer a question for consent: yes before no, and before leaving it open. */
  const consentScore = (cx, el, corners) => yesScore(cx, el) || scoreOf(cx, el, corners);

  /** Boxes to fill in and choices to make: a chat, a newsletter or a survey, however it speaks of data. */
  const fields = lib.joined(`
      textarea,select,input:not([type]),input[type=text],input[type=email],input[type=tel],input[type=search],
      input[type=number],input[type=password],input[type=radio]`);
  lib.speaksOfData = (scope) => noticeWords.test(lib.textBelow(scope, 3000, true));
  lib.asksConsent = (scope) => lib.speaksOfData(scope) && !dom.allDeep(scope, fields, 1).length;

  // --- where to click ------------------------------------------------------------------------------

  const boxOf = (el) => {
    const box = dom.box(el);
    return { l: box.left, t: box.top, r: box.right, b: box.bottom };
  };
  /** The largest box of an element: words that run over two lines have one for each, and none around both. */
  lib.largestBox = (el) => {
    let largest = boxOf(el);
    const lines = [...dom.boxes(el)].map((one) => ({ l: one.left, t: one.top, r: one.right, b: one.bottom }));
    if (lines.length > 1) [largest] = lines.sort((one, other) => lib.area(other) - lib.area(one));
    return largest;
  };
  const hitAt = (el, x, y) => {
    const top = lib.topAt(x, y);
    return (
      Boolean(top) &&
      (dom.holds(el, top) || (dom.holds(top, el) && lib.area(boxOf(top)) < lib.area(boxOf(el)) * 4))
    );
  };
  /** The middle of what is in view of it, where it is drawn there and a mouse would hit it. */
  const spotOf = (cx, el) => {
    if (lib.fact(cx, el).hiders) return null;
    const box = lib.largestBox(el);
    const [wide, tall] = [root.innerWidth, root.innerHeight];
    if (lib.area(box) < 16 || lib.area(box) > wide * tall * 0.2) return null;
    const x = (Math.max(box.l, 0) + Math.min(box.r, wide)) / 2;
    const y = (Math.max(box.t, 0) + Math.min(box.b, tall)) / 2;
    return x < 0 || y < 0 || x >= wide || y >= tall || !hitAt(el, x, y) ? null : { x, y };
  };
  /** The control that a visitor would close a floating box with; `box` is the part of it that is drawn. */
  lib.closeIn = (cx, scope, box) => {
    const asks = lib.asksConsent(scope);
    const corners = [box, lib.box(cx, scope)];
    let best = null;
    for (const el of dom.allDeep(scope, clickable, 1500)) {
      const score = (asks ? consentScore : scoreOf)(cx, el, corners);
      if (!score || (best && score <= best.score)) continue;
      const spot = spotOf(cx, el);
      if (spot) best = { score, el, ...spot };
    }
    return (
      best && {
        selector: dom.selector(best.el),
        score: best.score,
        x: best.x,
        y: best.y,
        words: labelsOf(best.el)[0] || lib.cut(lib.names(best.el), 60) || lib.cut(fileOf(best.el), 60),
      }
    );
  };
  /** Controls anywhere on the page that say yes to something, as they stand in the document. */
  lib.agreeingControls = (cx) => {
    const found = [];
    for (const el of dom.everywhere(cx, `${controls},[onclick],span,div`, 6000)) {
      if (lib.late(cx, "consent") || found.length >= 20) break;
      const text = lib.squeeze(lib.textBelow(el, 80, true));
      if (text.length <= 45 && yesScore(cx, el) >= lib.agreeing) found.push(el);
    }
    return found;
  };
})(globalThis);
