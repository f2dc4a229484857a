// Addresses as a page writes them: in attributes, in code, and inside other addresses.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const urlMax = 2000;
  const baseOf = Object.getOwnPropertyDescriptor(Node.prototype, "baseURI").get;
  lib.base = () => baseOf.call(dom.doc);
  lib.here = () => root.location.href;

  /** Resolved as the browser would, or null for anything but http and https. */
  lib.resolve = (text) => {
    const raw = String(text).trim();
    if (!raw || raw.length > urlMax * 4) return null;
    try {
      const url = new URL(raw, lib.base());
      return url.protocol === "http:" || url.protocol === "https:" ? url.href.slice(0, urlMax) : null;
    } catch {
      return null;
    }
  };
  lib.hostOf = (url) => {
    try {
      return new URL(url).host;
    } catch {
      return "";
    }
  };

  const bareHost =
    /^(?:www\.)?(?:[a-z0-9-]+\.)+(?:vn|com|net|org|info|edu|gov|asia|xyz)(?::\d+)?(?:[/?#]\S*)?$/i;
  lib.isBareHost = (text) => bareHost.test(text) && !/\.(html?|aspx?|php|jsp)$/i.test(text.split(/[/?#]/)[0]);
  /** Whether a value reads as an address of its own: with a scheme, `//host`, a path, or a bare host. */
  lib.isAddress = (text) =>
    /^(https?:)?\/\/[^\s/]/i.test(text) ||
    /^\/[^/\s]/.test(text) ||
    lib.isBareHost(text) ||
    /^\.{0,2}\/?[\w./-]+\.(aspx?|html?|php|jsp|htm)(\?\S*)?$/i.test(text);

  const unescaped = (text) =>
    text
      .replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
      .replace(/\\x([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
      .replace(/\\\//g, "/");
  const opening = [
    /(?:window\s*\.\s*|self\s*\.\s*|top\s*\.\s*)?\bopen\s*\(\s*(["'`])([^"'`]{1,2000})\1/gi,
    /\blocation(?:\s*\.\s*href)?\s*=\s*(["'`])([^"'`]{1,2000})\1/gi,
    /\blocation\s*\.\s*(?:assign|replace)\s*\(\s*(["'`])([^"'`]{1,2000})\1/gi,
  ];
  /** Literal addresses that code opens: those of `open` and `location`, and any other absolute literal. */
  lib.openedBy = (code) => {
    const text = unescaped(String(code).slice(0, 8000));
    const found = new Set();
    for (const pattern of opening) {
      for (const hit of text.matchAll(pattern)) {
        const url = /^\s*(#|javascript:|about:)/i.test(hit[2]) ? null : lib.resolve(hit[2]);
        if (url && found.size < 20) found.add(url);
      }
    }
    for (const hit of text.matchAll(/(["'`])((?:https?:)?\/\/[^"'`\s]{4,2000})\1/gi)) {
      const url = lib.resolve(hit[2]);
      if (url && found.size < 20) found.add(url);
    }
    return [...found];
  };

  const decode = (text) => {
    let out = text;
    for (let round = 0; round < 2 && /%[0-9a-f]{2}/i.test(out); round += 1) {
      try {
        out = decodeURIComponent(out);
      } catch {
        break;
      }
    }
    return out;
  };
  const fromBase64 = (text) => {
    if (text.length < 16 || text.length > 2000 || !/^[\w+/=-]+$/.test(text)) return "";
    try {
      return atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    } catch {
      return "";
    }
  };
  const telling = lib.pattern(
    String.raw`
        ^(url|link|u|to|target|dest|destination|redirect|redirect_?ur[il]|return_?url|goto|go|out|site|
        href|web|website)$`,
    "i",
  );
  const sharing = lib.pattern(
    String.raw`
        (^|\.)(facebook|twitter|x|zalo|linkedin|pinterest|telegram|google|youtube|w3|skype|reddit|
        tumblr|addtoany|addthis|sharethis|whatsapp|line|archive)\.(com|me|org|vn|net)$`,
    "i",
  );
  /**
   * Absolute addresses inside an address, for redirectors: in its query or its path, at most 5. Links that
   * share a page on social networks lead to those. */
  lib.targetsIn = (url) => {
    const found = new Set();
    const take = (text, key) => {
      const plain = text.trim();
      const absolute = /^(https?:)?\/\/[^\s/]+\.[^\s]+/i.test(plain)
        ? plain
        : telling.test(key) && lib.isBareHost(plain)
          ? `https://${plain}`
          : null;
      const made = absolute && lib.resolve(absolute);
      if (made && found.size < 5) found.add(made.slice(0, 500));
    };
    try {
      const parsed = new URL(url);
      if (sharing.test(parsed.hostname)) return [];
      if (!parsed.search && !/https?(:|%3a)|base64|[\w-]{16}/i.test(parsed.pathname)) return [];
      let count = 0;
      for (const [key, value] of parsed.searchParams) {
        count += 1;
        if (count > 30) break;
        const text = decode(value.slice(0, 2000));
        take(text, key);
        take(fromBase64(text), key);
      }
      const query = decode(parsed.search.slice(1));
      if (/^https?:\/\//i.test(query)) take(query, "url");
      const path = decode(parsed.pathname.slice(0, 3000));
      const inside = /\/(https?:\/\/?[^\s]+)/i.exec(path);
      if (inside) take(inside[1].replace(/^(https?:\/)(?!\/)/i, "$1/"), "url");
      for (const piece of parsed.pathname.split("/").slice(0, 12)) take(fromBase64(piece), "path");
    } catch {
      return [];
    }
    return [...found];
  };
})(globalThis);
