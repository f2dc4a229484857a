// Every way from this page to another address, with its form and its visibility.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const scanMax = 12000;
  const reachMax = 5000;
  const menuBlocks = lib.joined(`
      nav,[role=navigation],[role=menu],[role=menubar],menu,[class*=menu i],[id*=menu i],
      [class*=dropdown i],[class*=navbar i],[class*=nav-],[class~=nav],[id=nav]`);

  /** Whether it stands in a menu; asked once per element above. */
  const inMenu = (cx, el) => {
    const known = (cx.inMenu = cx.inMenu || new Map());
    const climbed = [];
    let found = false;
    for (let at = el; at; at = dom.above(at)) {
      if (known.has(at)) {
        found = known.get(at);
        break;
      }
      climbed.push(at);
      if (dom.is(at, menuBlocks)) {
        found = true;
        break;
      }
    }
    for (const at of climbed) known.set(at, found);
    return found;
  };

  /** What a visitor reads on a link: its text, else what its pictures and titles say. */
  const textOf = (el) => {
    const own = lib.cut(dom.textContent(el).slice(0, 1200), 160);
    if (own) return own;
    const image = dom.all(el, "img[alt],area[alt],input[alt]")[0];
    const said =
      (image && dom.attr(image, "alt")) ||
      dom.attr(el, "title") ||
      dom.attr(el, "xlink:title") ||
      dom.attr(el, "aria-label") ||
      dom.attr(el, "alt") ||
      dom.attr(el, "value");
    const titled = said || (image && dom.attr(image, "title")) || "";
    return lib.cut(titled, 160);
  };
  const hrefOf = (el) => {
    const plain = dom.attr(el, "href");
    if (plain) return plain;
    return el.getAttributeNS
      ? Element.prototype.getAttributeNS.call(el, "http://www.w3.org/1999/xlink", "href") || ""
      : "";
  };

  const add = (found, el, url, form, more) => {
    if (found.length < scanMax * 2) found.push({ el, url, form, ...more });
  };
  /** Any call may open an address, whatever its function is called. */
  const opaqueCall = /WebForm_DoPostBack|[\w$\])]\s*\(/;
  const idle =
    /^(void\b|;|$|return\b|history\b|print\b|window\.print|close\b|window\.close|false|undefined|scroll)/i;

  const copies = /clipboard|execCommand|\bcopy|share|prompt\s*\(|alert\s*\(/i;
  const opens = /\bopen\s*\(|\blocation\b|\bhref\b|navigate|submit|click\s*\(/i;
  const fromCode = (found, el, code, form, asked) => {
    const urls = lib.openedBy(code);
    const only = copies.test(code) && !opens.test(code) ? "copied or shared, as it seems" : null;
    for (const url of urls) add(found, el, url, form, { doubt: only });
    if (urls.length || !asked) return;
    const bare = code.replace(/^\s*javascript:/i, "").trim();
    if (!idle.test(bare) && opaqueCall.test(bare))
      add(found, el, `javascript:${lib.cut(bare, 180)}`, "opaque", {});
  };
  const fromAnchor = (cx, found, el) => {
    const raw = hrefOf(el).trim();
    const code = dom.attr(el, "onclick") || dom.attr(el, "onmousedown");
    if (code)
      fromCode(found, el, code, "onclick", raw === "" || raw.startsWith("#") || /^javascript:/i.test(raw));
    if (/^javascript:/i.test(raw)) {
      let script = raw;
      try {
        script = decodeURIComponent(raw);
      } catch {
        // Left as written.
      }
      fromCode(found, el, script, "onclick", true);
      return;
    }
    if (raw.startsWith("#")) return;
    if (!raw && !dom.hasAttr(el, "href")) return;
    const url = lib.resolve(raw || lib.here());
    if (!url) return;
    add(found, el, url, dom.tag(el) === "area" ? "map" : inMenu(cx, el) ? "menu" : "anchor", {});
  };
  const fromSelect = (cx, found, select) => {
    const code = lib.choiceCode(select);
    for (const url of lib.openedBy(code)) add(found, select, url, "select", { select });
    const prefix = /(["'`])(https?:\/\/[^"'`]*)\1\s*\+/i.exec(code);
    const doubt = lib.choiceActs(cx, select, code) ? null : "nothing acts upon the choice";
    const mayLead = lib.choiceMayLead(cx, select, code);
    let count = 0;
    for (const option of dom.all(select, "option")) {
      count += 1;
      if (count > 600) {
        cx.truncated.add("options");
        break;
      }
      const own = dom.attr(option, "onclick");
      for (const url of lib.openedBy(own)) add(found, option, url, "select", { select });
      const values = ["value", "data-url", "data-href", "data-link"].map((name) =>
        dom.attr(option, name).trim(),
      );
      const written = values.find((value) => value && lib.isAddress(value));
      if (written) {
        const bare = lib.isBareHost(written);
        const url = lib.resolve(bare && prefix ? prefix[2] + written : written);
        const more = { select, doubt: own ? null : doubt };
        if (bare && !prefix) more.targets = [`https://${written}`].map(lib.resolve).filter(Boolean);
        if (url) add(found, option, url, "select", more);
      } else if (mayLead && values[0] && !/^(-?0*|-1|#.*)$/.test(values[0])) {
        add(found, option, `opaque:${lib.cut(values[0], 60)}`, "opaque", { select });
      }
    }
  };
  /** Addresses that a field offers while one types. */
  const fromDatalists = (cx, found) => {
    for (const input of dom.everywhere(cx, "input[list]", 50)) {
      const list = dom.all(dom.rootNode(input), `datalist#${CSS.escape(dom.attr(input, "list"))}`)[0];
      const doubt = lib.choiceActs(cx, input, lib.choiceCode(input)) ? null : "nothing acts upon the choice";
      for (const option of [...(list ? dom.all(list, "option") : [])].slice(0, 600)) {
        const value = dom.attr(option, "value").trim();
        const url = lib.isAddress(value) && lib.resolve(lib.isBareHost(value) ? `https://${value}` : value);
        if (url) add(found, option, url, "select", { select: input, doubt });
      }
    }
  };
  const fromForm = (found, form) => {
    const method = dom.attr(form, "method").trim().toLowerCase();
    const action = dom.attr(form, "action").trim();
    if ((method && method !== "get") || !action || /^(javascript|mailto):/i.test(action)) return;
    // A search of another site is no way to its home.
    if (lib.isFilledIn(form)) return;
    const url = lib.resolve(action);
    if (url && lib.hostOf(url) !== root.location.host) add(found, form, url, "form", {});
  };
  const widgets = "[class*='fb-'],[class*='zalo-'],[class*='twitter-'],[class*='addthis'],[class*='share' i]";
  const fromData = (found, el) => {
    // Buttons of social networks name the page that they are about.
    if (dom.closest(el, widgets)) return;
    for (const name of ["data-href", "data-url", "data-link", "formaction"]) {
      const value = dom.attr(el, name).trim();
      if (!value || value.startsWith("#")) continue;
      const absolute = /^(https?:)?\/\/[^\s/]/i.test(value) || lib.isBareHost(value);
      if (!absolute && !(name !== "data-url" && lib.isAddress(value))) continue;
      const url = lib.resolve(lib.isBareHost(value) ? `https://${value}` : value);
      if (url) add(found, el, url, "data", {});
    }
  };

  const writes = /innerHTML|insertAdjacent|createElement|append|\.html\s*\(|\bopen\s*\(|\blocation\b/;
  const quotedAddress = /(["'`])(https?:\/\/[^"'`\s<>]{4,300})\1/gi;
  /** Addresses of other hosts in scripts that write or open something: a list that is filled on a click. */
  const fromScripts = (cx, found) => {
    const seen = new Set();
    for (const text of cx.scripts.texts) {
      if (!writes.test(text)) continue;
      for (const hit of text.replace(/\\\//g, "/").matchAll(quotedAddress)) {
        const url = lib.resolve(hit[2]);
        if (!url || seen.has(url) || lib.hostOf(url) === root.location.host) continue;
        seen.add(url);
        add(found, null, url, "script", {});
        if (seen.size >= 300) return;
      }
    }
  };

  const gather = (cx) => {
    const found = [];
    for (const el of dom.everywhere(cx, "a,area[href]", scanMax)) fromAnchor(cx, found, el);
    for (const el of dom.everywhere(cx, "select", 200)) fromSelect(cx, found, el);
    for (const el of dom.everywhere(cx, "[onclick],[onmousedown],[ondblclick]", 5000)) {
      const name = dom.tag(el);
      if (name === "a" || name === "area" || name === "option" || name === "select") continue;
      const code = dom.attr(el, "onclick") || dom.attr(el, "onmousedown") || dom.attr(el, "ondblclick");
      fromCode(found, el, code, "onclick", true);
    }
    lib.opaqueControls(cx, (el, name) => add(found, el, name, "opaque", {}));
    fromDatalists(cx, found);
    fromScripts(cx, found);
    for (const el of dom.everywhere(cx, "form[action]", 200)) fromForm(found, el);
    for (const el of dom.everywhere(cx, "[data-href],[data-url],[data-link],button[formaction]", 5000)) {
      if (dom.tag(el) !== "option") fromData(found, el);
    }
    return found;
  };

  const rank = { hidden: 0, unclear: 1, openable: 2, shown: 3 };
  const reachOf = (cx, entry) => {
    if (dom.tag(entry.el) === "area") return lib.reachArea(cx, entry.el);
    if (!entry.select) return lib.reach(cx, entry.el);
    const of = lib.reachSelect(cx, entry.select);
    const shut =
      dom.tag(entry.el) === "option" &&
      (dom.hasAttr(entry.el, "disabled") || dom.hasAttr(entry.el, "hidden"));
    const off = dom.hasAttr(entry.select, "disabled");
    if ((shut || off) && rank[of.visibility] > 0)
      return { visibility: "hidden", reason: "disabled", rect: of.rect };
    return of;
  };
  const textFor = (entry) => {
    if (dom.tag(entry.el) === "select" || dom.tag(entry.el) === "form") {
      const said = dom.attr(entry.el, "title") || dom.attr(entry.el, "aria-label");
      const button = dom.tag(entry.el) === "form" && dom.all(entry.el, "button,input[type=submit],input[type=image]")[0];
      return lib.cut(said || (button ? textOf(button) : ""), 160);
    }
    const text = textOf(entry.el) || lib.cut(dom.attr(entry.el, "label"), 160);
    if (text || !dom.is(entry.el, "svg *")) return text;
    const title = dom.all(entry.el, "title")[0];
    return title ? lib.cut(dom.textContent(title), 160) : dom.attr(entry.el, "aria-label");
  };
  const inScript = { visibility: "unclear", reason: "written in a script", rect: null };
  const build = (cx, entry) => {
    if (!entry.el) return { url: entry.url, text: "", form: entry.form, ...inScript, targets: [] };
    let at = lib.late(cx, "links")
      ? { visibility: "unclear", reason: "not looked at: time", rect: null }
      : lib.part(cx, "reach", { visibility: "unclear", reason: "not looked at", rect: null }, () =>
          reachOf(cx, entry),
        );
    if (entry.doubt && rank[at.visibility] > rank.unclear)
      at = { ...at, visibility: "unclear", reason: entry.doubt };
    return {
      url: entry.url,
      text: textFor(entry),
      form: entry.form,
      visibility: at.visibility,
      reason: at.reason,
      rect: at.rect,
      new_window: /^_?(blank|new)$/i.test(dom.attr(entry.el, "target").trim()),
      targets: entry.targets || (entry.form === "opaque" ? [] : lib.targetsIn(entry.url)),
    };
  };

  /** Links of this document, one for each address and form with its best visibility. */
  lib.links = (cx, emc, max) => {
    lib.scripts(cx, emc);
    const host = root.location.host;
    const all = gather(cx);
    const foreign = (entry) => entry.form === "opaque" || lib.hostOf(entry.url) !== host;
    const ordered =
      all.length > reachMax ? [...all.filter(foreign), ...all.filter((entry) => !foreign(entry))] : all;
    if (ordered.length > reachMax) cx.truncated.add("links");
    const best = new Map();
    for (const entry of ordered.slice(0, reachMax)) {
      const key =
        entry.form === "opaque"
          ? `${entry.form} ${entry.url} ${textFor(entry)}`
          : `${entry.form} ${entry.url}`;
      const before = best.get(key);
      if (before && before.visibility === "shown" && before.text) continue;
      const link = build(cx, entry);
      const better =
        !before ||
        rank[link.visibility] > rank[before.visibility] ||
        (rank[link.visibility] === rank[before.visibility] && !before.text && link.text);
      if (better) best.set(key, link);
    }
    const kept = [...best.values()];
    if (kept.length <= max) return kept;
    cx.truncated.add("links");
    const away = kept.filter((link) => link.form === "opaque" || lib.hostOf(link.url) !== host);
    const near = kept.filter((link) => link.form !== "opaque" && lib.hostOf(link.url) === host);
    return [...away, ...near].slice(0, max);
  };
  lib.linkText = textOf;

  /** Addresses of a page that is only looked up, hidden ones too. */
  lib.expose("addresses", ({ max }) => {
    const cx = lib.context(3000);
    lib.scripts(cx, {});
    const urls = gather(cx).filter((entry) => entry.form !== "opaque").map((entry) => entry.url);
    return [...new Set(urls)].slice(0, max);
  });
})(globalThis);
