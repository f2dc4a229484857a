// EMC code in the live document: scripts that run, scripts that cannot, comments, and text that only looks
// like code. What a script merely says in its own comments does not count as running.
(function (root) {
  "use strict";
  const { lib } = root.__emcAudit;
  const { dom } = lib;

  const snippetsMax = 30;
  const textMax = 4000;
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  /** Tests for EMC's hosts, script name and queue. */
  const marks = (cx, emc) => {
    if (cx.marks) return cx.marks;
    const file =
      String(emc.script_url || "")
        .split(/[?#]/)[0]
        .split("/")
        .pop() || "";
    const stem = file.replace(/(\.min)?\.js$/i, "");
    const words = [...(emc.hosts || []), ...(stem.length > 5 ? [stem] : [])].map(escaped);
    const queue = emc.queue ? [`(?<![\\w$])${escaped(emc.queue)}(?![\\w$])`] : [];
    const hosts = (emc.hosts || []).map((host) => host.toLowerCase());
    cx.marks = { text: new RegExp([...words, ...queue].join("|") || "(?!)", "i"), hosts };
    return cx.marks;
  };
  const excerpt = (marks, text) => {
    if (text.length <= textMax) return text;
    const first = text.search(marks.text);
    const from = Math.max(0, first - 1200);
    return text.slice(from, from + textMax);
  };

  // --- the script's own comments -------------------------------------------------------------------

  const regexMayFollow =
    /[=(,;:!&|?{}[+\-*%<>~^]$|(^|[^\w$.])(return|typeof|case|in|of|delete|void|throw|new|else|do)$/;
  const stringEnd = (code, from, quote) => {
    let at = from + 1;
    for (; at < code.length; at += 1) {
      if (code[at] === "\\") at += 1;
      else if (code[at] === quote) return at + 1;
      else if (code[at] === "\n" && quote !== "`") return at;
    }
    return at;
  };
  const regexEnd = (code, from) => {
    let inClass = false;
    for (let at = from + 1; at < code.length && code[at] !== "\n"; at += 1) {
      if (code[at] === "\\") at += 1;
      else if (code[at] === "[") inClass = true;
      else if (code[at] === "]") inClass = false;
      else if (code[at] === "/" && !inClass) return at + 1;
    }
    return from + 1;
  };
  const lineEnd = (code, from) => {
    const found = code.slice(from).search(/[\n\r\u2028\u2029]/);
    return found < 0 ? code.length : from + found;
  };
  /** Code without its comments; strings, templates and (roughly) regular expressions are kept. */
  lib.withoutComments = (source) => {
    const code = source.slice(0, 600000);
    let out = "";
    let from = 0;
    let at = 0;
    const drop = (until) => {
      out += code.slice(from, at) + " ";
      at = from = until;
    };
    while (at < code.length) {
      const c = code[at];
      if (c === '"' || c === "'" || c === "`") at = stringEnd(code, at, c);
      else if (c === "/" && code[at + 1] === "/") drop(lineEnd(code, at));
      else if (c === "/" && code[at + 1] === "*") {
        const end = code.indexOf("*/", at + 2);
        drop(end < 0 ? code.length : end + 2);
      } else if (c === "<" && code.startsWith("<!--", at)) drop(lineEnd(code, at));
      else if (
        c === "-" &&
        code.startsWith("-->", at) &&
        /(^|[\n\r])\s*$/.test(code.slice(Math.max(0, at - 200), at))
      )
        drop(lineEnd(code, at));
      else if (c === "/") {
        const before = (out.slice(-40) + code.slice(Math.max(from, at - 40), at)).trimEnd();
        at = before === "" || regexMayFollow.test(before) ? regexEnd(code, at) : at + 1;
      } else at += 1;
    }
    return out + code.slice(from);
  };

  // --- places --------------------------------------------------------------------------------------

  const push = (cx, found, place, text, more) => {
    if (found.length >= snippetsMax) {
      cx.truncated.add("snippets");
      return;
    }
    found.push({ place, src: null, script_type: null, text, line: null, ...more });
  };
  const srcOf = (script) => {
    const raw = dom.attr(script, "src") || dom.attr(script, "href") || dom.attr(script, "xlink:href");
    return raw.trim() ? lib.resolve(raw) || raw.slice(0, 2000) : null;
  };
  const fromScripts = (cx, marks, found, scripts, inert) => {
    for (const script of scripts) {
      const src = srcOf(script);
      const text = dom.textContent(script).slice(0, 3000000);
      const bySrc = src !== null && marks.text.test(src);
      const byText = marks.text.test(text);
      if (!bySrc && !byText) continue;
      const type = dom.hasAttr(script, "type") ? lib.cut(dom.attr(script, "type"), 120) : null;
      let place = inert || (lib.runs(script) ? "live" : "inert_type");
      // A script with a source never runs its own text.
      if (place === "live" && src !== null && !bySrc) place = "inert_element";
      if (place === "live" && src === null && !marks.text.test(lib.withoutComments(text)))
        place = "script_comment";
      push(cx, found, place, excerpt(marks, text), { src, script_type: type });
    }
  };
  const fromComments = (cx, marks, found) => {
    let seen = 0;
    for (const scope of dom.roots(cx)) {
      const walker = Document.prototype.createTreeWalker.call(
        dom.doc,
        scope,
        NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_CDATA_SECTION | NodeFilter.SHOW_PROCESSING_INSTRUCTION,
      );
      for (let node = walker.nextNode(); node && seen < 20000; node = walker.nextNode(), seen += 1) {
        if (!marks.text.test(node.data)) continue;
        const text = excerpt(marks, node.data);
        const src = /<script[^>]*\ssrc\s*=\s*["']?([^"'\s>]+)/i.exec(text);
        push(cx, found, "html_comment", text, { src: src ? lib.resolve(src[1]) : null });
      }
    }
  };
  const fromInert = (cx, marks, found) => {
    for (const el of dom.everywhere(
      cx,
      "noscript,textarea,iframe,noframes,xmp,noembed,plaintext,pre,code",
      3000,
    )) {
      const name = dom.tag(el);
      const text =
        name === "iframe" ? `${dom.attr(el, "srcdoc")} ${dom.textContent(el)}` : dom.textContent(el);
      if (!marks.text.test(text)) continue;
      if ((name === "pre" || name === "code") && dom.closest(el, "textarea,noscript")) continue;
      push(cx, found, "inert_element", excerpt(marks, text), { script_type: name });
    }
    for (const el of dom.everywhere(cx, "template", 500)) {
      const content = el instanceof HTMLTemplateElement ? el.content : null;
      if (!content) continue;
      const scripts = dom.all(content, "script");
      fromScripts(cx, marks, found, scripts, "inert_element");
      const text = dom.textContent(content);
      if (!scripts.length && marks.text.test(text))
        push(cx, found, "inert_element", excerpt(marks, text), { script_type: "template" });
    }
  };
  const printed = /<script|\.push\s*\(|setSiteId|createElement/i;
  const fromText = (cx, marks, found) => {
    const { els, texts } = lib.survey(cx);
    for (let at = 0; at < els.length && found.length < snippetsMax; at += 1) {
      if (
        !texts[at] ||
        !marks.text.test(texts[at]) ||
        !printed.test(texts[at]) ||
        /^(pre|code)$/.test(dom.tag(els[at]))
      )
        continue;
      push(cx, found, "inert_element", excerpt(marks, texts[at]), { script_type: dom.tag(els[at]) });
    }
  };
  const fromHandlers = (cx, marks, found) => {
    for (const el of dom.everywhere(cx, "[onload],[onerror],[onpageshow]", 400)) {
      for (const name of ["onload", "onerror", "onpageshow"]) {
        const code = dom.attr(el, name);
        if (code && marks.text.test(code))
          push(cx, found, "live", excerpt(marks, code), { script_type: name });
      }
    }
  };

  /** `CodeFacts` of this document, without the queue. */
  lib.code = (cx, emc) => {
    const tests = marks(cx, emc);
    const found = [];
    lib.part(cx, "code: scripts", null, () =>
      fromScripts(cx, tests, found, dom.everywhere(cx, "script", 3000), null),
    );
    lib.part(cx, "code: comments", null, () => fromComments(cx, tests, found));
    lib.part(cx, "code: inert", null, () => fromInert(cx, tests, found));
    lib.part(cx, "code: text", null, () => fromText(cx, tests, found));
    lib.part(cx, "code: handlers", null, () => fromHandlers(cx, tests, found));
    return { snippets: found, queue: null };
  };
  /** Whether live EMC code stands in the document: the cheap question while settling. */
  lib.hasLiveCode = (cx, emc) => {
    const tests = marks(cx, emc);
    for (const script of dom.all(dom.doc, "script")) {
      const src = srcOf(script);
      if (src !== null ? tests.text.test(src) : tests.text.test(dom.textContent(script))) {
        if (
          lib.runs(script) &&
          (src !== null || tests.text.test(lib.withoutComments(dom.textContent(script))))
        )
          return true;
      }
    }
    return false;
  };
})(globalThis);
