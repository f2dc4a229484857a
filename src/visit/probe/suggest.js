// What only suggests the badge: pictures by their file, link or place, and words like those of a label. None
// of it passes; a person is asked.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const foreign = /dell|vmware|rsa|tinnhiemmang|electromagnet|tuong-?thich|emcee/i;
  const hinted = (hints, text) =>
    hints.some((hint) => {
      const at = text.indexOf(hint);
      if (at < 0) return false;
      if (hint.length > 4) return true;
      return new RegExp(`(^|[^a-z0-9])${hint.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}([^a-z0-9]|$)`).test(
        text,
      );
    });
  const fileOf = (url) => {
    const path = String(url).split(/[?#]/)[0].slice(0, 600);
    return /^data:/i.test(path) ? "" : path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  };
  const wordless = (text) =>
    lib
      .pattern(
        String.raw`
        ^(|emc|logo|logo emc|emc logo|image|img|hình ảnh|ảnh|banner|icon|picture|untitled|null|
        undefined|[\w-]+\.(png|jpe?g|gif|svg|webp))$`,
      )
      .test(lib.fold(text));
  lib.suggestedPictures = (cx, emc, found) => {
    const hints = (emc.badge_hints || []).map((hint) => hint.toLowerCase()).filter(Boolean);
    const hosts = (emc.hosts || []).map((host) => host.toLowerCase());
    for (const el of dom.everywhere(cx, "img,input[type=image],object[data],embed[src],image", 6000)) {
      const source = ["src", "data-src", "data-original", "data-lazy-src", "data", "href", "xlink:href"]
        .map((name) => dom.attr(el, name))
        .filter(Boolean)
        .join(" ");
      const said = [dom.attr(el, "alt"), dom.attr(el, "title"), dom.attr(el, "aria-label")];
      suggest(cx, hints, hosts, found, el, source, said);
      if (found.length > 200) return;
    }
    for (const el of dom.everywhere(
      cx,
      hints
        .slice(0, 8)
        .flatMap((hint) => [
          `[id*="${CSS.escape(hint)}" i]`,
          `[class*="${CSS.escape(hint)}" i]`,
          `[style*="${CSS.escape(hint)}" i]`,
        ])
        .join(","),
      300,
    )) {
      if (lib.isSkipped(el) || dom.tag(el) === "img") continue;
      const background = lib.fact(cx, el).style.backgroundImage;
      const url = /url\("?([^")]*)/.exec(background);
      if (url && !dom.textContent(el).trim())
        suggest(cx, hints, hosts, found, el, url[1], [dom.attr(el, "title"), dom.attr(el, "aria-label")]);
    }
  };
  /** A host of the state that has "emc" for a name of its own: `emc.gov.vn`. */
  const ofEmc = (link) => /^(https?:)?\/\/([a-z0-9-]+\.)*emc\.([a-z0-9-]+\.)*gov\.vn([/:?#]|$)/.test(link);
  /** Other words that a picture of the badge may be described by. */
  const described = lib.pattern(
    String.raw`
        ^(nhãn|đã|da|được|kết nối|ket noi|với|hệ thống|he thong|emc|giám sát|giam sat|đo lường|chính phủ số|
        chinh phu so|trung tâm|quốc gia|về|logo|biểu tượng|icon|banner|mức độ cung cấp và sử dụng dịch vụ| )+$`,
    "u",
  );
  const fits = (text) => wordless(text) || described.test(lib.foldLabel(text));
  const suggest = (cx, hints, hosts, found, el, source, said) => {
    const around = dom.closest(el, "a[href]");
    const link = around ? dom.attr(around, "href").toLowerCase() : "";
    const near = lib.names(el) + " " + lib.names(dom.above(el) || el);
    const texts = [...said, around ? dom.attr(around, "title") : ""].filter(Boolean);
    if (foreign.test(`${source} ${link} ${near} ${texts.join(" ")}`)) return;
    const file = fileOf(source.split(" ")[0]) || fileOf(source.split(" ")[1] || "");
    const toEmc =
      ofEmc(link) ||
      hosts.some((host) => link.includes(host)) ||
      hints.some((hint) => hint.includes(".") && link.includes(hint));
    const ofHost = hosts.some((host) => source.toLowerCase().includes(host));
    // A name that says "connected to EMC" is not doubted because of how the picture is described.
    const telling = hints.filter((hint) => hint.length > 4 && !hint.includes("."));
    const strong = toEmc || ofHost || hinted(telling, file) || hinted(telling, link);
    const byName = hinted(hints, file) || ofHost;
    const byPlace = hinted(hints, near.toLowerCase());
    if (!toEmc && !byName && !byPlace && !strong) return;
    const other = texts.filter((text) => !fits(text)).join(" ");
    if (other && (!strong || other.length > 90)) return;
    const box = lib.drawnBox(cx, el);
    if (box.r - box.l > 500 || box.b - box.t > 260) return;
    found.push({
      el: around && lib.tightLength(around) <= 4 ? lib.outermost(cx, el) : el,
      kind: "suggested",
      words: lib.cut(file || link || near, 200),
      extra: other.length,
      start: el,
    });
  };

  // --- words that are not among those of the settings ----------------------------------------------

  const sayingMax = 160;
  const connects = /(k[eế]t n[oố]i|li[eê]n th[oô]ng|connected)/u;
  /** A short text that names the system and speaks of a connection. */
  const suggests = (name, words, text) => {
    if (!text || text.length > sayingMax * 3) return false;
    const folded = lib.foldLabel(text);
    return folded.length <= sayingMax && name.test(folded) && connects.test(folded) && !lib.wordsIn(words, text);
  };
  const saying = (el, text) => ({ el, kind: "suggested", words: lib.cut(text, 200), extra: 0, start: el, saying: true });
  /** Words like those of a badge: what they mean is for a person to say. */
  lib.suggestedWords = (cx, emc, words, found) => {
    const short = (emc.badge_hints || []).find((hint) => /^[a-z0-9]{3,}$/i.test(hint));
    if (!short) return;
    const name = new RegExp(`(^|[^a-z0-9])${short.toLowerCase()}([^a-z0-9]|$)`);
    const rough = new RegExp(short, "i");
    let nodes = 0;
    for (const scope of dom.roots(cx)) {
      const walker = Document.prototype.createTreeWalker.call(dom.doc, scope, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node && found.length < 60; node = walker.nextNode()) {
        nodes += 1;
        if (nodes > 200000) break;
        if (node.data.length > 1000 || !rough.test(node.data)) continue;
        let at = dom.parentNode(node);
        for (let steps = 0; at && dom.nodeType(at) === 1 && steps < 4 && !lib.isSkipped(at); steps += 1) {
          const text = lib.squeeze(lib.textBelow(at, 600, true));
          if (text.length > sayingMax || lib.wordsIn(words, text)) break;
          if (suggests(name, words, text)) {
            found.push(saying(lib.outermost(cx, at), text));
            break;
          }
          at = dom.above(at);
        }
      }
    }
    const given = ["alt", "title", "aria-label"];
    const selector = given.map((one) => `[${one}*="${CSS.escape(short)}" i]`).join(",");
    for (const el of dom.everywhere(cx, selector, 300)) {
      const picture = dom.tag(el) === "area" ? lib.pictureOfArea(el) : el;
      if (!picture || lib.isSkipped(el) || !lib.hasPicture(cx, picture)) continue;
      const text = given.map((one) => dom.attr(el, one)).find((one) => suggests(name, words, one));
      if (text && found.length < 60) found.push(saying(picture, text));
    }
  };
})(globalThis);
